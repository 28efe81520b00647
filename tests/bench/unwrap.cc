// vault.unwrap_rsa2048: UnwrapKey of an RSA-2048 key, over mutual TLS, access policy and audit
// entry included, beside what RSA-2048 alone costs on the same cores in the same run. The servers
// have the first half of the cores, RSA alone has the same half in its turn, and who calls has the
// other half, as a caller is elsewhere. One line of JSON.

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/random.h"
#include "common/crypto/rsa.h"
#include "common/server/process.h"
#include "common/status/status_macros.h"
#include "tests/bench/load.h"
#include "tests/bench/measuring.h"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

// Value and limit are measured in turns, so that both see the same machine.
constexpr absl::Duration kMeasured = absl::Seconds(2);
constexpr int kTurns = 7;
constexpr int kCallers = 256;

// RSA-2048 alone, by a function that says whether it worked.
absl::StatusOr<std::function<bool()>> BareUnwrap() {
  KW_ASSIGN_OR_RETURN(const crypto::RsaPrivateKey key, crypto::RsaPrivateKey::Generate(2048));
  KW_ASSIGN_OR_RETURN(const std::string wrapped,
                      key.public_key().Encrypt(crypto::RandomBytes(32), crypto::OaepHash::kSha256));
  return [key, wrapped] { return key.Decrypt(wrapped, crypto::OaepHash::kSha256).ok(); };
}

// The same by the service, for a caller that has many calls under way and no thread for each.
absl::StatusOr<AsyncCall> ServedUnwrap(mission::Customer& customer) {
  using keyvault::v1::CryptographyService;
  mission::Client& client = customer.client();
  keyvault::v1::WrapKeyRequest wrap;
  wrap.set_name(customer.key());
  wrap.set_algorithm(keyvault::v1::WRAP_ALGORITHM_RSA_OAEP_256);
  wrap.set_plaintext(std::string(32, 'k'));
  KW_ASSIGN_OR_RETURN(const keyvault::v1::WrapKeyResponse wrapped,
                      client.Call(*client.cryptography, &CryptographyService::Stub::WrapKey, wrap));
  keyvault::v1::UnwrapKeyRequest unwrap;
  unwrap.set_name(wrapped.key_version());
  unwrap.set_algorithm(wrap.algorithm());
  unwrap.set_ciphertext(wrapped.ciphertext());
  return AsyncUnary<keyvault::v1::UnwrapKeyResponse>(
      *client.cryptography->async(), &CryptographyService::Stub::async::UnwrapKey, unwrap);
}

absl::Status Measure(const std::string& dir) {
  KW_ASSIGN_OR_RETURN(const Halves cores, SplitCores());
  KW_RETURN_IF_ERROR(RunOn(cores.servers));
  KW_ASSIGN_OR_RETURN(const auto suite, mission::Suite::Start(dir));
  KW_RETURN_IF_ERROR(RunOn(cores.callers));
  mission::Client client(suite->EndpointsFor());
  mission::Customer customer(client, "bench");
  KW_RETURN_IF_ERROR(customer.CreateTenancy());
  KW_RETURN_IF_ERROR(customer.CreateVault().status());
  KW_RETURN_IF_ERROR(customer.CreateKey().status());
  KW_ASSIGN_OR_RETURN(const std::function<bool()> bare, BareUnwrap());
  KW_ASSIGN_OR_RETURN(const AsyncCall served, ServedUnwrap(customer));
  std::vector<double> limits, values;
  for (int turn = 0; turn < kTurns; ++turn) {
    KW_RETURN_IF_ERROR(RunOn(cores.servers));
    limits.push_back(PerSecond(cores.servers.count(), kMeasured, bare));
    KW_RETURN_IF_ERROR(RunOn(cores.callers));
    values.push_back(CallsPerSecond(kCallers, kMeasured, served));
    if (limits.back() < 0 || values.back() < 0) {
      return absl::InternalError("a measured operation failed");
    }
  }
  Print("vault.unwrap_rsa2048", "1/s", Median(values), Median(limits));
  return absl::OkStatus();
}

}  // namespace
}  // namespace keyward::bench

int main() {
  keyward::server::StopSearchForDeadlocks();
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const absl::Status measured = keyward::bench::Measure(dir);
  std::filesystem::remove_all(dir);
  if (!measured.ok()) std::cerr << measured << "\n";
  return measured.ok() ? 0 : 1;
}
