#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MANY_KEYS_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MANY_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "common/storage/database.h"

namespace keyward::key_vault::testing {

// The id of the n-th key of a filled vault; in the order of the numbers.
std::string FilledKeyId(int n);

// Puts that many keys into an empty vault of a SQLite database, each with one version: rows as long
// as those of keys on P-256, of which nobody can use the private key. In many transactions, so that
// others can write meanwhile. Errors are those of Database.
absl::Status FillVault(storage::Database& database, const std::string& vault_id, int keys);

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MANY_KEYS_H_
