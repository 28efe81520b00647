#include "services/encryption/access_event.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/events.pb.h"
#include "keyward/keyvault/v1/events.pb.h"

namespace keyward::encryption {
namespace {

using What = decltype(AccessEvent::what);

// The vault in "vaults/{vault}/keys/{key}".
std::string VaultOf(const std::string& key) { return key.substr(0, key.find('/', 7)); }

template <typename Data>
absl::StatusOr<Data> Unpack(const events::v1::Event& event) {
  Data data;
  if (!event.data().UnpackTo(&data)) {
    return absl::DataLossError(absl::StrCat("event ", event.id(), " of type ", event.type(),
                                            " does not hold a ", Data::descriptor()->full_name()));
  }
  return data;
}

absl::StatusOr<What> ReadPrincipal(const events::v1::Event& event, PrincipalEvent::Kind kind) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<identity::v1::PrincipalChanged>(event));
  return PrincipalEvent{kind,          data.identity(), data.resource(), data.principal_id(),
                        data.tenant(), data.active()};
}

absl::StatusOr<What> ReadSubscription(const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<identity::v1::SubscriptionChanged>(event));
  return SubscriptionEvent{data.subscription(), data.tenant()};
}

absl::StatusOr<What> ReadAttachment(const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<identity::v1::AttachmentChanged>(event));
  return AttachmentEvent{data.identity(), data.resource(), data.attached()};
}

absl::StatusOr<What> ReadKey(const events::v1::Event& event, KeyEvent::Kind kind) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<keyvault::v1::KeyChanged>(event));
  return KeyEvent{kind,
                  VaultOf(data.key()),
                  data.key(),
                  data.version(),
                  data.enabled(),
                  data.deleted(),
                  {data.key_ops().begin(), data.key_ops().end()}};
}

absl::StatusOr<What> ReadPolicy(const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<keyvault::v1::VaultChanged>(event));
  PolicyEvent policy = {data.vault(), {}};
  for (const auto& entry : data.changed()) {
    policy.changed.push_back(
        {entry.principal(), {entry.key_permissions().begin(), entry.key_permissions().end()}});
  }
  return policy;
}

absl::StatusOr<What> ReadVault(const events::v1::Event& event, bool deleted) {
  KW_ASSIGN_OR_RETURN(const auto data, Unpack<keyvault::v1::VaultChanged>(event));
  return VaultEvent{data.vault(), deleted};
}

absl::StatusOr<std::optional<What>> ReadWhat(const events::v1::Event& event) {
  const std::string& type = event.type();
  if (event.source() == kManagedIdentity) {
    using Kind = PrincipalEvent::Kind;
    if (type == "keyward.identity.IdentityEnabled") return ReadPrincipal(event, Kind::kEnabled);
    if (type == "keyward.identity.IdentityDisabled") return ReadPrincipal(event, Kind::kDisabled);
    if (type == "keyward.identity.IdentityDeleted") return ReadPrincipal(event, Kind::kDeleted);
    if (type == "keyward.identity.IdentityTransferred") {
      return ReadPrincipal(event, Kind::kTransferred);
    }
    if (type == "keyward.identity.SubscriptionCreated" ||
        type == "keyward.identity.SubscriptionMoved") {
      return ReadSubscription(event);
    }
    if (type == "keyward.identity.IdentityAttached" ||
        type == "keyward.identity.IdentityDetached") {
      return ReadAttachment(event);
    }
  }
  if (event.source() == kKeyVault) {
    using Kind = KeyEvent::Kind;
    if (type == "Microsoft.KeyVault.KeyNewVersionCreated") return ReadKey(event, Kind::kNewVersion);
    if (type == "keyward.keyvault.KeyEnabled") return ReadKey(event, Kind::kEnabled);
    if (type == "keyward.keyvault.KeyDisabled") return ReadKey(event, Kind::kDisabled);
    if (type == "keyward.keyvault.KeyUpdated") return ReadKey(event, Kind::kUpdated);
    if (type == "keyward.keyvault.KeyDeleted" || type == "keyward.keyvault.KeyPurged") {
      return ReadKey(event, Kind::kDeleted);
    }
    if (type == "keyward.keyvault.KeyRecovered") return ReadKey(event, Kind::kRecovered);
    if (type == "Microsoft.KeyVault.VaultAccessPolicyChanged") return ReadPolicy(event);
    if (type == "keyward.keyvault.VaultDeleted" || type == "keyward.keyvault.VaultPurged") {
      return ReadVault(event, /*deleted=*/true);
    }
    if (type == "keyward.keyvault.VaultRecovered") return ReadVault(event, /*deleted=*/false);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::optional<AccessEvent>> ReadAccessEvent(const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(std::optional<What> what, ReadWhat(event));
  if (!what.has_value()) return std::nullopt;
  const absl::Time time =
      absl::FromUnixSeconds(event.time().seconds()) + absl::Nanoseconds(event.time().nanos());
  return AccessEvent{event.id(), event.sequence(), time, event.correlation_id(), *std::move(what)};
}

}  // namespace keyward::encryption
