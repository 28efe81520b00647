#include "common/auth/token.h"

#include "absl/status/status.h"
#include "common/auth/claims.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace keyward::auth {

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
