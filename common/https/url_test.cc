#include "common/https/url.h"

#include <gtest/gtest.h>

namespace keyward::https {
namespace {

TEST(UrlTest, PlainUrlsComeApart) {
  const auto plain = Url::Parse("https://idp.example.com");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->host, "idp.example.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->path, "/");
  const auto full = Url::Parse("https://10.0.0.1:6443/openid/v1/jwks");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(full->host, "10.0.0.1");
  EXPECT_EQ(full->port, 6443);
  EXPECT_EQ(full->path, "/openid/v1/jwks");
  EXPECT_FALSE(plain->SameOrigin(*full));
  EXPECT_TRUE(plain->SameOrigin(*Url::Parse("https://idp.example.com:443/keys")));
}

TEST(UrlTest, EverythingElseIsRefused) {
  for (const char* url : {"",
                          "http://idp",
                          "HTTPS://idp",
                          "https://",
                          "https:///x",
                          "https://IDP",
                          "https://a@idp",
                          "https://a:b@idp",
                          "https://idp:",
                          "https://idp:0",
                          "https://idp:65536",
                          "https://idp:+1",
                          "https://idp:01",
                          "https://idp/?q",
                          "https://idp/#f",
                          "https://idp/%2e",
                          "https://idp/../x",
                          "https://idp/a b",
                          "https://idp\r\nHost: x/",
                          "https://[::1]/",
                          "file:///etc/passwd"}) {
    EXPECT_FALSE(Url::Parse(url).ok()) << url;
  }
  EXPECT_FALSE(Url::Parse("https://idp/" + std::string(600, 'x')).ok());
}

}  // namespace
}  // namespace keyward::https
