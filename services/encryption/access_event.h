#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::encryption {

// The services whose events bear on access.
inline constexpr char kKeyVault[] = "key_vault";
inline constexpr char kManagedIdentity[] = "managed_identity";

// The principal of an identity came or went.
struct PrincipalEvent {
  enum class Kind { kEnabled, kDisabled, kDeleted, kTransferred };

  Kind kind = Kind::kEnabled;
  std::string identity;
  // The resource whose identity it is.
  std::string resource;
  std::string principal;
  std::string tenant;
  bool active = false;
};

// A subscription came into being, or went to another tenant.
struct SubscriptionEvent {
  std::string subscription;
  std::string tenant;
};

// A resource may use a user-assigned identity from now on, or no longer.
struct AttachmentEvent {
  std::string identity;
  std::string resource;
  bool attached = false;
};

// A key, or one version of it, changed.
struct KeyEvent {
  enum class Kind { kNewVersion, kEnabled, kDisabled, kUpdated, kDeleted, kRecovered };

  Kind kind = Kind::kUpdated;
  std::string vault;
  std::string key;
  // Empty: all versions.
  std::string version;
  bool enabled = false;
  bool deleted = false;
  std::vector<std::string> key_ops;
};

// What a vault's access policy gives to some principals changed.
struct PolicyEvent {
  struct Entry {
    std::string principal;
    std::vector<std::string> permissions;
  };

  std::string vault;
  std::vector<Entry> changed;
};

// A vault was deleted, or recovered.
struct VaultEvent {
  std::string vault;
  bool deleted = false;
};

// An event of another service that may bear on an account's access, without its wire format.
struct AccessEvent {
  // Such as "key_vault/42".
  std::string id;
  // Its place in the feed of its source.
  int64_t sequence = 0;
  absl::Time time;
  std::string correlation_id;
  std::variant<PrincipalEvent, SubscriptionEvent, AttachmentEvent, KeyEvent, PolicyEvent,
               VaultEvent>
      what;
};

// Reads an event; none if it is of a type that says nothing about access. DATA_LOSS if it is of
// one that does and cannot be read: it must not be passed over.
absl::StatusOr<std::optional<AccessEvent>> ReadAccessEvent(const events::v1::Event& event);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_H_
