#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_EXAMINER_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_EXAMINER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "services/encryption/account.h"
#include "services/encryption/binding_facts.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/key_rules.h"
#include "services/encryption/key_vault_client.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// Finds out what the rules for a customer's key look at, from those who know. Thread-safe.
class KeyExaminer {
 public:
  // All must outlive this.
  KeyExaminer(KeyVaultClient& key_vault, IdentityClient& identities, const Replica& replica,
              const clock::Clock& clock)
      : key_vault_(key_vault), identities_(identities), replica_(replica), clock_(clock) {}

  // As whom the account would use a key if it is to be `identity`, or if nothing is said.
  // FAILED_PRECONDITION, with managed_identity's reasons; DEPENDENCY_UNAVAILABLE.
  absl::StatusOr<KeyUser> Choose(const server::CallContext& call, const Account& account,
                                 const std::string& identity);

  // The principal of the identity as it is now, or "" if it has none or is not attached any longer;
  // enabled if it was not, which only an account's own can be. DEPENDENCY_UNAVAILABLE.
  absl::StatusOr<std::string> PrincipalOf(const server::CallContext& call, const KeyUser& user);
  absl::StatusOr<std::string> EnableIdentity(const server::CallContext& call, const KeyUser& user);

  // The facts about `key`, which may name a version, if `user` is to use it for the account by
  // `principal`; without the probe. DEPENDENCY_UNAVAILABLE.
  absl::StatusOr<KeyFacts> Examine(const server::CallContext& call, const Account& account,
                                   const std::string& key, const KeyUser& user,
                                   const std::string& principal, KeyFacts::Purpose purpose);

  // Waits until this service has applied the events that BindingFacts::Hold asks for; false if they
  // do not come soon.
  bool AwaitFeeds(const AccountName& account, const BindingFacts& facts) const;

 private:
  KeyVaultClient& key_vault_;
  IdentityClient& identities_;
  const Replica& replica_;
  const clock::Clock& clock_;
};

// Whether a probe that failed like this says that a rule is broken. If not, it was an outage.
bool ProbeTellsOfAccess(const absl::Status& status);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_EXAMINER_H_
