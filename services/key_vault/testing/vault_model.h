#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_MODEL_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/testing/model_values.h"

namespace keyward::key_vault::testing {

// What the key vault should do, told a second time from the contract (the protos) and in the
// plainest way: maps in memory, no database, no cryptography, none of the service's code. Calls
// take the request and what the vault answered to it (null if it refused), from which the model
// takes over what it cannot know, such as the id of a new version or a ciphertext. It returns the
// answer that was right, or the error that was: its code, and as its message the reason and the
// broken preconditions, as OutcomeOf (outcome.h) tells them. Not thread-safe.
class VaultModel {
 public:
  using Names = model::Names;
  using Tags = model::Tags;
  using Error = absl::Status;

  using Caller = model::Caller;
  using Version = model::Version;
  using Key = model::Key;
  using Vault = model::Vault;
  using Made = model::Made;
  using Role = model::Role;

  explicit VaultModel(const clock::Clock& clock) : clock_(clock) {}

  // What managed_identity tells.
  void AddRole(Role role) { roles_.push_back(std::move(role)); }
  void SetSubscription(const std::string& subscription, const std::string& tenant);
  // The tokens of before are void.
  void SetPrincipal(const std::string& id, const std::string& tenant, bool active);

  absl::StatusOr<keyvault::v1::Vault> Call(const Caller& caller,
                                           const keyvault::v1::CreateVaultRequest& request,
                                           const keyvault::v1::Vault* answer);
  absl::StatusOr<keyvault::v1::Vault> Call(const Caller& caller,
                                           const keyvault::v1::GetVaultRequest& request,
                                           const keyvault::v1::Vault* answer);
  absl::StatusOr<keyvault::v1::ListVaultsResponse> Call(
      const Caller& caller, const keyvault::v1::ListVaultsRequest& request,
      const keyvault::v1::ListVaultsResponse* answer);
  absl::StatusOr<keyvault::v1::Vault> Call(const Caller& caller,
                                           const keyvault::v1::UpdateVaultRequest& request,
                                           const keyvault::v1::Vault* answer);
  absl::StatusOr<keyvault::v1::UpdateAccessPolicyResponse> Call(
      const Caller& caller, const keyvault::v1::UpdateAccessPolicyRequest& request,
      const keyvault::v1::UpdateAccessPolicyResponse* answer);
  absl::StatusOr<keyvault::v1::DeleteVaultResponse> Call(
      const Caller& caller, const keyvault::v1::DeleteVaultRequest& request,
      const keyvault::v1::DeleteVaultResponse* answer);
  absl::StatusOr<keyvault::v1::Vault> Call(const Caller& caller,
                                           const keyvault::v1::RecoverVaultRequest& request,
                                           const keyvault::v1::Vault* answer);

  absl::StatusOr<keyvault::v1::Key> Call(const Caller& caller,
                                         const keyvault::v1::CreateKeyRequest& request,
                                         const keyvault::v1::Key* answer);
  absl::StatusOr<keyvault::v1::Key> Call(const Caller& caller,
                                         const keyvault::v1::GetKeyRequest& request,
                                         const keyvault::v1::Key* answer);
  absl::StatusOr<keyvault::v1::ListKeysResponse> Call(const Caller& caller,
                                                      const keyvault::v1::ListKeysRequest& request,
                                                      const keyvault::v1::ListKeysResponse* answer);
  absl::StatusOr<keyvault::v1::KeyVersion> Call(const Caller& caller,
                                                const keyvault::v1::GetKeyVersionRequest& request,
                                                const keyvault::v1::KeyVersion* answer);
  absl::StatusOr<keyvault::v1::ListKeyVersionsResponse> Call(
      const Caller& caller, const keyvault::v1::ListKeyVersionsRequest& request,
      const keyvault::v1::ListKeyVersionsResponse* answer);
  absl::StatusOr<keyvault::v1::Key> Call(const Caller& caller,
                                         const keyvault::v1::RotateKeyRequest& request,
                                         const keyvault::v1::Key* answer);
  absl::StatusOr<keyvault::v1::UpdateKeyVersionResponse> Call(
      const Caller& caller, const keyvault::v1::UpdateKeyVersionRequest& request,
      const keyvault::v1::UpdateKeyVersionResponse* answer);
  absl::StatusOr<keyvault::v1::DisableKeyResponse> Call(
      const Caller& caller, const keyvault::v1::DisableKeyRequest& request,
      const keyvault::v1::DisableKeyResponse* answer);
  absl::StatusOr<keyvault::v1::Key> Call(const Caller& caller,
                                         const keyvault::v1::EnableKeyRequest& request,
                                         const keyvault::v1::Key* answer);
  absl::StatusOr<keyvault::v1::DeleteKeyResponse> Call(
      const Caller& caller, const keyvault::v1::DeleteKeyRequest& request,
      const keyvault::v1::DeleteKeyResponse* answer);
  absl::StatusOr<keyvault::v1::Key> Call(const Caller& caller,
                                         const keyvault::v1::RecoverKeyRequest& request,
                                         const keyvault::v1::Key* answer);
  absl::StatusOr<keyvault::v1::PurgeKeyResponse> Call(const Caller& caller,
                                                      const keyvault::v1::PurgeKeyRequest& request,
                                                      const keyvault::v1::PurgeKeyResponse* answer);
  absl::StatusOr<keyvault::v1::PurgeVaultResponse> Call(
      const Caller& caller, const keyvault::v1::PurgeVaultRequest& request,
      const keyvault::v1::PurgeVaultResponse* answer);
  absl::StatusOr<keyvault::v1::InspectKeyResponse> Call(
      const Caller& caller, const keyvault::v1::InspectKeyRequest& request,
      const keyvault::v1::InspectKeyResponse* answer);

