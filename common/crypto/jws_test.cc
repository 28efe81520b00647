#include "common/crypto/jws.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/hash.h"
#include "common/crypto/strict_json.h"

namespace keyward::crypto {
namespace {

constexpr absl::string_view kPayload = R"({"sub":"someone","aud":"key_vault"})";

class JwsTest : public testing::Test {
 protected:
  // A JWS with a good signature over any header and payload.
  std::string Forge(absl::string_view header, absl::string_view payload) const {
    std::string jws =
        absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(payload));
    return absl::StrCat(jws, ".", absl::WebSafeBase64Escape(*key_.Sign(Sha256(jws))));
  }

  absl::Status Verify(absl::string_view jws, absl::string_view type = kTokenType) const {
    return VerifyJws(jws, type,
                     [this](absl::string_view key_id) -> absl::StatusOr<EcPublicKey> {
                       if (key_id != "key-1") return absl::UnavailableError("no such key");
                       return key_.public_key();
                     })
        .status();
  }

  EcPrivateKey key_ = EcPrivateKey::Generate(EcCurve::kP256);
};

TEST_F(JwsTest, VerifiesWhatWasSigned) {
  const auto jws = SignJws(key_, "key-1", kTokenType, kPayload);
  ASSERT_TRUE(jws.ok());
  const auto verified = VerifyJws(
      *jws, kTokenType,
      [this](absl::string_view) -> absl::StatusOr<EcPublicKey> { return key_.public_key(); });
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->key_id, "key-1");
  EXPECT_EQ(verified->payload, kPayload);
}

TEST_F(JwsTest, TheHeaderIsWhatOthersExpect) {
  const std::string jws = *SignJws(key_, "key-1", kReceiptType, kPayload);
  std::string header;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(jws.substr(0, jws.find('.')), &header));
  const auto members = ParseStrictJsonObject(header);
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(members->at("alg"), "ES256");
  EXPECT_EQ(members->at("kid"), "key-1");
  EXPECT_EQ(members->at("typ"), "keyward-receipt+jwt");
}

// RFC 7515, appendix A.3: its key and signing input verify here; its header, which has only alg,
// does not pass.
TEST(JwsExampleTest, TheSignatureOfTheRfcVerifies) {
  const auto decode = [](absl::string_view text) {
    std::string bytes;
    EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &bytes));
    return bytes;
  };
  const auto key = EcPublicKey::FromCoordinates(
      EcCurve::kP256, decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
      decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  ASSERT_TRUE(key.ok());
  const std::string input =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
      "S9pc19yb290Ijp0cnVlfQ";
  const std::string signature =
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  EXPECT_TRUE(key->Verify(Sha256(input), decode(signature)).ok());
  EXPECT_FALSE(ParseJws(absl::StrCat(input, ".", signature)).ok());
}

TEST_F(JwsTest, AnotherTypeIsRefused) {
  const std::string receipt = *SignJws(key_, "key-1", kReceiptType, kPayload);
  EXPECT_TRUE(Verify(receipt, kReceiptType).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Verify(receipt, kTokenType)));
}

TEST_F(JwsTest, AnotherKeyIsRefused) {
  const std::string jws =
      *SignJws(EcPrivateKey::Generate(EcCurve::kP256), "key-1", kTokenType, kPayload);
  EXPECT_TRUE(absl::IsUnauthenticated(Verify(jws)));
}

TEST_F(JwsTest, TheErrorOfTheKeyFinderComesBack) {
  const std::string jws = *SignJws(key_, "key-2", kTokenType, kPayload);
  EXPECT_EQ(Verify(jws), absl::UnavailableError("no such key"));
}

TEST_F(JwsTest, EveryFlippedBitIsRefused) {
  const std::string jws = *SignJws(key_, "key-1", kTokenType, kPayload);
  ASSERT_TRUE(Verify(jws).ok());
  for (size_t bit = 0; bit < jws.size() * 8; ++bit) {
    std::string flipped = jws;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(Verify(flipped).ok()) << bit;
  }
  for (size_t size = 0; size < jws.size(); ++size) {
    EXPECT_TRUE(absl::IsUnauthenticated(Verify(jws.substr(0, size)))) << size;
  }
}

