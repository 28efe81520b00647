#include "common/auth/foreign_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/auth/claims.h"
#include "common/auth/foreign_keys.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"

namespace keyward::auth {
namespace {

constexpr size_t kMaxAudiences = 16;

absl::Status Malformed(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<std::string> Decode(absl::string_view part) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(part, &bytes) || absl::WebSafeBase64Escape(bytes) != part) {
    return Malformed("a part is not base64url without padding");
  }
  return bytes;
}

absl::StatusOr<nlohmann::json> DecodeObject(absl::string_view part, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(const std::string text, Decode(part));
  absl::StatusOr<nlohmann::json> object = crypto::ParseStrictJsonObject(text);
  if (!object.ok()) return Malformed(absl::StrCat("the ", name, " are no strict JSON object"));
  return object;
}

absl::Status ReadHeader(const nlohmann::json& header, ForeignToken& token) {
  const auto member = [&](const char* name) {
    const auto found = header.find(name);
    return found != header.end() && found->is_string() ? found->get<std::string>() : "";
  };
  token.algorithm = member("alg");
  if (std::find(std::begin(kForeignAlgorithms), std::end(kForeignAlgorithms), token.algorithm) ==
      std::end(kForeignAlgorithms)) {
    return Malformed(
        absl::StrCat("the header's alg is none of ", absl::StrJoin(kForeignAlgorithms, ", ")));
  }
  token.key_id = member("kid");
  if (token.key_id.empty()) return Malformed("the header has no kid");
  if (header.contains("crit")) return Malformed("the header has crit, and nothing is understood");
  if (header.contains("typ") && !absl::EqualsIgnoreCase(member("typ"), "JWT") &&
      !absl::EqualsIgnoreCase(member("typ"), "at+jwt")) {
    return Malformed("the header's typ is neither JWT nor at+jwt");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Audiences(const nlohmann::json& claims) {
  if (const auto one = StringClaim(claims, "aud"); one.ok()) return std::vector{*one};
  const auto found = claims.find("aud");
  std::vector<std::string> audiences;
  if (found != claims.end() && found->is_array() && found->size() <= kMaxAudiences) {
    for (const nlohmann::json& audience : *found) {
      if (audience.is_string()) audiences.push_back(audience.get<std::string>());
    }
    if (!audiences.empty() && audiences.size() == found->size()) return audiences;
  }
  return Malformed("claim 'aud' is missing, or neither a string nor a list of up to 16");
}

absl::Status ReadClaims(const nlohmann::json& claims, ForeignToken& token) {
  KW_ASSIGN_OR_RETURN(token.issuer, StringClaim(claims, "iss"));
  KW_ASSIGN_OR_RETURN(token.subject, StringClaim(claims, "sub"));
  KW_ASSIGN_OR_RETURN(token.audiences, Audiences(claims));
  KW_ASSIGN_OR_RETURN(token.expires, TimeClaim(claims, "exp"));
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    KW_ASSIGN_OR_RETURN(const absl::Time time, TimeClaim(claims, name));
    token.not_before = std::max(token.not_before.value_or(time), time);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ForeignToken> ParseForeignToken(absl::string_view compact) {
  if (compact.size() > kMaxForeignTokenSize) return Malformed("it has more than 16 KiB");
  const std::vector<absl::string_view> parts = absl::StrSplit(compact, '.');
  if (parts.size() != 3) return Malformed("it does not have three parts");
  ForeignToken token;
  KW_ASSIGN_OR_RETURN(const nlohmann::json header, DecodeObject(parts[0], "header's bytes"));
  KW_RETURN_IF_ERROR(ReadHeader(header, token));
  KW_ASSIGN_OR_RETURN(const nlohmann::json claims, DecodeObject(parts[1], "claims"));
  KW_RETURN_IF_ERROR(ReadClaims(claims, token));
  KW_ASSIGN_OR_RETURN(token.signature, Decode(parts[2]));
  token.signing_input = std::string(compact.substr(0, compact.rfind('.')));
  return token;
}

}  // namespace keyward::auth
