#include "common/crypto/self_test.h"

#include <openssl/crypto.h>

#include "absl/strings/str_cat.h"

namespace keyward::crypto {

absl::Status CheckSelfTest(const SelfTestProbes& probes) {
  if (!probes.in_fips_mode()) {
    return absl::InternalError("the cryptographic module was not built in FIPS mode");
  }
  if (!probes.known_answers_hold()) {
    return absl::InternalError("the cryptographic module failed its known-answer tests");
  }
  return absl::OkStatus();
}

absl::Status RunSelfTest() {
  return CheckSelfTest({.in_fips_mode = [] { return FIPS_mode() == 1; },
                        .known_answers_hold = [] { return BORINGSSL_self_test() == 1; }});
}

std::string ModuleVersion() { return absl::StrCat(FIPS_module_name(), " ", FIPS_version()); }

}  // namespace keyward::crypto
