#include "common/auth/token.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace keyward::auth {
namespace {

// 9999-12-31; keeps arithmetic on times far from overflow.
constexpr double kLatestSecond = 253402300799.0;

absl::StatusOr<std::string> StringClaim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string() ||
      found->get_ref<const std::string&>().empty()) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is missing or no string"));
  }
  return found->get<std::string>();
}

// RFC 7519 lets a NumericDate have fractions; doubles hold microseconds of this age exactly.
absl::StatusOr<absl::Time> TimeClaim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is missing or no number"));
  }
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLatestSecond)) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is no time"));
  }
  return absl::FromUnixMicros(std::llround(seconds * 1e6));
}

}  // namespace

std::string ClaimsToJson(const TokenClaims& claims) {
  const nlohmann::json json = {
      {"iss", claims.issuer},
      {"sub", claims.subject},
      {"oid", claims.subject},
      {"tid", claims.tenant},
      {"appid", claims.app_id},
      {"aud", claims.audience},
      {"xms_mirid", claims.resource},
      {"jti", claims.id},
      {"iat", static_cast<double>(absl::ToUnixMicros(claims.issued_at)) / 1e6},
      {"nbf", absl::ToUnixSeconds(claims.not_before)},
      {"exp", absl::ToUnixSeconds(claims.expires)},
  };
  return json.dump();
}

absl::StatusOr<TokenClaims> ClaimsFromJson(absl::string_view json) {
  KW_ASSIGN_OR_RETURN(const nlohmann::json object, crypto::ParseStrictJsonObject(json));
  TokenClaims claims;
  KW_ASSIGN_OR_RETURN(claims.issuer, StringClaim(object, "iss"));
  KW_ASSIGN_OR_RETURN(claims.subject, StringClaim(object, "sub"));
  KW_ASSIGN_OR_RETURN(const std::string oid, StringClaim(object, "oid"));
  if (oid != claims.subject) return absl::InvalidArgumentError("claims 'sub' and 'oid' differ");
  KW_ASSIGN_OR_RETURN(claims.tenant, StringClaim(object, "tid"));
  KW_ASSIGN_OR_RETURN(claims.app_id, StringClaim(object, "appid"));
  KW_ASSIGN_OR_RETURN(claims.audience, StringClaim(object, "aud"));
  KW_ASSIGN_OR_RETURN(claims.resource, StringClaim(object, "xms_mirid"));
  KW_ASSIGN_OR_RETURN(claims.id, StringClaim(object, "jti"));
  KW_ASSIGN_OR_RETURN(claims.issued_at, TimeClaim(object, "iat"));
  KW_ASSIGN_OR_RETURN(claims.not_before, TimeClaim(object, "nbf"));
  KW_ASSIGN_OR_RETURN(claims.expires, TimeClaim(object, "exp"));
  return claims;
}

}  // namespace keyward::auth
