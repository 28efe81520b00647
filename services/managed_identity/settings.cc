#include "services/managed_identity/settings.h"

#include "absl/strings/str_cat.h"
#include "common/server/file_checks.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/oidc_pages.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::Duration kShortestRotation = absl::Minutes(20);

}  // namespace

absl::Status CheckSettings(const Settings& settings) {
  if (settings.signing_key_rotation < kShortestRotation) {
    return absl::FailedPreconditionError(absl::StrCat("--signing_key_rotation must be at least ",
                                                      absl::FormatDuration(kShortestRotation)));
  }
  if (settings.issuer.empty() != settings.oidc_listen.empty()) {
    return absl::FailedPreconditionError(
        "Set --issuer and --oidc_listen both, or none: the issuer is the URL under which relying "
        "parties reach that port.");
  }
  if (settings.oidc_tls_certificate.empty() != settings.oidc_tls_private_key.empty()) {
    return absl::FailedPreconditionError(
        "Set --oidc_tls_certificate and --oidc_tls_private_key both, or none.");
  }
  if (settings.issuer.empty()) {
    if (settings.oidc_tls_certificate.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        "--oidc_tls_certificate is for the port that --oidc_listen opens; set that too.");
  }
  if (!settings.oidc_tls_private_key.empty()) {
    KW_RETURN_IF_ERROR(
        server::CheckPrivate("--oidc_tls_private_key", settings.oidc_tls_private_key));
  }
  const absl::Status issuer = CheckIssuer(settings.issuer);
  if (issuer.ok()) return issuer;
  return absl::FailedPreconditionError(absl::StrCat("--issuer: ", issuer.message()));
}

}  // namespace keyward::managed_identity
