#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_VIEW_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_VIEW_H_

#include "absl/status/statusor.h"
#include "common/auth/caller.h"
#include "common/storage/transaction.h"
#include "keyward/identity/v1/identities.pb.h"
#include "services/managed_identity/identity.h"

namespace keyward::managed_identity {

// An identity as a caller sees it who may read it: with the names of those resources that it is
// attached to and that the caller may read too (identity.identities.get), and the number of the
// others. Errors are the database's.
absl::StatusOr<identity::v1::Identity> ViewOf(storage::Transaction& tx, const auth::Caller& caller,
                                              const Identity& identity);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_VIEW_H_
