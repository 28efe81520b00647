#include "common/server/root_key_places.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/file_root_key.h"
#include "common/hsm/token.h"
#include "common/hsm/token_root_key_provider.h"
#include "common/hsm/token_uri.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

absl::Status Wrong(absl::string_view flag, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(flag, ": ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<crypto::RootKeyProvider>> OpenRootKeyPlace(absl::string_view flag,
                                                                          absl::string_view place) {
  absl::string_view path = place;
  if (absl::ConsumePrefix(&path, "file:") && absl::StartsWith(path, "/")) {
    return std::make_unique<crypto::FileRootKeyProvider>(std::string(path));
  }
  if (!absl::StartsWith(place, "pkcs11:")) {
    return Wrong(flag, "must be file:/path/to/file or a PKCS #11 URI, pkcs11:…");
  }
  absl::StatusOr<hsm::TokenUri> uri = hsm::TokenUri::Parse(place);
  if (!uri.ok()) return Wrong(flag, uri.status().message());
  if (uri->object.empty()) return Wrong(flag, "the PKCS #11 URI must name the key with object=");
  KW_ASSIGN_OR_RETURN(std::shared_ptr<hsm::Token> token, hsm::Token::Open(*uri));
  return std::make_unique<hsm::TokenRootKeyProvider>(
      std::move(token), uri->object,
      absl::StrCat("pkcs11:token=", uri->token, ";object=", uri->object));
}

}  // namespace keyward::server
