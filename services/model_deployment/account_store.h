#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/storage/transaction.h"
#include "keyward/encryption/v1/access.pb.h"
#include "services/model_deployment/errors.h"

namespace keyward::model_deployment {

// What this service knows of an account, from encryption's feed. A plain value.
struct Account {
  std::string name;
  std::string subscription;
  std::string tenant;
  std::string region;
  encryption::v1::KeySource key_source = encryption::v1::KEY_SOURCE_PLATFORM_MANAGED;
  encryption::v1::Verdict verdict = encryption::v1::VERDICT_ACCESSIBLE;
  // Since when the verdict holds, and with DENIED why.
  Denial denial;
  std::string message;
  int64_t epoch = 0;
};

absl::StatusOr<std::optional<Account>> FindAccount(storage::Transaction& tx,
                                                   absl::string_view name);
absl::StatusOr<std::vector<Account>> AllAccounts(storage::Transaction& tx);
// Inserts or replaces.
absl::Status PutAccount(storage::Transaction& tx, const Account& account);
// Inserts unless it is there already; returns whether it did.
absl::StatusOr<bool> AddAccount(storage::Transaction& tx, const Account& account);

// The access of an account as callers read it.
encryption::v1::Access ToAccess(const Account& account);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_STORE_H_
