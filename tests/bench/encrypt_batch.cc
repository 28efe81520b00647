// encryption.batch_64b: values of 64 bytes a second by BatchEncrypt, over mutual TLS, beside what
// their cryptography alone costs (two data keys, their wrapping, two layers) on the same cores in
// the same run. The servers have the first half of the cores, who calls has the other. One line of
// JSON.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/double_stream.h"
#include "common/envelope/header_keys.h"
#include "common/status/status_macros.h"
#include "tests/bench/account.h"
#include "tests/bench/measuring.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

constexpr absl::Duration kMeasured = absl::Seconds(1);
constexpr int kTurns = 5;
constexpr int kItems = 1024;
constexpr int kCallersPerCore = 4;

// How many items a second `operation`, which does kItems, gets done with so many threads at it; -1
// if it ever fails.
double ItemsPerSecond(int threads, const std::function<bool()>& operation) {
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};
  const absl::Time start = absl::Now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      while (!failed && absl::Now() - start < kMeasured) {
        if (!operation()) failed = true;
        done += kItems;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return failed ? -1 : static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

std::function<bool()> Bare() {
  auto wrapping = std::make_shared<const crypto::AesGcmAead>(crypto::AesKey::Generate());
  return [wrapping] {
    const std::string text(64, 'x');
    for (int i = 0; i < kItems; ++i) {
      const envelope::DataKeys keys = envelope::DataKeys::Generate();
      const auto header =
          envelope::SealDataKeys({"accounts/bench", "uploads", absl::StrCat("object-", i)}, keys,
                                 {1, *wrapping}, {1, *wrapping});
      if (!header.ok() || !envelope::EncryptSmall(*header, keys, text).ok()) return false;
    }
    return true;
  };
}

std::function<bool()> Served(mission::Customer& customer) {
  encryption::v1::BatchEncryptRequest request;
  request.set_account(customer.account());
  request.set_scope("uploads");
  for (int i = 0; i < kItems; ++i) {
    auto& item = *request.add_items();
    item.set_object(absl::StrCat("object-", i));
    item.set_plaintext(std::string(64, 'x'));
  }
  return [&client = customer.client(), request] {
    const auto answer =
        client.CallOnce(*client.data, &encryption::v1::DataService::Stub::BatchEncrypt, request);
    return answer.ok() && answer->results_size() == kItems && answer->results(0).has_response();
  };
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
  KW_RETURN_IF_ERROR(MakeAccount(customer));
  const std::function<bool()> bare = Bare(), served = Served(customer);
  std::vector<double> limits, values;
  for (int turn = 0; turn < kTurns; ++turn) {
    KW_RETURN_IF_ERROR(RunOn(servers));
    limits.push_back(ItemsPerSecond(servers.count(), bare));
    KW_RETURN_IF_ERROR(RunOn(callers));
    values.push_back(ItemsPerSecond(kCallersPerCore * callers.count(), served));
    if (limits.back() < 0 || values.back() < 0) {
      return absl::InternalError("a measured operation failed");
    }
  }
  Print("encryption.batch_64b", "1/s", Median(values), Median(limits));
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
