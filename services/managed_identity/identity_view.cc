#include "services/managed_identity/identity_view.h"

#include <vector>

#include "common/status/status_macros.h"
#include "services/managed_identity/attachment_store.h"
#include "services/managed_identity/caller_rights.h"
#include "services/managed_identity/messages.h"

namespace keyward::managed_identity {
namespace {

constexpr char kGetPermission[] = "identity.identities.get";

}  // namespace

absl::StatusOr<identity::v1::Identity> ViewOf(storage::Transaction& tx, const auth::Caller& caller,
                                              const Identity& identity) {
  identity::v1::Identity view = ToProto(identity);
  KW_ASSIGN_OR_RETURN(const std::vector<Attachment> attachments, AttachmentsOf(tx, identity.name));
  if (attachments.empty()) return view;
  KW_ASSIGN_OR_RETURN(const CallerRights rights, CallerRights::Load(tx, caller));
  int others = 0;
  for (const Attachment& attachment : attachments) {
    KW_ASSIGN_OR_RETURN(const bool visible, rights.Include(kGetPermission, attachment.resource));
    if (visible) {
      view.add_attached_to(attachment.resource);
    } else {
      ++others;
    }
  }
  view.set_attached_to_others(others);
  return view;
}

}  // namespace keyward::managed_identity
