#ifndef KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_AUDIT_H_
#define KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_AUDIT_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// Adds what happened to an account without a caller, such as "background/AccessLost", to the audit
// log, in the transaction of the change itself. Errors are those of Transaction.
absl::Status AuditBackground(storage::Transaction& tx, absl::Time now, const char* operation,
                             const AccountName& account, const Origin& origin,
                             std::map<std::string, std::string> details);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_AUDIT_H_
