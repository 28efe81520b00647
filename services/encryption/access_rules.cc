#include "services/encryption/access_rules.h"

#include <algorithm>
#include <variant>

namespace keyward::encryption {
namespace {

// The visitor decides as if all was news; Judge sees to what is not.
struct Judgement {
  const AccountName& account;
  const std::string& subscription;
  const Binding& binding;

  EventMeaning operator()(const PrincipalEvent& event) const {
    if (event.active) {
      return event.identity == KeyUser(account, binding.identity).identity
                 ? EventMeaning::MayRestore()
                 : EventMeaning::None();
    }
    if (event.principal != binding.principal) return EventMeaning::None();
    switch (event.kind) {
      case PrincipalEvent::Kind::kDeleted:
        return EventMeaning::Loss(v1::CAUSE_IDENTITY_DELETED);
      case PrincipalEvent::Kind::kTransferred:
        return EventMeaning::Loss(v1::CAUSE_TENANT_CHANGED);
      case PrincipalEvent::Kind::kEnabled:
      case PrincipalEvent::Kind::kDisabled:
        break;
    }
    return EventMeaning::Loss(v1::CAUSE_IDENTITY_DISABLED);
  }

  EventMeaning operator()(const SubscriptionEvent& event) const {
    if (event.subscription != subscription) return EventMeaning::None();
    return event.tenant == binding.tenant ? EventMeaning::MayRestore()
                                          : EventMeaning::Loss(v1::CAUSE_TENANT_CHANGED);
  }

  EventMeaning operator()(const AttachmentEvent& event) const {
    if (event.resource != account.ToString() || event.identity != binding.identity) {
      return EventMeaning::None();
    }
    return event.attached ? EventMeaning::MayRestore()
                          : EventMeaning::Loss(v1::CAUSE_IDENTITY_DETACHED);
  }

  EventMeaning operator()(const KeyEvent& event) const {
    if (event.key != binding.key) return EventMeaning::None();
    if (event.kind == KeyEvent::Kind::kNewVersion) {
      const bool wanted = binding.follows_newest && event.enabled && !event.deleted &&
                          event.version != binding.version;
      return wanted ? EventMeaning::NewVersion() : EventMeaning::None();
    }
    if (!event.version.empty() && event.version != binding.version) return EventMeaning::None();
    const v1::Cause cause = LossOf(event);
    return cause == v1::CAUSE_UNSPECIFIED ? EventMeaning::MayRestore() : EventMeaning::Loss(cause);
  }

  EventMeaning operator()(const PolicyEvent& event) const {
    if (event.vault != binding.vault) return EventMeaning::None();
    EventMeaning meaning = EventMeaning::None();
    for (const PolicyEvent::Entry& entry : event.changed) {
      const bool enough = MissingPermissions(entry.permissions).empty();
      if (entry.principal == binding.principal && !enough) {
        return EventMeaning::Loss(v1::CAUSE_ACCESS_POLICY_REMOVED);
      }
      // Whether that principal is the account's identity by now is for the try to find out.
      if (enough) meaning = EventMeaning::MayRestore();
    }
    return meaning;
  }

  EventMeaning operator()(const VaultEvent& event) const {
    if (event.vault != binding.vault) return EventMeaning::None();
    return event.deleted ? EventMeaning::Loss(v1::CAUSE_VAULT_DELETED) : EventMeaning::MayRestore();
  }

  // The loss that a change of the version in use, or of the whole key, is; none if it is none.
  static v1::Cause LossOf(const KeyEvent& event) {
    switch (event.kind) {
      case KeyEvent::Kind::kDeleted:
        return v1::CAUSE_KEY_DELETED;
      case KeyEvent::Kind::kDisabled:
        return v1::CAUSE_KEY_DISABLED;
      case KeyEvent::Kind::kUpdated: {
        // Operations are told of a version only.
        if (event.version.empty()) return v1::CAUSE_UNSPECIFIED;
        const bool unwraps = std::find(event.key_ops.begin(), event.key_ops.end(), "unwrapKey") !=
                             event.key_ops.end();
        return unwraps ? v1::CAUSE_UNSPECIFIED : v1::CAUSE_KEY_OPERATION_REMOVED;
      }
      case KeyEvent::Kind::kNewVersion:
      case KeyEvent::Kind::kEnabled:
      case KeyEvent::Kind::kRecovered:
        return v1::CAUSE_UNSPECIFIED;
    }
    return v1::CAUSE_UNSPECIFIED;
  }
};

}  // namespace

std::vector<absl::string_view> MissingPermissions(const std::vector<std::string>& permissions) {
  std::vector<absl::string_view> missing;
  for (absl::string_view needed : kNeededPermissions) {
    if (std::find(permissions.begin(), permissions.end(), needed) == permissions.end()) {
      missing.push_back(needed);
    }
  }
  return missing;
}

EventMeaning Judge(const AccountName& account, const std::string& subscription,
                   const Binding& binding, const AccessEvent& event) {
  const bool of_identity = std::holds_alternative<PrincipalEvent>(event.what) ||
                           std::holds_alternative<SubscriptionEvent>(event.what) ||
                           std::holds_alternative<AttachmentEvent>(event.what);
  const int64_t seen = of_identity ? binding.identity_sequence : binding.vault_sequence;
  if (event.sequence <= seen) return EventMeaning::None();
  return std::visit(Judgement{account, subscription, binding}, event.what);
}

}  // namespace keyward::encryption
