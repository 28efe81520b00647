// What is wrong with each token here, the log says and the caller is not told: all are refused with
// the same error.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/auth/authenticator.h"
#include "common/auth/principal_store.h"
#include "common/auth/testing/test_identities.h"
#include "common/auth/token_verifier.h"
#include "common/crypto/hash.h"
#include "common/crypto/hmac.h"
#include "common/crypto/jws.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::auth {
namespace {

using ::testing::HasSubstr;
using testing::TestIdentities;

constexpr char kPrincipal[] = "11111111-2222-3333-4444-555555555555";
constexpr char kHeader[] = R"({"alg":"ES256","kid":"test-key","typ":"JWT"})";

class TokenAttacksTest : public ::testing::Test {
 protected:
  TokenAttacksTest()
      : file_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(*storage::Database::Open(file_->url(), {AuthSchema()})),
        identities_(*database_, directory_, clock_),
        verifier_("key_vault", directory_, clock_),
        authenticator_("keyward.local", verifier_, [] { return absl::OkStatus(); }) {
    identities_.SetPrincipal(kPrincipal);
  }

  TokenClaims Claims() const { return identities_.Claims(kPrincipal, "key_vault"); }
  std::string Payload() const { return ClaimsToJson(Claims()); }

  Authenticator::Result Authenticate(const std::string& token) const {
    return authenticator_.Authenticate(
        {"spiffe://keyward.local/operator/alice", absl::StrCat("Bearer ", token)});
  }

  // A token of this header and payload with a good signature by the published key.
  std::string Forge(const std::string& header, const std::string& payload) const {
    return identities_.SignRaw(
        absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(payload)));
  }

  clock::FakeClock clock_;
  std::unique_ptr<storage::testing::TemporaryDatabase> file_;
  std::unique_ptr<storage::Database> database_;
  PrincipalDirectory directory_;
  TestIdentities identities_;
  TokenVerifier verifier_;
  Authenticator authenticator_;
};

struct Attack {
  std::string name;
  std::string token;
  // What the log must say.
  std::string cause;
};

std::string With(const std::string& payload, const std::string& from, const std::string& to) {
  const std::string changed = absl::StrReplaceAll(payload, {{from, to}});
  EXPECT_NE(changed, payload) << from;
  return changed;
}

