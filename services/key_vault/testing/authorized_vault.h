#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_AUTHORIZED_VAULT_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_AUTHORIZED_VAULT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/authenticator.h"
#include "common/auth/authorizer.h"
#include "common/auth/testing/test_identities.h"
#include "common/auth/token_verifier.h"
#include "common/server/call_context.h"
#include "google/protobuf/message.h"
#include "services/key_vault/limited_permissions.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/subscription_follower.h"
#include "services/key_vault/testing/vault_env.h"
#include "services/key_vault/vault_hierarchy.h"

namespace keyward::key_vault::testing {

// The vault as callers meet it, but for the wire: each call goes through what the server's
// dispatcher asks of it, in its order (who calls, may it, is the message known), by the rules in
// the protos, and then to the handler that the adapters give it to. For tests that make very many
// calls. Not thread-safe where identities change; calls are.
class AuthorizedVault {
 public:
  explicit AuthorizedVault(const VaultEnv::Options& options);

  auto Call(const auth::Credentials& who, const keyvault::v1::CreateVaultRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::Create, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::GetVaultRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::Get, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::ListVaultsRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::List, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::UpdateVaultRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::Update, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::UpdateAccessPolicyRequest& request) {
    return Dispatch(who, env.policies, &AccessPoliciesHandler::Update, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::DeleteVaultRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::Delete, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::RecoverVaultRequest& request) {
    return Dispatch(who, env.vaults, &VaultsHandler::Recover, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::CreateKeyRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::Create, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::GetKeyRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::Get, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::ListKeysRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::List, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::RotateKeyRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::Rotate, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::DeleteKeyRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::Delete, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::RecoverKeyRequest& request) {
    return Dispatch(who, env.keys, &KeysHandler::Recover, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::GetKeyVersionRequest& request) {
    return Dispatch(who, env.versions, &KeyVersionsHandler::Get, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::ListKeyVersionsRequest& request) {
    return Dispatch(who, env.versions, &KeyVersionsHandler::List, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::UpdateKeyVersionRequest& request) {
    return Dispatch(who, env.versions, &KeyVersionsHandler::Update, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::DisableKeyRequest& request) {
    return Dispatch(who, env.versions, &KeyVersionsHandler::Disable, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::EnableKeyRequest& request) {
    return Dispatch(who, env.versions, &KeyVersionsHandler::Enable, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::PurgeKeyRequest& request) {
    return Dispatch(who, env.purge, &PurgeHandler::PurgeKey, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::PurgeVaultRequest& request) {
    return Dispatch(who, env.purge, &PurgeHandler::PurgeVault, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::InspectKeyRequest& request) {
    return Dispatch(who, env.inspection, &InspectionHandler::Inspect, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::WrapKeyRequest& request) {
    return Dispatch(who, env.cryptography, &CryptographyHandler::Wrap, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::UnwrapKeyRequest& request) {
    return Dispatch(who, env.cryptography, &CryptographyHandler::Unwrap, request);
  }

  auto Call(const auth::Credentials& who, const keyvault::v1::RewrapKeyRequest& request) {
    return Dispatch(who, env.cryptography, &CryptographyHandler::Rewrap, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::EncryptRequest& request) {
    return Dispatch(who, env.encryption, &EncryptionHandler::Encrypt, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::DecryptRequest& request) {
    return Dispatch(who, env.encryption, &EncryptionHandler::Decrypt, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::SignRequest& request) {
    return Dispatch(who, env.signatures, &SignatureHandler::Sign, request);
  }
  auto Call(const auth::Credentials& who, const keyvault::v1::VerifyRequest& request) {
    return Dispatch(who, env.signatures, &SignatureHandler::Verify, request);
  }

  VaultEnv env;

 private:
  template <typename Handler, typename Request, typename Response>
  absl::StatusOr<Response> Dispatch(
      const auth::Credentials& who, Handler& handler,
      absl::StatusOr<Response> (Handler::*method)(const server::CallContext&, const Request&),
      const Request& request) {
    server::CallContext call;
    if (absl::Status admitted = Admit(who, request, call); !admitted.ok()) return admitted;
    return (handler.*method)(call, request);
  }

  // Everything that must hold before the handler runs; tells the call who calls.
  absl::Status Admit(const auth::Credentials& who, const google::protobuf::Message& request,
                     server::CallContext& call) const;

  SubscriptionFollower subscriptions_;
  LimitedPermissions permissions_;
  VaultHierarchy hierarchy_;
  auth::TokenVerifier tokens_;
  auth::Authenticator authenticator_;
  auth::Authorizer authorizer_;

 public:
  // Plays managed_identity.
  auth::testing::TestIdentities identities;
  Purger purger;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_AUTHORIZED_VAULT_H_
