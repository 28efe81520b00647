#include "services/key_vault/testing/switched_access.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
constexpr char kTenant[] = "tenants/test";

template <typename T>
T Value(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    std::abort();
  }
  return *std::move(result);
}

void AddEntry(v1::AccessPolicyEntry& entry, const std::string& principal,
              const std::vector<std::string>& permissions) {
  entry.set_principal(principal);
  for (const std::string& name : permissions) entry.add_key_permissions(name);
}

template <typename Request, typename Stub, typename Method>
absl::Status CallByName(Stub& stub, Method method, const std::string& name) {
  Request request;
  request.set_name(name);
  return VaultServer::Call(stub, method, request).status();
}

v1::WrapKeyRequest WrapRequest(const std::string& key) {
  v1::WrapKeyRequest request;
  request.set_name(key);
  request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_plaintext("secret");
  return request;
}

}  // namespace

SwitchedAccess::Replica::Replica(std::unique_ptr<VaultServer> running)
    : server(std::move(running)),
      vaults(server->AsOperator("alice")),
      keys(server->AsOperator("alice")),
      keys_of_identity(server->AsService("encryption")),
      cryptography(server->AsService("encryption")) {}

SwitchedAccess::SwitchedAccess(const storage::testing::TemporaryDatabase* postgresql) {
  auto first = std::make_unique<VaultServer>(postgresql == nullptr ? "" : postgresql->url());
  std::unique_ptr<VaultServer> second;
  if (postgresql != nullptr) second = std::make_unique<VaultServer>(*first, "1");
  replicas_.push_back(std::make_unique<Replica>(std::move(first)));
  if (second != nullptr) replicas_.push_back(std::make_unique<Replica>(std::move(second)));
  IdentityFeed& identities = replicas_[0]->server->identities();
  identities.SetSubscription("subscriptions/main", kTenant);
  identities.SetPrincipal(kPrincipal, kTenant, true);
  identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
  CreateVault("contoso");
  CreateVault("fabrikam");
  for (size_t i = 0; i < kTargets.size(); ++i) CreateKey(i);
}

void SwitchedAccess::CreateVault(const std::string& id) {
  v1::CreateVaultRequest request;
  request.set_vault_id(id);
  request.mutable_vault()->set_subscription("subscriptions/main");
  request.mutable_vault()->set_region("westeurope");
  AddEntry(*request.mutable_vault()->add_access_policy(), kAlice, {"all"});
  AddEntry(*request.mutable_vault()->add_access_policy(), kPrincipal,
           {"get", "wrapKey", "unwrapKey"});
  Value(VaultServer::Call(replicas_[0]->vaults, &Vaults::CreateVault, request));
}

void SwitchedAccess::CreateKey(size_t target) {
  const std::string name = kTargets[target].key;
  v1::CreateKeyRequest request;
  request.set_parent(name.substr(0, name.find("/keys")));
  request.set_key_id(name.substr(name.rfind('/') + 1));
  request.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
  Value(VaultServer::Call(replicas_[0]->keys, &Keys::CreateKey, request));
  ciphertexts_[target] = Value(VaultServer::Call(replicas_[0]->cryptography, &Cryptography::WrapKey,
                                                 WrapRequest(name), Token()))
                             .ciphertext();
}

std::string SwitchedAccess::Token() {
  return replicas_[0]->server->identities().Sign(IdentityFeed::Claims(kPrincipal, kTenant));
}

absl::Status SwitchedAccess::SetPolicy(Replica& replica, bool on) {
  v1::UpdateAccessPolicyRequest request;
  request.set_vault("vaults/contoso");
  request.set_kind(on ? v1::UpdateAccessPolicyRequest::KIND_ADD
                      : v1::UpdateAccessPolicyRequest::KIND_REMOVE);
  AddEntry(*request.add_entries(), kPrincipal, {"get", "wrapKey", "unwrapKey"});
  return VaultServer::Call(replica.vaults, &Vaults::UpdateAccessPolicy, request).status();
}

absl::Status SwitchedAccess::Set(Switch which, size_t number, bool on) {
  Replica& replica = *replicas_[number];
  const std::string vault = "vaults/fabrikam";
  switch (which) {
    case kIdentity: {
      IdentityFeed& identities = replica.server->identities();
      identities.Await(identities.SetPrincipal(kPrincipal, kTenant, on));
      return absl::OkStatus();
    }
    case kPolicy:
      return SetPolicy(replica, on);
    case kEnabled:
      return on ? CallByName<v1::EnableKeyRequest>(replica.keys, &Keys::EnableKey, kTargets[0].key)
                : CallByName<v1::DisableKeyRequest>(replica.keys, &Keys::DisableKey,
                                                    kTargets[0].key);
    case kKey:
      return on ? CallByName<v1::RecoverKeyRequest>(replica.keys, &Keys::RecoverKey,
                                                    kTargets[1].key)
                : CallByName<v1::DeleteKeyRequest>(replica.keys, &Keys::DeleteKey, kTargets[1].key);
    default:
      return on ? CallByName<v1::RecoverVaultRequest>(replica.vaults, &Vaults::RecoverVault, vault)
                : CallByName<v1::DeleteVaultRequest>(replica.vaults, &Vaults::DeleteVault, vault);
  }
}

absl::Status SwitchedAccess::Call(Use use, size_t number, size_t target) {
  Replica& replica = *replicas_[number];
  const std::string name = kTargets[target].key;
  if (use == Use::kGet) {
    v1::GetKeyRequest request;
    request.set_name(name);
    return VaultServer::Call(replica.keys_of_identity, &Keys::GetKey, request, Token()).status();
  }
  if (use == Use::kWrap) {
    return VaultServer::Call(replica.cryptography, &Cryptography::WrapKey, WrapRequest(name),
                             Token())
        .status();
  }
  v1::UnwrapKeyRequest request;
  request.set_name(name);
  request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_ciphertext(ciphertexts_[target]);
  return VaultServer::Call(replica.cryptography, &Cryptography::UnwrapKey, request, Token())
      .status();
}

}  // namespace keyward::key_vault::testing
