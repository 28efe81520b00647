#include "services/managed_identity/names.h"

#include <type_traits>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kIdForm = "3-63 of [0-9a-z-], a letter first";
constexpr absl::string_view kAccounts = "accounts";
constexpr absl::string_view kTopCollections[] = {"tenants", "subscriptions", "identities", "vaults",
                                                 kAccounts};
constexpr size_t kMaximumPathSize = 1024;

bool IsLowerOrDigit(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

bool IsChosenId(absl::string_view id) {
  return id.size() >= 3 && id.size() <= 63 && absl::ascii_islower(id[0]) &&
         absl::c_all_of(id, [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

bool IsPathSegment(absl::string_view segment) {
  return !segment.empty() && segment.size() <= 127 &&
         absl::c_all_of(segment, [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsCredentialId(absl::string_view id) {
  return id.size() >= 3 && id.size() <= 120 && id[0] != '-' && IsPathSegment(id);
}

// What a caller sent, fit for an error message.
std::string Quote(absl::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "…" : "", "\"");
}

absl::Status Malformed(absl::string_view field, absl::string_view form, absl::string_view got) {
  return InvalidField(
      field, absl::StrCat("must be ", form, "; got ", got.empty() ? "nothing" : Quote(got)));
}

}  // namespace

template <typename Kind>
absl::StatusOr<ResourceName<Kind>> ResourceName<Kind>::Parse(absl::string_view name,
                                                             absl::string_view field) {
  constexpr bool kMade = std::is_same_v<Kind, RoleAssignmentKind>;
  const size_t slash = name.find('/');
  if (slash != absl::string_view::npos && name.substr(0, slash) == Kind::kCollection) {
    const absl::string_view id = name.substr(slash + 1);
    if (kMade ? IsUuid(id) : IsChosenId(id)) return ResourceName(std::string(id));
  }
  return Malformed(field,
                   absl::StrCat("\"", Kind::kCollection, "/{id}\", the id ",
                                kMade ? "a UUID in lower case" : kIdForm),
                   name);
}

template <typename Kind>
absl::StatusOr<ResourceName<Kind>> ResourceName<Kind>::FromId(absl::string_view id,
                                                              absl::string_view field) {
  if (IsChosenId(id)) return ResourceName(std::string(id));
  return Malformed(field, kIdForm, id);
}

template class ResourceName<TenantKind>;
template class ResourceName<SubscriptionKind>;
template class ResourceName<IdentityKind>;
template class ResourceName<RoleAssignmentKind>;
template class ResourceName<TrustedIssuerKind>;

absl::StatusOr<FederatedCredentialName> FederatedCredentialName::Parse(absl::string_view name,
                                                                       absl::string_view field) {
  constexpr absl::string_view kMiddle = "/federatedCredentials/";
  const size_t middle = name.find(kMiddle);
  if (middle != absl::string_view::npos) {
    const auto identity = IdentityName::Parse(name.substr(0, middle), field);
    const absl::string_view id = name.substr(middle + kMiddle.size());
    if (identity.ok() && IsCredentialId(id)) {
      return FederatedCredentialName(*identity, std::string(id));
    }
  }
  return Malformed(field, "\"identities/{id}/federatedCredentials/{id}\"", name);
}

absl::StatusOr<FederatedCredentialName> FederatedCredentialName::FromId(IdentityName identity,
                                                                        absl::string_view id,
                                                                        absl::string_view field) {
  if (IsCredentialId(id)) return FederatedCredentialName(std::move(identity), std::string(id));
  return Malformed(field, "3-120 of [0-9A-Za-z-], a letter or a digit first", id);
}

absl::StatusOr<ResourcePath> ResourcePath::Parse(absl::string_view path, absl::string_view field) {
  if (path == "/") return ResourcePath("/");
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '/');
  if (path.size() <= kMaximumPathSize && segments.size() % 2 == 0 &&
      absl::c_linear_search(kTopCollections, segments[0]) &&
      absl::c_all_of(segments, IsPathSegment)) {
    return ResourcePath(std::string(path));
  }
  return Malformed(field,
                   "\"/\" or the name of a resource, such as \"subscriptions/s\", \"vaults/v\" or "
                   "\"accounts/a\"",
                   path);
}

bool IsAccount(absl::string_view resource) {
  const auto path = ResourcePath::Parse(resource, "resource");
  return path.ok() && path->collection() == kAccounts && path->Parent().is_root();
}

bool ResourcePath::is_root() const { return path_ == "/"; }

absl::string_view ResourcePath::collection() const {
  return is_root() ? absl::string_view() : absl::string_view(path_).substr(0, path_.find('/'));
}

ResourcePath ResourcePath::Parent() const {
  const size_t id = path_.rfind('/');
  const size_t pair = id == 0 ? std::string::npos : path_.rfind('/', id - 1);
  return ResourcePath(pair == std::string::npos ? "/" : path_.substr(0, pair));
}

}  // namespace keyward::managed_identity
