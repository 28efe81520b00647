#ifndef KEYWARD_SERVICES_KEY_VAULT_DANGLING_H_
#define KEYWARD_SERVICES_KEY_VAULT_DANGLING_H_

#include "common/auth/principal_directory.h"
#include "keyward/keyvault/v1/vaults.pb.h"

namespace keyward::key_vault {

// Says of each entry of the vault's access policy that gives nobody anything why it does not, as
// far as managed_identity has told. Operators, who are known by their certificates, never dangle.
void MarkDangling(const auth::PrincipalDirectory& principals, keyvault::v1::Vault& vault);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_DANGLING_H_
