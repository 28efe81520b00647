// vault.unwrap_rsa2048: UnwrapKey of an RSA-2048 key, over mutual TLS, access policy and audit
// entry included, beside what RSA-2048 alone costs on the same cores in the same run. The servers
// have the first half of the cores, RSA alone has the same half in its turn, and who calls has the
// other half, as a caller is elsewhere. One line of JSON.

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/crypto/random.h"
#include "common/crypto/rsa.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

// Value and limit are measured in turns, so that both see the same machine.
constexpr absl::Duration kMeasured = absl::Seconds(1);
constexpr int kTurns = 7;
constexpr int kCallers = 64;

// The cores with numbers in [first, end).
struct Cores {
  int first;
  int end;
  int count() const { return end - first; }
};

// From now on this thread, and the threads and processes that it starts, run there only.
absl::Status RunOn(Cores cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = cores.first; core < cores.end; ++core) CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof(set), &set) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "cannot choose cores");
}

// How often `operation` succeeds a second with so many threads at it, for kMeasured; -1 if it ever
// fails.
template <typename Operation>
double PerSecond(int threads, Operation operation) {
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};
  const absl::Time start = absl::Now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      while (!failed && absl::Now() - start < kMeasured) {
        if (operation()) {
          ++done;
        } else {
          failed = true;
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return failed ? -1 : static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

// RSA-2048 alone, by a function that says whether it worked.
absl::StatusOr<std::function<bool()>> BareUnwrap() {
  KW_ASSIGN_OR_RETURN(const crypto::RsaPrivateKey key, crypto::RsaPrivateKey::Generate(2048));
  KW_ASSIGN_OR_RETURN(const std::string wrapped,
                      key.public_key().Encrypt(crypto::RandomBytes(32), crypto::OaepHash::kSha256));
  return [key, wrapped] { return key.Decrypt(wrapped, crypto::OaepHash::kSha256).ok(); };
}

// The same by the service.
absl::StatusOr<std::function<bool()>> ServedUnwrap(mission::Customer& customer) {
  mission::Client& client = customer.client();
  keyvault::v1::WrapKeyRequest wrap;
  wrap.set_name(customer.key());
  wrap.set_algorithm(keyvault::v1::WRAP_ALGORITHM_RSA_OAEP_256);
  wrap.set_plaintext(std::string(32, 'k'));
  KW_ASSIGN_OR_RETURN(
      const keyvault::v1::WrapKeyResponse wrapped,
      client.Call(*client.cryptography, &keyvault::v1::CryptographyService::Stub::WrapKey, wrap));
  keyvault::v1::UnwrapKeyRequest unwrap;
  unwrap.set_name(wrapped.key_version());
  unwrap.set_algorithm(wrap.algorithm());
  unwrap.set_ciphertext(wrapped.ciphertext());
  return [&client, unwrap] {
    return client
        .CallOnce(*client.cryptography, &keyvault::v1::CryptographyService::Stub::UnwrapKey, unwrap)
        .ok();
  };
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::Status Measure(const std::string& dir) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores < 2) return absl::FailedPreconditionError("needs two cores");
  const Cores servers{0, cores / 2}, callers{cores / 2, cores};
  KW_RETURN_IF_ERROR(RunOn(servers));
  KW_ASSIGN_OR_RETURN(const auto suite, mission::Suite::Start(dir));
  KW_RETURN_IF_ERROR(RunOn(callers));
  mission::Client client(suite->EndpointsFor());
  mission::Customer customer(client, "bench");
  KW_RETURN_IF_ERROR(customer.CreateTenancy());
  KW_RETURN_IF_ERROR(customer.CreateVault().status());
  KW_RETURN_IF_ERROR(customer.CreateKey().status());
  KW_ASSIGN_OR_RETURN(const std::function<bool()> bare, BareUnwrap());
  KW_ASSIGN_OR_RETURN(const std::function<bool()> served, ServedUnwrap(customer));
  std::vector<double> limits, values;
  for (int turn = 0; turn < kTurns; ++turn) {
    KW_RETURN_IF_ERROR(RunOn(servers));
    limits.push_back(PerSecond(servers.count(), bare));
    KW_RETURN_IF_ERROR(RunOn(callers));
    values.push_back(PerSecond(kCallers, served));
    if (limits.back() < 0 || values.back() < 0) {
      return absl::InternalError("a measured operation failed");
    }
  }
  const double limit = Median(limits), value = Median(values);
  std::cout << nlohmann::json{{"name", "vault.unwrap_rsa2048"},
                              {"value", static_cast<int>(value)},
                              {"unit", "1/s"},
                              {"limit", static_cast<int>(limit)},
                              {"ratio", value / limit}}
                   .dump()
            << std::endl;
  return absl::OkStatus();
}

}  // namespace
}  // namespace keyward::bench

int main() {
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const absl::Status measured = keyward::bench::Measure(dir);
  std::filesystem::remove_all(dir);
  if (!measured.ok()) std::cerr << measured << "\n";
  return measured.ok() ? 0 : 1;
}
