#ifndef KEYWARD_COMMON_CRYPTO_SELF_TEST_H_
#define KEYWARD_COMMON_CRYPTO_SELF_TEST_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace keyward::crypto {

// What the self-test asks of the cryptographic module.
struct SelfTestProbes {
  absl::FunctionRef<bool()> in_fips_mode;
  absl::FunctionRef<bool()> known_answers_hold;
};

// INTERNAL, naming the first probe that failed, or OK.
absl::Status CheckSelfTest(const SelfTestProbes& probes);

// CheckSelfTest() on BoringSSL: it was built in FIPS mode, and its known-answer tests pass now. A
// server calls this before it listens and exits if it fails. (The integrity test of the module runs
// earlier still, when the program is loaded, and aborts it on failure.) Takes tens of milliseconds.
absl::Status RunSelfTest();

// The module's name and version, for a server's start-up log, such as "BoringCrypto 2022061300".
std::string ModuleVersion();

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_SELF_TEST_H_
