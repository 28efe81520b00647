#ifndef KEYWARD_COMMON_STORAGE_MIGRATOR_H_
#define KEYWARD_COMMON_STORAGE_MIGRATOR_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/storage/connection.h"
#include "common/storage/engine.h"
#include "common/storage/migration.h"

namespace keyward::storage {

// Takes every step of the schemas that the database has not taken yet, each in a transaction of its
// own, while no other process does. FAILED_PRECONDITION: the database has taken a step that is not
// among them, as a newer release does.
absl::Status Migrate(const Engine& engine, Connection& connection,
                     absl::Span<const Schema> schemas);

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_MIGRATOR_H_
