#include "common/hsm/token_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace keyward::hsm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TokenUriTest, ReadsEveryAttribute) {
  const auto uri = TokenUri::Parse(
      "pkcs11:token=The%20token;object=root?module-path=/usr/lib/m.so&pin-source=file:/etc/pin");
  ASSERT_TRUE(uri.ok()) << uri.status();
  EXPECT_EQ(uri->token, "The token");
  EXPECT_EQ(uri->object, "root");
  EXPECT_EQ(uri->module_path, "/usr/lib/m.so");
  EXPECT_EQ(uri->pin_file, "/etc/pin");
}

TEST(TokenUriTest, ObjectMayBeMissing) {
  const auto uri =
      TokenUri::Parse("pkcs11:token=t?pin-source=file:/etc/pin&module-path=/usr/lib/m.so");
  ASSERT_TRUE(uri.ok()) << uri.status();
  EXPECT_EQ(uri->object, "");
}

TEST(TokenUriTest, RefusesWhatItDoesNotKnowAndSaysWhich) {
  const std::string query = "?module-path=/m.so&pin-source=file:/pin";
  const std::pair<std::string, const char*> cases[] = {
      {"file:/root.key", "does not start"},
      {"pkcs11:object=o" + query, "token is missing"},
      {"pkcs11:" + query, "unknown"},
      {"pkcs11:token=" + query, "token is empty"},
      {"pkcs11:token=t;token=u" + query, "token stands twice"},
      {"pkcs11:token=t;serial=1" + query, "'serial' is unknown"},
      {"pkcs11:token=t;module-path=/m.so" + query, "'module-path' is unknown there"},
      {"pkcs11:token=t%2" + query, "hexadecimal"},
      {"pkcs11:token=t%zz" + query, "hexadecimal"},
      {"pkcs11:token=t%00" + query, "zero byte"},
      {"pkcs11:token=" + std::string(33, 't') + query, "32 bytes"},
      {"pkcs11:token=t", "module-path"},
      {"pkcs11:token=t?module-path=m.so&pin-source=file:/pin", "module-path"},
      {"pkcs11:token=t?module-path=/m.so", "pin-source"},
      {"pkcs11:token=t?module-path=/m.so&pin-source=|cat", "pin-source"},
  };
  for (const auto& [text, why] : cases) {
    const absl::Status status = TokenUri::Parse(text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << text;
  }
}

TEST(TokenUriTest, RefusesThePinAndDoesNotRepeatIt) {
  const absl::Status status =
      TokenUri::Parse("pkcs11:token=t?module-path=/m.so&pin-value=sesame").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("pin-source"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace keyward::hsm
