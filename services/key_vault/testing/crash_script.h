#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_CRASH_SCRIPT_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_CRASH_SCRIPT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/server/metrics.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/rotator.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault::testing {

// A vault with its background work, which does what it has to when told to.
struct CrashVault {
  CrashVault(const std::string& url, const std::string& root_key_file)
      : env({.url = url, .root_key_file = root_key_file}),
        purger(*env.database, env.clock, env.purges),
        rotator(*env.database, env.clock, env.publisher, env.key_ring, metrics) {}

  VaultEnv env;
  server::Metrics metrics;
  Purger purger;
  Rotator rotator;
};

// One change of a vault, of every kind that there is.
struct CrashStep {
  std::string name;
  // How long after the step before.
  absl::Duration later;
  std::function<absl::Status(CrashVault&)> run;
};

// What a vault goes through, in this order: every kind of change that callers can make, but for
// restoring a key, and all background work. Each leads to another state, or to another feed.
const std::vector<CrashStep>& CrashScript();

// When a step takes place.
absl::Time CrashTimeOf(size_t step);

// Whether a vault is half purged, which the background work has to finish.
bool HasPurgeToFinish(CrashVault& vault);

// The whole of a vault: what bears on access, what the feed and the audit log hold. Two vaults that
// went through the same have the same. Ends the test if tables and feed disagree.
std::string CrashStateOf(CrashVault& vault);

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_CRASH_SCRIPT_H_
