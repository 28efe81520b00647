// vault.unwrap_rsa2048: UnwrapKey of an RSA-2048 key, over mutual TLS, access policy and audit
// entry included, beside what RSA-2048 alone costs on the same cores in the same run. One line of
// JSON.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/random.h"
#include "common/crypto/rsa.h"
#include "nlohmann/json.hpp"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

constexpr absl::Duration kMeasured = absl::Seconds(5);
constexpr int kCallers = 16;

// How often `operation` succeeds a second with so many threads at it; -1 if it ever fails.
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

double BareRsa() {
  const auto key = crypto::RsaPrivateKey::Generate(2048);
  const auto wrapped =
      key->public_key().Encrypt(crypto::RandomBytes(32), crypto::OaepHash::kSha256);
  if (!wrapped.ok()) return -1;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return PerSecond(cores, [&] { return key->Decrypt(*wrapped, crypto::OaepHash::kSha256).ok(); });
}

double Unwrap(mission::Customer& customer) {
  mission::Client& client = customer.client();
  keyvault::v1::WrapKeyRequest wrap;
  wrap.set_name(customer.key());
  wrap.set_algorithm(keyvault::v1::WRAP_ALGORITHM_RSA_OAEP_256);
  wrap.set_plaintext(std::string(32, 'k'));
  const auto wrapped =
      client.Call(*client.cryptography, &keyvault::v1::CryptographyService::Stub::WrapKey, wrap);
  if (!wrapped.ok()) return -1;
  keyvault::v1::UnwrapKeyRequest unwrap;
  unwrap.set_name(wrapped->key_version());
  unwrap.set_algorithm(wrap.algorithm());
  unwrap.set_ciphertext(wrapped->ciphertext());
  return PerSecond(kCallers, [&] {
    return client
        .CallOnce(*client.cryptography, &keyvault::v1::CryptographyService::Stub::UnwrapKey, unwrap)
        .ok();
  });
}

int Main(const std::string& dir) {
  auto suite = mission::Suite::Start(dir);
  if (!suite.ok()) {
    std::cerr << suite.status() << "\n";
    return 1;
  }
  mission::Client client((*suite)->EndpointsFor());
  mission::Customer customer(client, "bench");
  absl::Status ready = customer.CreateTenancy();
  if (ready.ok()) ready = customer.CreateVault().status();
  if (ready.ok()) ready = customer.CreateKey().status();
  if (!ready.ok()) {
    std::cerr << ready << "\n";
    return 1;
  }
  const double limit = BareRsa();
  const double value = Unwrap(customer);
  if (limit < 0 || value < 0) {
    std::cerr << "a measured operation failed\n";
    return 1;
  }
  std::cout << nlohmann::json{{"name", "vault.unwrap_rsa2048"},
                              {"value", static_cast<int>(value)},
                              {"unit", "1/s"},
                              {"limit", static_cast<int>(limit)},
                              {"ratio", value / limit}}
                   .dump()
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace keyward::bench

int main() {
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const int code = keyward::bench::Main(dir);
  std::filesystem::remove_all(dir);
  return code;
}
