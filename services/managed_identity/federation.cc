#include "services/managed_identity/federation.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/authorities.h"
#include "common/https/url.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::managed_identity {
namespace {

constexpr size_t kMaxTextSize = 600;
constexpr size_t kMaxAuthoritiesSize = 64 * 1024;

absl::Status CheckUrl(absl::string_view url, absl::string_view field) {
  const auto parsed = https::Url::Parse(url);
  return parsed.ok() ? absl::OkStatus() : InvalidField(field, parsed.status().message());
}

absl::Status CheckText(absl::string_view text, absl::string_view field) {
  if (text.empty() || text.size() > kMaxTextSize) {
    return InvalidField(field, absl::StrCat("must have 1 to ", kMaxTextSize, " bytes"));
  }
  if (absl::StrContains(text, '*')) {
    return InvalidField(field, "must not contain \"*\": it is compared to the letter");
  }
  return absl::OkStatus();
}

absl::Status CheckJwksUri(const std::string& jwks_uri) {
  return jwks_uri.empty() ? absl::OkStatus() : CheckUrl(jwks_uri, "trusted_issuer.jwks_uri");
}

absl::Status CheckCaCertificates(const std::string& authorities, absl::Time now) {
  constexpr char kField[] = "trusted_issuer.ca_certificates";
  if (authorities.size() > kMaxAuthoritiesSize) {
    return InvalidField(kField, "must have at most 64 KiB");
  }
  if (absl::StrContains(authorities, "PRIVATE KEY")) {
    return InvalidField(kField, "must not hold a private key");
  }
  const absl::Status good = crypto::CheckAuthorities(authorities, now);
  return good.ok() ? good : InvalidField(kField, good.message());
}

}  // namespace

absl::StatusOr<TrustedIssuer> TrustedIssuer::Create(TrustedIssuerName name,
                                                    const identity::v1::TrustedIssuer& wanted,
                                                    absl::Time now) {
  KW_RETURN_IF_ERROR(CheckUrl(wanted.issuer(), "trusted_issuer.issuer"));
  KW_RETURN_IF_ERROR(CheckJwksUri(wanted.jwks_uri()));
  KW_RETURN_IF_ERROR(CheckCaCertificates(wanted.ca_certificates(), now));
  return TrustedIssuer{
      std::move(name),   wanted.issuer(), wanted.ca_certificates(), wanted.jwks_uri(), now,
      wanted.operators()};
}

absl::StatusOr<TrustedIssuer> TrustedIssuer::With(const identity::v1::TrustedIssuer& wanted,
                                                  const google::protobuf::FieldMask& mask,
                                                  absl::Time now) const {
  if (mask.paths().empty()) return InvalidField("update_mask", "must name what to change");
  TrustedIssuer changed = *this;
  for (const std::string& path : mask.paths()) {
    if (path == "ca_certificates") {
      KW_RETURN_IF_ERROR(CheckCaCertificates(wanted.ca_certificates(), now));
      changed.ca_certificates = wanted.ca_certificates();
    } else if (path == "jwks_uri") {
      KW_RETURN_IF_ERROR(CheckJwksUri(wanted.jwks_uri()));
      changed.jwks_uri = wanted.jwks_uri();
    } else {
      return InvalidField("update_mask", "may have the paths ca_certificates and jwks_uri alone");
    }
  }
  return changed;
}

bool TrustedIssuer::SameSource(const TrustedIssuer& other) const {
  return name == other.name && create_time == other.create_time && issuer == other.issuer &&
         ca_certificates == other.ca_certificates && jwks_uri == other.jwks_uri;
}

absl::StatusOr<FederatedCredential> FederatedCredential::Create(
    FederatedCredentialName name, const identity::v1::FederatedCredential& wanted, absl::Time now) {
  KW_RETURN_IF_ERROR(CheckUrl(wanted.issuer(), "federated_credential.issuer"));
  KW_RETURN_IF_ERROR(CheckText(wanted.issuer(), "federated_credential.issuer"));
  KW_RETURN_IF_ERROR(CheckText(wanted.subject(), "federated_credential.subject"));
  if (wanted.audiences_size() != 1) {
    return InvalidField("federated_credential.audiences", "must have exactly one element");
  }
  KW_RETURN_IF_ERROR(CheckText(wanted.audiences(0), "federated_credential.audiences"));
  return FederatedCredential{std::move(name), wanted.issuer(), wanted.subject(),
                             wanted.audiences(0), now};
}

bool DifferBySlash(absl::string_view a, absl::string_view b) {
  return a != b && absl::StripSuffix(a, "/") == absl::StripSuffix(b, "/");
}

}  // namespace keyward::managed_identity
