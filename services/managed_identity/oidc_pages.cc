#include "services/managed_identity/oidc_pages.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/https/url.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/managed_identity/signing_key.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {
namespace {

constexpr char kJson[] = "application/json";
constexpr absl::string_view kDiscoveryPath = "/.well-known/openid-configuration";
constexpr absl::string_view kKeysPath = "/.well-known/jwks.json";

// The document never changes while the service runs. Of keys, the next one is published long before
// it signs, so that a cache has it in time; a minute is how long a revoked one may linger there.
constexpr char kDiscoveryCaching[] = "public, max-age=3600";
constexpr char kKeysCaching[] = "public, max-age=60";

std::string Discovery(const std::string& issuer) {
  return nlohmann::json{
      {"issuer", issuer},
      {"jwks_uri", absl::StrCat(issuer, kKeysPath)},
      {"response_types_supported", {"id_token"}},
      {"subject_types_supported", {"public"}},
      {"id_token_signing_alg_values_supported", {"ES256"}},
      {"claims_supported",
       {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "oid", "tid", "appid", "xms_mirid"}},
  }
      .dump();
}

absl::StatusOr<std::string> Keys(const Changes& changes) {
  KW_ASSIGN_OR_RETURN(const std::vector<SigningKey> published,
                      changes.Read<std::vector<SigningKey>>(PublishedSigningKeys));
  nlohmann::json keys = nlohmann::json::array();
  for (const SigningKey& key : published) {
    nlohmann::json jwk = nlohmann::json::parse(key.jwk, nullptr, /*allow_exceptions=*/false);
    if (!jwk.is_object()) return absl::DataLossError("a stored JWK does not parse");
    keys.push_back(std::move(jwk));
  }
  return nlohmann::json{{"keys", std::move(keys)}}.dump();
}

}  // namespace

absl::Status CheckIssuer(const std::string& issuer) {
  KW_RETURN_IF_ERROR(https::Url::Parse(issuer).status());
  if (absl::EndsWith(issuer, "/")) {
    return absl::InvalidArgumentError("an issuer has no slash at its end");
  }
  return absl::OkStatus();
}

std::map<std::string, HttpsListener::MakePage> OidcPages(const Changes& changes,
                                                         const std::string& issuer) {
  const absl::StatusOr<https::Url> url = https::Url::Parse(issuer);
  const std::string base = url.ok() && url->path != "/" ? url->path : "";
  return {{absl::StrCat(base, kDiscoveryPath),
           [document = Discovery(issuer)]() -> absl::StatusOr<HttpsPage> {
             return HttpsPage{kJson, kDiscoveryCaching, document};
           }},
          {absl::StrCat(base, kKeysPath), [&changes]() -> absl::StatusOr<HttpsPage> {
             KW_ASSIGN_OR_RETURN(std::string keys, Keys(changes));
             return HttpsPage{kJson, kKeysCaching, std::move(keys)};
           }}};
}

}  // namespace keyward::managed_identity
