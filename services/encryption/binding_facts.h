#ifndef KEYWARD_SERVICES_ENCRYPTION_BINDING_FACTS_H_
#define KEYWARD_SERVICES_ENCRYPTION_BINDING_FACTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/encryption/account.h"

namespace keyward::encryption {

// What was found out, outside of any transaction, about the key that a binding is to name or did
// name; and whether it can be acted on inside of one.
//
// key_vault said at `sequence` that all is in order. Before a transaction may rely on that, every
// event up to `sequence` must have been applied here: a loss among them belongs to the binding that
// the account had then, and has been counted. And none after it may be about the same vault: it
// would take back what key_vault had said, and would never be judged for the new binding. Then
// whatever comes later is judged for the new binding, and no loss falls between the two.
struct BindingFacts {
  std::string vault;
  int64_t sequence = 0;
  // As whom the key is used: an identity, as KeyUser has it, and its principal.
  std::string identity;
  std::string principal;

  // Whether a transaction that gives `account` a new binding may rely on these facts: as said
  // above, and the identity has that principal, in the account's tenant, and is the account's own
  // or attached to it.
  absl::StatusOr<bool> Hold(storage::Transaction& tx, const Account& account) const;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_BINDING_FACTS_H_
