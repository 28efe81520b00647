#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_RUN_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_RUN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "services/key_vault/testing/authorized_vault.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {

class Dice;

// One call, or one thing that happens. It names what it is about by number, so that it makes sense
// after any other steps: steps can be left out, to find the few that matter.
struct Step {
  enum class Action {
    kCreateVault,
    kGetVault,
    kListVaults,
    kUpdateVault,
    kUpdatePolicy,
    kDeleteVault,
    kRecoverVault,
    kPurgeVault,
    kCreateKey,
    kGetKey,
    kListKeys,
    kGetKeyVersion,
    kListKeyVersions,
    kRotateKey,
    kUpdateKeyVersion,
    kDisableKey,
    kEnableKey,
    kDeleteKey,
    kRecoverKey,
    kPurgeKey,
    kInspectKey,
    kWrapKey,
    kUnwrapKey,
    kRewrapKey,
    kEncrypt,
    kDecrypt,
    kSign,
    kVerify,
    // Sends the last call that had a request_id again.
    kSendAgain,
    // An identity is disabled or enabled.
    kChangePrincipal,
    // A subscription moves to the other tenant.
    kMoveSubscription,
    // Time passes: by any amount, or to just before, at or after the next moment that matters.
    kPassTime,
    // The purger comes by.
    kPurgeDue,
    kCount,
  };

  Action action = Action::kCreateVault;
  int caller = 0;
  int vault = 0;
  int key = 0;
  // What else there is to choose.
  uint32_t dice = 0;
};

// A step of a random mixture in which most calls succeed and each state is reached often.
Step RandomStep(std::mt19937_64& random);

// A vault and a model of it, side by side. Not thread-safe.
class ModelRun {
 public:
  // `tracing`: whether LastCall tells of each call.
  explicit ModelRun(bool tracing = false);

  // Makes a step in both. Empty if they agree; otherwise what each said.
  std::string Make(const Step& given);

  // The last step, for people.
  std::string LastCall() const { return last_call_; }
  // How often each outcome has come up, by request and reason.
  const std::map<std::string, int>& outcomes() const { return outcomes_; }

 private:
  struct Token {
    std::string text;
    absl::Time issued;
  };

  // Who calls: with the certificate of an operator or a service, or with the token of an identity.
  struct Caller {
    VaultModel::Caller model;
    auth::Credentials credentials;
  };
  Caller CallerOf(int number, bool with_old_token);

  // Sends the request to both and compares.
  template <typename Request>
  std::string Compare(const Caller& caller, const Request& request);
  // The same, for requests that have a request_id, which is set now and then.
  template <typename Request>
  std::string CompareOnce(const Caller& caller, Request& request, Dice& dice);

  // Most steps about something that is not there, or by somebody who may not, turned into one that
  // has more to show: about another vault or key, by the administrator, or one that makes it.
  Step Steered(Step step, Dice& dice) const;

  std::string MakeVaultCall(const Step& step, const Caller& caller, Dice& dice);
  std::string MakeKeyCall(const Step& step, const Caller& caller, Dice& dice);
  std::string MakeVersionCall(const Step& step, const Caller& caller, Dice& dice);
  std::string MakeCryptographyCall(const Step& step, const Caller& caller, Dice& dice);
  std::string ChangeTheWorld(const Step& step, Dice& dice);

  std::string CreateVault(const Step& step, const Caller& caller, Dice& dice);
  std::string UpdatePolicy(const Step& step, const Caller& caller, Dice& dice);
  std::string CreateKey(const Step& step, const Caller& caller, Dice& dice);
  std::string UpdateVersion(const Step& step, const Caller& caller, Dice& dice);
  template <typename Request>
  std::string Seal(const Step& step, const Caller& caller, Dice& dice);
  template <typename Request>
  std::string Open(const Step& step, const Caller& caller, Dice& dice);
  std::string Sign(const Step& step, const Caller& caller, Dice& dice);
  std::string Verify(const Step& step, const Caller& caller, Dice& dice);
  // One of what was made before, mostly one of the newest in the step's vault; null if there is
  // none.
  const VaultModel::Made* PickMade(const std::vector<VaultModel::Made>& all, const Step& step,
                                   Dice& dice) const;

  // The names of a step's vault and key; of the key or, mostly, one of its versions.
  static std::string VaultName(const Step& step);
  static std::string KeyName(const Step& step);
  std::string VersionName(const Step& step, Dice& dice) const;
  std::string KeyOrVersionName(const Step& step, Dice& dice) const;
  const VaultModel::Key* FindKey(const Step& step) const;
  void PickWindow(Dice& dice, keyvault::v1::KeyVersion& version) const;

  const bool tracing_;
  TemporaryFolder folder_{TemporaryFolder::Place::kMemory};
  AuthorizedVault vault_;
  VaultModel model_;
  std::map<std::string, Token> tokens_;
  std::function<std::string()> send_again_;
  // Making one takes long.
  int rsa_keys_left_ = 4;
  std::string last_call_;
  std::map<std::string, int> outcomes_;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_RUN_H_