TEST_F(JwsTest, OtherHeadersAreRefused) {
  EXPECT_TRUE(Verify(Forge(R"({"typ":"JWT","alg":"ES256","kid":"key-1"})", kPayload)).ok());
  for (const char* header :
       {R"({"alg":"none","kid":"key-1","typ":"JWT"})",
        R"({"alg":"HS256","kid":"key-1","typ":"JWT"})",
        R"({"alg":"ES384","kid":"key-1","typ":"JWT"})",
        R"({"alg":"es256","kid":"key-1","typ":"JWT"})",
        R"({"alg":["ES256"],"kid":"key-1","typ":"JWT"})", R"({"kid":"key-1","typ":"JWT"})",
        R"({"alg":"ES256","typ":"JWT"})", R"({"alg":"ES256","kid":"key-1"})",
        R"({"alg":"ES256","kid":1,"typ":"JWT"})", R"({"alg":"ES256","kid":"","typ":"JWT"})",
        R"({"alg":"ES256","kid":"key-1\n","typ":"JWT"})", R"(["ES256"])", "",
        R"({"alg":"ES256","kid":"key-1","typ":"JWT","crit":["exp"]})",
        R"({"alg":"ES256","kid":"key-1","typ":"JWT","jwk":{}})",
        R"({"alg":"ES256","kid":"key-1","typ":"JWT","kid":"key-1"})",
        R"({"alg":"ES256","alg":"none","kid":"key-1","typ":"JWT"})"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(Verify(Forge(header, kPayload)))) << header;
  }
}

TEST_F(JwsTest, PayloadsThatAreNoStrictObjectsAreRefused) {
  const std::string header = R"({"alg":"ES256","kid":"key-1","typ":"JWT"})";
  for (const char* payload : {"", "1", "[]", "{", R"({"sub":"a","sub":"b"})"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(Verify(Forge(header, payload)))) << payload;
    EXPECT_TRUE(absl::IsInvalidArgument(SignJws(key_, "key-1", kTokenType, payload).status()));
  }
}

TEST_F(JwsTest, OtherSpellingsOfTheSameBytesAreRefused) {
  const std::string jws = *SignJws(key_, "key-1", kTokenType, kPayload);
  const std::vector<std::string> parts = absl::StrSplit(jws, '.');
  for (const std::string& other :
       {jws + "=", jws + "==", jws + ".", jws + " ", " " + jws, "." + jws,
        absl::StrCat(parts[0], "..", parts[2]), absl::StrCat(parts[0], ".", parts[1]),
        absl::StrCat(parts[0], "=.", parts[1], ".", parts[2]),
        absl::StrCat(parts[0], "\n.", parts[1], ".", parts[2])}) {
    EXPECT_TRUE(absl::IsUnauthenticated(Verify(other))) << other;
  }
}

TEST_F(JwsTest, SizesAreLimited) {
  const std::string big = absl::StrCat(R"({"a":")", std::string(kMaxJwsSize, 'a'), R"("})");
  EXPECT_TRUE(absl::IsInvalidArgument(SignJws(key_, "key-1", kTokenType, big).status()));
  EXPECT_TRUE(
      absl::IsUnauthenticated(Verify(Forge(R"({"alg":"ES256","kid":"key-1","typ":"JWT"})", big))));
  const std::string almost = absl::StrCat(R"({"a":")", std::string(5900, 'a'), R"("})");
  EXPECT_TRUE(Verify(*SignJws(key_, "key-1", kTokenType, almost)).ok());
}

TEST_F(JwsTest, SigningRefusesMalformedInput) {
  for (const std::string& key_id : {std::string(), std::string(129, 'k'), std::string("kéy")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(SignJws(key_, key_id, kTokenType, kPayload).status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(
      SignJws(EcPrivateKey::Generate(EcCurve::kP384), "key-1", kTokenType, kPayload).status()));
}

}  // namespace
}  // namespace keyward::crypto
