#ifndef KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_SCHEMA_H_
#define KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_SCHEMA_H_

#include "common/storage/migration.h"

namespace keyward::encryption {

// The tables of this service's stores.
storage::Schema EncryptionSchema();

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_SCHEMA_H_
