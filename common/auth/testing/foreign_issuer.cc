#include "common/auth/testing/foreign_issuer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"

namespace keyward::auth::testing {
namespace {

std::string Encode(const std::string& bytes) { return absl::WebSafeBase64Escape(bytes); }

}  // namespace

ForeignIssuer::ForeignIssuer()
    : rsa_(*crypto::RsaPrivateKey::Generate(2048)),
      ec_(crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256)) {}

nlohmann::json ForeignIssuer::Jwk(const std::string& key_id) const {
  if (key_id == "rsa") {
    return {{"kty", "RSA"},
            {"kid", key_id},
            {"use", "sig"},
            {"alg", "RS256"},
            {"n", Encode(rsa_.public_key().modulus())},
            {"e", Encode(rsa_.public_key().exponent())}};
  }
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"kid", key_id},
          {"use", "sig"},
          {"alg", "ES256"},
          {"x", Encode(ec_.public_key().x())},
          {"y", Encode(ec_.public_key().y())}};
}

std::string ForeignIssuer::JwkSet() const {
  return nlohmann::json({{"keys", {Jwk("rsa"), Jwk("ec")}}}).dump();
}

nlohmann::json ForeignIssuer::Claims(const std::string& issuer, absl::Time now) {
  return {{"iss", issuer},
          {"sub", "system:serviceaccount:shop:checkout"},
          {"aud", {"keyward"}},
          {"iat", absl::ToUnixSeconds(now)},
          {"nbf", absl::ToUnixSeconds(now)},
          {"exp", absl::ToUnixSeconds(now + absl::Hours(1))}};
}

std::string ForeignIssuer::Sign(const nlohmann::json& claims, const std::string& key_id) const {
  return Sign(claims, key_id,
              {{"alg", key_id == "rsa" ? "RS256" : "ES256"}, {"kid", key_id}, {"typ", "JWT"}});
}

std::string ForeignIssuer::Sign(const nlohmann::json& claims, const std::string& key_id,
                                const nlohmann::json& header) const {
  const std::string input = absl::StrCat(Encode(header.dump()), ".", Encode(claims.dump()));
  const std::string digest = crypto::Sha256(input);
  const auto padding = header.value("alg", "") == "PS256" ? crypto::RsaSignaturePadding::kPss
                                                          : crypto::RsaSignaturePadding::kPkcs1;
  const auto signature = key_id == "rsa"
                             ? rsa_.Sign(padding, crypto::HashAlgorithm::kSha256, digest)
                             : ec_.Sign(digest);
  return absl::StrCat(input, ".", Encode(*signature));
}

}  // namespace keyward::auth::testing
