#include "common/auth/roles.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace keyward::auth {
namespace {

using identity::v1::Role;

struct Row {
  const char* permission;
  std::set<Role> roles;
};

TEST(RolesTest, EachPermissionIsInExactlyTheRolesThatShallHaveIt) {
  using namespace identity::v1;  // the enum's values
  const std::vector<Row> table = {
      {"identity.tenants.create", {ROLE_ADMINISTRATOR}},
      {"identity.identities.disable", {ROLE_ADMINISTRATOR}},
      {"identity.roleAssignments.create", {ROLE_ADMINISTRATOR}},
      {"identity.tokens.issue", {ROLE_ADMINISTRATOR}},
      {"identity.tokens.introspect", {ROLE_ADMINISTRATOR, ROLE_TOKEN_INSPECTOR}},
      {"identity.signingKeys.list", {ROLE_ADMINISTRATOR, ROLE_READER}},
      {"identity.signingKeys.revoke", {ROLE_ADMINISTRATOR}},
      {"identity.tenants.get", {ROLE_ADMINISTRATOR, ROLE_READER}},
      {"keyvault.vaults.create", {ROLE_ADMINISTRATOR, ROLE_KEY_VAULT_ADMINISTRATOR}},
      {"keyvault.vaults.updateAccessPolicy", {ROLE_ADMINISTRATOR, ROLE_KEY_VAULT_ADMINISTRATOR}},
      {"keyvault.vaults.get",
       {ROLE_ADMINISTRATOR, ROLE_KEY_VAULT_ADMINISTRATOR, ROLE_CRYPTO_OFFICER, ROLE_READER,
        ROLE_PURGE_OPERATOR}},
      {"keyvault.vaults.purge",
       {ROLE_ADMINISTRATOR, ROLE_KEY_VAULT_ADMINISTRATOR, ROLE_PURGE_OPERATOR}},
      {"keyvault.vaults.recover", {ROLE_ADMINISTRATOR, ROLE_KEY_VAULT_ADMINISTRATOR}},
      {"encryption.accounts.create", {ROLE_ADMINISTRATOR, ROLE_ENCRYPTION_OPERATOR}},
      {"encryption.settings.update", {ROLE_ADMINISTRATOR, ROLE_ENCRYPTION_OPERATOR}},
      {"encryption.settings.preview", {ROLE_ADMINISTRATOR, ROLE_ENCRYPTION_OPERATOR, ROLE_READER}},
      {"encryption.data.decrypt", {ROLE_ADMINISTRATOR}},
      {"deployment.models.deploy", {ROLE_ADMINISTRATOR, ROLE_DEPLOYMENT_OPERATOR}},
      {"deployment.documents.download", {ROLE_ADMINISTRATOR, ROLE_DEPLOYMENT_OPERATOR}},
      {"deployment.receipts.get",
       {ROLE_ADMINISTRATOR, ROLE_DEPLOYMENT_OPERATOR, ROLE_READER, ROLE_AUDITOR}},
      {"audit.read", {ROLE_ADMINISTRATOR, ROLE_AUDITOR}},
      {"events.read", {ROLE_ADMINISTRATOR, ROLE_AUDITOR}},
  };
  for (const Row& row : table) {
    std::set<Role> holders;
    for (int role = 0; role < identity::v1::Role_ARRAYSIZE; ++role) {
      if (RolePermits(static_cast<Role>(role), row.permission)) {
        holders.insert(static_cast<Role>(role));
      }
    }
    EXPECT_EQ(holders, row.roles) << row.permission;
  }
}

TEST(RolesTest, UnknownRolesAndEmptyPermissionsGiveNothing) {
  EXPECT_FALSE(RolePermits(static_cast<Role>(99), "audit.read"));
  EXPECT_FALSE(RolePermits(identity::v1::ROLE_ADMINISTRATOR, ""));
  EXPECT_FALSE(RolePermits(identity::v1::ROLE_KEY_VAULT_ADMINISTRATOR, "keyvault."));
}

}  // namespace
}  // namespace keyward::auth
