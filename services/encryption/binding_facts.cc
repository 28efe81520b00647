#include "services/encryption/binding_facts.h"

#include <optional>

#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption {

absl::StatusOr<bool> BindingFacts::Hold(storage::Transaction& tx, const Account& account) const {
  KW_ASSIGN_OR_RETURN(const int64_t applied, AppliedOf(tx, kKeyVault));
  KW_ASSIGN_OR_RETURN(const int64_t last_change, LastVaultChange(tx, vault));
  if (applied < sequence || last_change > sequence) return false;
  const KeyUser user(account.name, identity);
  if (!user.own()) {
    KW_ASSIGN_OR_RETURN(const bool attached,
                        IsAttached(tx, user.identity, account.name.ToString()));
    if (!attached) return false;
  }
  KW_ASSIGN_OR_RETURN(const std::optional<KnownIdentity> known, IdentityOf(tx, user.resource()));
  return known.has_value() && known->principal == principal && known->tenant == account.tenant;
}

}  // namespace keyward::encryption
