#ifndef KEYWARD_SERVICES_KEY_VAULT_FIELD_ERRORS_H_
#define KEYWARD_SERVICES_KEY_VAULT_FIELD_ERRORS_H_

#include "common/status/field_errors.h"

namespace keyward::key_vault {

using keyward::FieldErrors;

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_FIELD_ERRORS_H_
