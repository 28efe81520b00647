#ifndef KEYWARD_COMMON_AUDIT_AUDIT_STORE_H_
#define KEYWARD_COMMON_AUDIT_AUDIT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/migration.h"
#include "common/storage/transaction.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::audit {

// The detail of an entry that names the resource that the call made: the entry is about it, too.
inline constexpr char kCreatedDetail[] = "created";

// The tables of the audit log. Every service opens its database with them.
storage::Schema AuditSchema();

// Appends entries in the order given; their ids are set by this. Errors are those of Transaction.
absl::Status AppendEntries(storage::Transaction& tx, absl::Span<const v1::AuditEntry> entries);

// What entries are chosen by; empty fields choose all.
struct AuditFilter {
  // Entries about this resource or what lies below it, and that of the call that made it.
  std::string resource;
  std::string correlation_id;
};

// The newest entries with an id below `before_id` (0: any), newest first, at most `limit`.
absl::StatusOr<std::vector<v1::AuditEntry>> ReadEntries(storage::Transaction& tx,
                                                        const AuditFilter& filter,
                                                        int64_t before_id, int limit);

}  // namespace keyward::audit

#endif  // KEYWARD_COMMON_AUDIT_AUDIT_STORE_H_
