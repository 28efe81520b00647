#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/encoding/tags_text.h"
#include "keyward/encryption/v1/access.pb.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// Which customer key an account depends on, and as whom it uses it.
struct Binding {
  // "vaults/{vault}", "vaults/{vault}/keys/{key}" and, the version in use,
  // "vaults/{vault}/keys/{key}/versions/{version}".
  std::string vault;
  std::string key;
  std::string version;
  // Whether newer versions are taken over, or the account stays at this one.
  bool follows_newest = false;
  // The identity as which it is used, "identities/{identity}"; empty for the account's own.
  std::string identity;
  // The principal whose token opens the key, and the tenant it and the vault are in.
  std::string principal;
  std::string tenant;
  // The places in the feeds of key_vault and managed_identity at which all of this was seen to be
  // in order: what stands before them is no news.
  int64_t vault_sequence = 0;
  int64_t identity_sequence = 0;

  friend bool operator==(const Binding&, const Binding&) = default;
};

// The stored half of the verdict. UNVERIFIED is never stored: it is what ACCESSIBLE becomes while
// it cannot be confirmed.
struct Access {
  // ACCESSIBLE or DENIED.
  v1::Verdict verdict = v1::VERDICT_ACCESSIBLE;
  // With DENIED.
  v1::Cause cause = v1::CAUSE_UNSPECIFIED;
  // Since when the verdict holds.
  absl::Time since;
  // The event that led to it, such as "managed_identity/42"; may be empty.
  std::string event;
  // Starts at 1 and grows with each loss. Keys that an operation took in an earlier epoch are void.
  int64_t epoch = 1;

  bool denied() const { return verdict == v1::VERDICT_DENIED; }
};

// How the last real unwrap with a customer's key ended.
struct AccessCheck {
  absl::Time time = absl::UnixEpoch();
  // The name of a gRPC code; empty if there was none yet.
  std::string status;
};

// That an account was deleted. It can be recovered until it is purged; what is left of a purged one
// is this: that there was an account of the name, and no key of it.
struct Deletion {
  absl::Time time;
  absl::Time purge_time;
  bool purged = false;
};

// The account key as it is kept: under the platform's key or under the customer's.
struct WrappedAccountKey {
  // Grows each time the account gets a fresh account key.
  int64_t number = 0;
  // The version of the platform key, or 0 if `binding.version` wraps it.
  int64_t platform_version = 0;
  std::string ciphertext;
};

// An account as it is stored. A value.
struct Account {
  explicit Account(AccountName name) : name(std::move(name)) {}

  AccountName name;
  // Still being created: nobody sees it yet.
  bool provisioning = false;
  // "subscriptions/{subscription}", and "tenants/{tenant}" that it is in.
  std::string subscription;
  std::string tenant;
  std::string resource_group;
  std::string region;
  std::string tier;
  Tags tags;
  absl::Duration upload_retention_grace;
  absl::Time create_time;
  absl::Time update_time;
  // Since when the encryption settings hold.
  absl::Time settings_time;
  // Set while the key source is the customer.
  std::optional<Binding> binding;
  // Set once it is deleted.
  std::optional<Deletion> deletion;
  // What the account's own key says, deleted or not.
  Access access;
  AccessCheck check;
  WrappedAccountKey key;
  // Grows when scope keys are destroyed or come back: whoever holds one must look again.
  int64_t scopes_revision = 0;
  // Grows with each change of anything but `check`.
  int64_t revision = 0;

  bool customer_managed() const { return binding.has_value(); }
  v1::KeySource key_source() const {
    return customer_managed() ? v1::KEY_SOURCE_CUSTOMER_MANAGED : v1::KEY_SOURCE_PLATFORM_MANAGED;
  }
  bool deleted() const { return deletion.has_value(); }
  bool purged() const { return deletion.has_value() && deletion->purged; }
  // Access as the world sees it: DENIED for a deleted account too, though its key may be at hand.
  Access shown_access() const {
    const bool by_deletion = deleted() && (purged() || !access.denied());
    if (!by_deletion) return access;
    return {v1::VERDICT_DENIED, v1::CAUSE_ACCOUNT_DELETED, deletion->time, "", access.epoch};
  }
  // As whom it uses the key of its binding; as itself if it has none.
  KeyUser user() const { return KeyUser(name, binding.has_value() ? binding->identity : ""); }
  bool global() const { return region == "global"; }
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_H_
