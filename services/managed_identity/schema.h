#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SCHEMA_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SCHEMA_H_

#include "common/storage/migration.h"

namespace keyward::managed_identity {

// The tables of this service, beside those of the common parts.
storage::Schema ManagedIdentitySchema();

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SCHEMA_H_
