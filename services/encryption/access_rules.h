#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_RULES_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "keyward/encryption/v1/access.pb.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account.h"

namespace keyward::encryption {

// What an event means for one customer-managed account.
struct EventMeaning {
  enum class Kind {
    // Nothing.
    kNone,
    // Access is lost, by `cause`; nobody is asked again.
    kLoss,
    // What was missing may be back: worth a try for an account that is DENIED.
    kMayRestore,
    // The key has a newer version, which an account that follows it takes over.
    kNewVersion,
  };

  static EventMeaning None() { return {Kind::kNone, v1::CAUSE_UNSPECIFIED}; }
  static EventMeaning Loss(v1::Cause cause) { return {Kind::kLoss, cause}; }
  static EventMeaning MayRestore() { return {Kind::kMayRestore, v1::CAUSE_UNSPECIFIED}; }
  static EventMeaning NewVersion() { return {Kind::kNewVersion, v1::CAUSE_UNSPECIFIED}; }

  Kind kind;
  v1::Cause cause;

  friend bool operator==(const EventMeaning&, const EventMeaning&) = default;
};

// The permissions that the account's identity needs, as an access policy spells them.
inline constexpr absl::string_view kNeededPermissions[] = {"get", "wrapKey", "unwrapKey"};

// Those of kNeededPermissions that are not among `permissions`.
std::vector<absl::string_view> MissingPermissions(const std::vector<std::string>& permissions);

// Decides what `event` means for the account with this binding. A pure function of the event's
// payload: never of how things stand now, so that a loss which was undone before it was heard of
// counts like any other. What stands in a feed before the binding's place in it is no news, so that
// a feed which is read again from the start takes nothing away twice.
EventMeaning Judge(const AccountName& account, const std::string& subscription,
                   const Binding& binding, const AccessEvent& event);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_RULES_H_
