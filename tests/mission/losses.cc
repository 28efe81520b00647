#include "tests/mission/losses.h"

#include "common/status/status_macros.h"

namespace keyward::mission {
namespace {

using encryption::v1::Cause;
using events::v1::Delivery;
using identity::v1::IdentityService;
using identity::v1::TenantService;
using keyvault::v1::KeyService;
using keyvault::v1::VaultService;

absl::StatusOr<Delivery> DisableIdentity(Customer& customer) {
  identity::v1::DisableIdentityRequest request;
  request.set_name(customer.identity());
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(auto response, client.Call(*client.identities,
                                                 &IdentityService::Stub::DisableIdentity, request));
  return response.delivery();
}

absl::StatusOr<Delivery> RemoveAccessPolicy(Customer& customer) {
  KW_ASSIGN_OR_RETURN(auto settings, customer.GetSettings());
  keyvault::v1::UpdateAccessPolicyRequest request;
  request.set_vault(customer.vault());
  request.set_kind(keyvault::v1::UpdateAccessPolicyRequest::KIND_REMOVE);
  request.add_entries()->set_principal(settings.principal_id());
  request.mutable_entries(0)->add_key_permissions("all");
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(
      auto response, client.Call(*client.vaults, &VaultService::Stub::UpdateAccessPolicy, request));
  return response.delivery();
}

absl::StatusOr<Delivery> DisableKey(Customer& customer) {
  keyvault::v1::DisableKeyRequest request;
  request.set_name(customer.key());
  request.set_acknowledge_in_use(true);
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(auto response,
                      client.Call(*client.keys, &KeyService::Stub::DisableKey, request));
  return response.delivery();
}

absl::StatusOr<Delivery> DeleteKey(Customer& customer) {
  keyvault::v1::DeleteKeyRequest request;
  request.set_name(customer.key());
  request.set_acknowledge_in_use(true);
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(auto response,
                      client.Call(*client.keys, &KeyService::Stub::DeleteKey, request));
  return response.delivery();
}

absl::StatusOr<Delivery> DeleteVault(Customer& customer) {
  keyvault::v1::DeleteVaultRequest request;
  request.set_name(customer.vault());
  request.set_acknowledge_in_use(true);
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(auto response,
                      client.Call(*client.vaults, &VaultService::Stub::DeleteVault, request));
  return response.delivery();
}

absl::StatusOr<Delivery> MoveSubscription(Customer& customer) {
  identity::v1::MoveSubscriptionRequest request;
  request.set_name(customer.subscription());
  request.set_destination_tenant(customer.other_tenant());
  Client& client = customer.client();
  KW_ASSIGN_OR_RETURN(
      auto response, client.Call(*client.tenants, &TenantService::Stub::MoveSubscription, request));
  return response.delivery();
}

}  // namespace

const std::vector<Loss>& Losses() {
  static const auto* const losses = new std::vector<Loss>{
      {Cause::CAUSE_IDENTITY_DISABLED, "the identity is disabled", DisableIdentity},
      {Cause::CAUSE_ACCESS_POLICY_REMOVED, "the access policy is removed", RemoveAccessPolicy},
      {Cause::CAUSE_KEY_DISABLED, "the key is disabled", DisableKey},
      {Cause::CAUSE_KEY_DELETED, "the key is deleted", DeleteKey},
      {Cause::CAUSE_VAULT_DELETED, "the vault is deleted", DeleteVault},
      {Cause::CAUSE_TENANT_CHANGED, "the subscription moves to another tenant", MoveSubscription},
  };
  return *losses;
}

}  // namespace keyward::mission
