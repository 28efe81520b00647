#ifndef KEYWARD_SERVICES_KEY_VAULT_SCHEMA_H_
#define KEYWARD_SERVICES_KEY_VAULT_SCHEMA_H_

#include "common/storage/migration.h"

namespace keyward::key_vault {

// The tables of the key vault itself; those of events, audit and principals are the common parts'.
storage::Schema KeyVaultSchema();

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_SCHEMA_H_