  absl::StatusOr<keyvault::v1::WrapKeyResponse> Call(const Caller& caller,
                                                     const keyvault::v1::WrapKeyRequest& request,
                                                     const keyvault::v1::WrapKeyResponse* answer);
  absl::StatusOr<keyvault::v1::UnwrapKeyResponse> Call(
      const Caller& caller, const keyvault::v1::UnwrapKeyRequest& request,
      const keyvault::v1::UnwrapKeyResponse* answer);
  absl::StatusOr<keyvault::v1::RewrapKeyResponse> Call(
      const Caller& caller, const keyvault::v1::RewrapKeyRequest& request,
      const keyvault::v1::RewrapKeyResponse* answer);
  absl::StatusOr<keyvault::v1::EncryptResponse> Call(const Caller& caller,
                                                     const keyvault::v1::EncryptRequest& request,
                                                     const keyvault::v1::EncryptResponse* answer);
  absl::StatusOr<keyvault::v1::DecryptResponse> Call(const Caller& caller,
                                                     const keyvault::v1::DecryptRequest& request,
                                                     const keyvault::v1::DecryptResponse* answer);
  absl::StatusOr<keyvault::v1::SignResponse> Call(const Caller& caller,
                                                  const keyvault::v1::SignRequest& request,
                                                  const keyvault::v1::SignResponse* answer);
  absl::StatusOr<keyvault::v1::VerifyResponse> Call(const Caller& caller,
                                                    const keyvault::v1::VerifyRequest& request,
                                                    const keyvault::v1::VerifyResponse* answer);

  // What the clock has made due; returns how many vaults and keys that purges.
  int PurgeDue();

  // The state, for whoever makes up calls. By id.
  const std::map<std::string, Vault>& vaults() const { return vaults_; }
  const std::vector<Made>& encrypted() const { return encrypted_; }
  const std::vector<Made>& signed_digests() const { return signed_; }
  bool TokenIsGood(const Caller& caller) const;
  // The next moments at which something changes by itself, or has just changed.
  std::optional<absl::Time> NextMoment() const;

 private:
  struct Principal {
    std::string tenant;
    bool active = false;
    absl::Time not_before;
  };
  struct Answered {
    std::string request;
    std::string response;
    absl::Time time;
  };

  absl::Time Now() const;

  // A vault as answers show it, with what is known of the principals in its access policy.
  keyvault::v1::Vault Show(const Vault& vault) const;

  // Who may do what: authorization by role, and by the access policy of the vault that holds
  // `resource`.
  Error Authenticate(const Caller& caller) const;
  Error MayManage(const Caller& caller, const std::string& resource, bool reads) const;
  Error MayUse(const Caller& caller, const std::string& resource,
               const std::string& permission) const;

  Vault* Find(const std::string& vault);
  absl::StatusOr<Vault*> FindLive(const std::string& vault);
  // The key in a live vault, deleted or not; or only if it is not.
  struct Found {
    Vault* vault;
    Key* key;
  };
  absl::StatusOr<Found> FindKey(const std::string& name);
  absl::StatusOr<Found> FindLiveKey(const std::string& name);
  // The version named, or the newest; null if the key has no such version.
  static Version* VersionOf(Key& key, const std::string& name);
  // Refuses, with all that stands in the way, or finds the version to use.
  absl::StatusOr<Version*> Usable(const std::string& name, const std::string& operation);
  // Refuses an algorithm that is not for keys of the type of the one named.
  Error CheckSuitable(const std::string& name, const std::string& algorithm);
  // What Encrypt and WrapKey, Decrypt and UnwrapKey have in common.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Encrypt(const Caller& caller, const Request& request,
                                   const std::string& operation, const std::string& algorithm,
                                   const Response* answer);
  template <typename Response, typename Request>
  absl::StatusOr<Response> Decrypt(const Caller& caller, const Request& request,
                                   const std::string& operation, const std::string& algorithm);
  // What a ciphertext holds; null if it does not decrypt.
  const Made* Open(const Version& version, const std::string& algorithm,
                   const std::string& associated_data, const std::string& ciphertext) const;
  // One that has just been made; what is random in it as answered.
  Version NewVersion(const keyvault::v1::Key* answer) const;
  void SetEnabled(Key& key, const std::string& name, bool enabled);

  // The first answer to the request id, if there is one; otherwise `work`, whose answer is kept.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Once(const Caller& caller, const Request& request,
                                absl::FunctionRef<absl::StatusOr<Response>()> work);

  const clock::Clock& clock_;
  std::vector<Role> roles_;
  std::map<std::string, std::string> subscriptions_;
  std::map<std::string, Principal> principals_;
  std::map<std::string, Vault> vaults_;
  std::vector<Made> encrypted_;
  std::vector<Made> signed_;
  // By principal and request id.
  std::map<std::pair<std::string, std::string>, Answered> answered_;
};

template <typename Request, typename Response>
absl::StatusOr<Response> VaultModel::Once(const Caller& caller, const Request& request,
                                          absl::FunctionRef<absl::StatusOr<Response>()> work) {
  if (request.request_id().empty()) return work();
  Request rest = request;
  rest.clear_request_id();
  const std::string text = rest.GetTypeName() + rest.ShortDebugString();
  const auto key = std::make_pair(caller.principal, request.request_id());
  const auto first = answered_.find(key);
  if (first != answered_.end() && Now() - first->second.time <= absl::Hours(24 * 7)) {
    Response response;
    if (first->second.request != text) {
      return absl::Status(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
    }
    response.ParseFromString(first->second.response);
    return response;
  }
  absl::StatusOr<Response> response = work();
  if (response.ok()) answered_[key] = {text, response->SerializeAsString(), Now()};
  return response;
}

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_MODEL_H_
