#include "services/managed_identity/federation.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
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

// What says where the keys of an issuer are, and who may serve them.
absl::Status CheckSource(const identity::v1::TrustedIssuer& wanted) {
  if (!wanted.jwks_uri().empty()) {
    KW_RETURN_IF_ERROR(CheckUrl(wanted.jwks_uri(), "trusted_issuer.jwks_uri"));
  }
  const std::string& authorities = wanted.ca_certificates();
  if (authorities.size() > kMaxAuthoritiesSize ||
      !absl::StrContains(authorities, "-----BEGIN CERTIFICATE-----")) {
    return InvalidField("trusted_issuer.ca_certificates",
                        "must hold one or more certificates in PEM, at most 64 KiB together");
  }
  if (absl::StrContains(authorities, "PRIVATE KEY")) {
    return InvalidField("trusted_issuer.ca_certificates", "must not hold a private key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrustedIssuer> TrustedIssuer::Create(TrustedIssuerName name,
                                                    const identity::v1::TrustedIssuer& wanted,
                                                    absl::Time now) {
  KW_RETURN_IF_ERROR(CheckUrl(wanted.issuer(), "trusted_issuer.issuer"));
  KW_RETURN_IF_ERROR(CheckSource(wanted));
  return TrustedIssuer{
      std::move(name),   wanted.issuer(), wanted.ca_certificates(), wanted.jwks_uri(), now,
      wanted.operators()};
}

absl::StatusOr<TrustedIssuer> TrustedIssuer::With(const identity::v1::TrustedIssuer& wanted,
                                                  const google::protobuf::FieldMask& mask) const {
  if (mask.paths().empty()) return InvalidField("update_mask", "must name what to change");
  identity::v1::TrustedIssuer source;
  source.set_ca_certificates(ca_certificates);
  source.set_jwks_uri(jwks_uri);
  for (const std::string& path : mask.paths()) {
    if (path == "ca_certificates") {
      source.set_ca_certificates(wanted.ca_certificates());
    } else if (path == "jwks_uri") {
      source.set_jwks_uri(wanted.jwks_uri());
    } else {
      return InvalidField("update_mask", "may have the paths ca_certificates and jwks_uri alone");
    }
  }
  KW_RETURN_IF_ERROR(CheckSource(source));
  TrustedIssuer changed = *this;
  changed.ca_certificates = source.ca_certificates();
  changed.jwks_uri = source.jwks_uri();
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
