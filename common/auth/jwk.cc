#include "common/auth/jwk.h"

#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace keyward::auth {
namespace {

absl::StatusOr<std::string> Coordinate(const std::string& encoded) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(encoded, &bytes) ||
      absl::WebSafeBase64Escape(bytes) != encoded) {
    return absl::InvalidArgumentError("JWK: a coordinate is not base64url");
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ToJwk(const crypto::EcPublicKey& key, absl::string_view key_id) {
  if (key.curve() != crypto::EcCurve::kP256) {
    return absl::InvalidArgumentError("JWK: tokens are signed on P-256 only");
  }
  const nlohmann::json jwk = {{"kty", "EC"},
                              {"crv", "P-256"},
                              {"x", absl::WebSafeBase64Escape(key.x())},
                              {"y", absl::WebSafeBase64Escape(key.y())},
                              {"kid", std::string(key_id)},
                              {"use", "sig"},
                              {"alg", "ES256"}};
  return jwk.dump();
}

absl::StatusOr<crypto::EcPublicKey> FromJwk(absl::string_view json, absl::string_view key_id) {
  KW_ASSIGN_OR_RETURN(const nlohmann::json jwk, crypto::ParseStrictJsonObject(json));
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : jwk.items()) {
    if (!value.is_string()) {
      return absl::InvalidArgumentError(absl::StrCat("JWK: '", name, "' is no string"));
    }
    members[name] = value.get<std::string>();
  }
  const std::map<std::string, std::string> expected = {{"kty", "EC"},
                                                       {"crv", "P-256"},
                                                       {"x", members["x"]},
                                                       {"y", members["y"]},
                                                       {"kid", std::string(key_id)},
                                                       {"use", "sig"},
                                                       {"alg", "ES256"}};
  if (members != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("JWK: not exactly an ES256 signing key with kid '", key_id, "'"));
  }
  KW_ASSIGN_OR_RETURN(const std::string x, Coordinate(members["x"]));
  KW_ASSIGN_OR_RETURN(const std::string y, Coordinate(members["y"]));
  return crypto::EcPublicKey::FromCoordinates(crypto::EcCurve::kP256, x, y);
}

}  // namespace keyward::auth
