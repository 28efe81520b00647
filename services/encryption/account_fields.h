#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_FIELDS_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_FIELDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/field_errors.h"
#include "keyward/encryption/v1/accounts.pb.h"
#include "services/encryption/account.h"

namespace keyward::encryption {

// The account that a request wants to be created: every wrong field is named at once.
// INVALID_ARGUMENT; TIER_UNKNOWN; CUSTOMER_KEY_AT_CREATION.
absl::StatusOr<Account> ReadNewAccount(const v1::CreateAccountRequest& request);

// Takes one path of an update mask over from `given`; what is wrong with it is noted in `errors`.
void ApplyAccountPath(const std::string& path, const v1::Account& given, Account& account,
                      FieldErrors& errors);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_FIELDS_H_