TEST_F(TokenAttacksTest, AllAreRefusedAlikeAndTheLogSaysWhy) {
  const std::string good = identities_.Sign(Claims());
  ASSERT_TRUE(Authenticate(good).caller.ok());
  ASSERT_TRUE(Authenticate(Forge(kHeader, Payload())).caller.ok());
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const std::string payload = Payload();
  const std::string unsigned_part = absl::StrCat(
      absl::WebSafeBase64Escape(R"({"alg":"none","kid":"test-key","typ":"JWT"})"), ".", parts[1]);
  // The public key as the secret of an HMAC, which a verifier that lets the header choose accepts.
  const std::string hmac_part = absl::StrCat(
      absl::WebSafeBase64Escape(R"({"alg":"HS256","kid":"test-key","typ":"JWT"})"), ".", parts[1]);
  const auto spki = identities_.key().public_key().ToSpkiPem();
  const std::string hmac = absl::WebSafeBase64Escape(
      crypto::Hmac(crypto::HashAlgorithm::kSha256, crypto::SecretBytes::CopyOf(spki), hmac_part));
  const auto at = [&](void (*change)(TokenClaims&, absl::Time)) {
    TokenClaims claims = Claims();
    change(claims, clock_.Now());
    return identities_.Sign(claims);
  };
  std::string other_bits = good;  // the last digit of 64 bytes holds four bits that mean nothing
  other_bits.back() = other_bits.back() == 'A' ? 'B' : static_cast<char>(other_bits.back() + 1);
  const std::vector<Attack> attacks = {
      {"alg none, no signature", absl::StrCat(unsigned_part, "."), "not ES256"},
      {"alg none, old signature", absl::StrCat(unsigned_part, ".", parts[2]), "not ES256"},
      {"HS256 with the public key", absl::StrCat(hmac_part, ".", hmac), "not ES256"},
      {"alg in other letters", Forge(With(kHeader, "ES256", "es256"), payload), "not ES256"},
      {"alg of another curve", Forge(With(kHeader, "ES256", "ES384"), payload), "not ES256"},
      {"alg missing", Forge(R"({"kid":"test-key","typ":"JWT"})", payload), "header"},
      {"kid missing", Forge(R"({"alg":"ES256","typ":"JWT"})", payload), "header"},
      {"kid unknown", Forge(With(kHeader, "test-key", "best-key"), payload), "no signing key"},
      {"kid twice",
       Forge(With(kHeader, R"("kid":"test-key")", R"("kid":"best-key","kid":"test-key")"), payload),
       "header"},
      {"crit", Forge(With(kHeader, "}", R"(,"crit":["exp"]})"), payload), "header"},
      {"embedded key", Forge(With(kHeader, "}", R"(,"jwk":{}})"), payload), "header"},
      {"a key elsewhere", Forge(With(kHeader, "}", R"(,"jku":"https://evil.test"})"), payload),
       "header"},
      {"typ of a receipt", Forge(With(kHeader, "JWT", "keyward-receipt+jwt"), payload), "type"},
      {"another's signature",
       identities_.Sign(Claims(), crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256)),
       "signature"},
      {"altered payload",
       absl::StrCat(parts[0], ".",
                    absl::WebSafeBase64Escape(With(payload, "accounts/test", "accounts/vict")), ".",
                    parts[2]),
       "signature"},
      {"expired", at([](TokenClaims& c, absl::Time now) { c.expires = now; }), "expired"},
      {"not valid yet",
       at([](TokenClaims& c, absl::Time now) { c.not_before = now + absl::Seconds(61); }),
       "not valid before"},
      {"issued in the future",
       at([](TokenClaims& c, absl::Time now) { c.issued_at = now + absl::Seconds(61); }),
       "not valid before"},
      {"too long a life",
       at([](TokenClaims& c, absl::Time now) { c.expires = now + absl::Minutes(11); }),
       "lives longer"},
      {"wrong audience", at([](TokenClaims& c, absl::Time) { c.audience = "encryption"; }),
       "audience"},
      {"wrong issuer", at([](TokenClaims& c, absl::Time) { c.issuer = "https://evil.test"; }),
       "issuer"},
      {"audience as a list",
       Forge(kHeader, With(payload, R"("aud":"key_vault")", R"("aud":["key_vault"])")), "aud"},
      {"a claim twice", Forge(kHeader, With(payload, R"("aud":)", R"("aud":"encryption","aud":)")),
       "payload"},
      {"exp missing", Forge(kHeader, With(payload, R"("exp":)", R"("exq":)")), "exp"},
      {"nbf missing", Forge(kHeader, With(payload, R"("nbf":)", R"("nbg":)")), "nbf"},
      {"sub missing", Forge(kHeader, With(payload, R"("sub":)", R"("suc":)")), "sub"},
      {"jti missing", Forge(kHeader, With(payload, R"("jti":)", R"("jtj":)")), "jti"},
      {"payload no object", Forge(kHeader, "[]"), "payload"},
      {"payload and more", Forge(kHeader, payload + "{}"), "payload"},
      {"oversized", absl::StrCat(good, std::string(crypto::kMaxJwsSize, 'A')), "8 KiB"},
      {"oversized payload",
       Forge(kHeader, With(payload, "{", R"({"x":")" + std::string(8192, 'x') + R"(",)")), "8 KiB"},
      {"garbage after the signature", absl::StrCat(good, "!"), "base64url"},
      {"a line's end", absl::StrCat(good, "\n"), "base64url"},
      {"padded", absl::StrCat(good, "=="), "base64url"},
      {"other unused bits", other_bits, "base64url"},
      {"plain base64",
       absl::StrReplaceAll(absl::StrCat(parts[0], ".", parts[1], ".+/", parts[2]),
                           {{"-", "+"}, {"_", "/"}}),
       "base64url"},
      {"four parts", absl::StrCat(good, ".x"), "three parts"},
      {"two parts", absl::StrCat(parts[0], ".", parts[1]), "three parts"},
      {"nothing", "", "three parts"},
  };
  for (const Attack& attack : attacks) {
    SCOPED_TRACE(attack.name);
    const Authenticator::Result result = Authenticate(attack.token);
    ASSERT_FALSE(result.caller.ok());
    EXPECT_EQ(result.caller.status(), Authenticate("x").caller.status());
    EXPECT_EQ(ErrorReason(result.caller.status()), "TOKEN_INVALID");
    EXPECT_THAT(result.cause, HasSubstr(attack.cause));
    // A log that held tokens would be as good as they are.
    EXPECT_EQ(result.cause.find(parts[1]), std::string::npos);
  }
}

TEST_F(TokenAttacksTest, ASetWithAKeyIdTwiceIsRefusedAsAWhole) {
  EXPECT_EQ(identities_.TryPublishKeyTwice().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Authenticate(identities_.Sign(Claims())).caller.ok());
}

}  // namespace
}  // namespace keyward::auth
