// revocation.key_disabled: from the moment a DisableKey is sent to the last answer, anywhere, of a
// Decrypt that succeeded, while callers decrypt for every account under the key all the time; its
// median and 99th percentile, with 1 and with 100 accounts, beside a DisableKey of a key that
// nobody uses, in the same run. After DisableKey has returned nothing may succeed: the program
// fails if anything does. Microseconds; lines of JSON.
//
// Arguments: the numbers of accounts, if not those. A thousand take minutes.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "common/server/process.h"
#include "common/status/status_macros.h"
#include "tests/bench/load.h"
#include "tests/bench/measuring.h"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

constexpr int kCallers = 8;
constexpr int kRounds = 30;
constexpr char kRegion[] = "westeurope";
// For access to be back everywhere after the key was enabled again.
constexpr absl::Duration kPatience = absl::Minutes(5);

using encryption::v1::DataService;

// A key and the accounts under it, which share an identity.
class Accounts {
 public:
  Accounts(mission::Client& client, const std::string& id)
      : client_(client), customer_(client, id), id_(id) {}

  absl::Status Create(int count) {
    KW_RETURN_IF_ERROR(customer_.CreateTenancy());
    KW_RETURN_IF_ERROR(customer_.CreateVault().status());
    KW_RETURN_IF_ERROR(customer_.CreateKey().status());
    identity::v1::CreateUserAssignedIdentityRequest identity;
    identity.set_identity_id(id_ + "-shared");
    identity.set_subscription(customer_.subscription());
    KW_ASSIGN_OR_RETURN(
        const identity::v1::Identity shared,
        client_.Call(*client_.identities,
                     &identity::v1::IdentityService::Stub::CreateUserAssignedIdentity, identity));
    KW_RETURN_IF_ERROR(customer_.Grant(shared.principal_id()).status());
    for (int i = 0; i < count; ++i) {
      if (i > 0 && i % 1000 == 0) std::cerr << i << " of " << count << " accounts are there\n";
      KW_RETURN_IF_ERROR(Add(shared.name(), absl::StrCat(id_, "-", i)));
    }
    return absl::OkStatus();
  }

  size_t size() const { return decrypts_.size(); }
  const AsyncCall& decrypt(size_t account) const { return decrypts_[account]; }

  absl::Status DisableKey() {
    keyvault::v1::DisableKeyRequest request;
    request.set_name(customer_.key());
    request.set_acknowledge_in_use(true);
    return client_.CallOnce(*client_.keys, &keyvault::v1::KeyService::Stub::DisableKey, request)
        .status();
  }

  absl::Status EnableKey() {
    keyvault::v1::EnableKeyRequest request;
    request.set_name(customer_.key());
    return client_.Call(*client_.keys, &keyvault::v1::KeyService::Stub::EnableKey, request)
        .status();
  }

 private:
  absl::Status Add(const std::string& identity, const std::string& account_id) {
    encryption::v1::CreateAccountRequest create;
    create.set_account_id(account_id);
    create.mutable_account()->set_subscription(customer_.subscription());
    create.mutable_account()->set_region(kRegion);
    create.mutable_account()->set_tier("S1");
    KW_ASSIGN_OR_RETURN(const encryption::v1::Account account,
                        client_.Call(*client_.accounts,
                                     &encryption::v1::AccountService::Stub::CreateAccount, create));
    identity::v1::AttachIdentityRequest attach;
    attach.set_name(identity);
    attach.set_resource(account.name());
    KW_RETURN_IF_ERROR(
        client_
            .Call(*client_.identities, &identity::v1::IdentityService::Stub::AttachIdentity, attach)
            .status());
    encryption::v1::EnableCustomerManagedKeyRequest enable;
    enable.set_account(account.name());
    enable.mutable_customer_key()->set_key(customer_.key());
    enable.mutable_customer_key()->set_identity(identity);
    KW_RETURN_IF_ERROR(
        client_
            .Call(*client_.settings,
                  &encryption::v1::EncryptionSettingsService::Stub::EnableCustomerManagedKey,
                  enable)
            .status());
    return AddDecrypt(account.name());
  }

  absl::Status AddDecrypt(const std::string& account) {
    encryption::v1::EncryptRequest encrypt;
    encrypt.set_account(account);
    encrypt.set_scope("models");
    encrypt.set_object("value");
    encrypt.set_plaintext(std::string(64, 'x'));
    KW_ASSIGN_OR_RETURN(const encryption::v1::EncryptResponse encrypted,
                        client_.Call(*client_.data, &DataService::Stub::Encrypt, encrypt));
    encryption::v1::DecryptRequest decrypt;
    decrypt.set_account(encrypt.account());
    decrypt.set_scope(encrypt.scope());
    decrypt.set_object(encrypt.object());
    decrypt.set_ciphertext(encrypted.ciphertext());
    decrypts_.push_back(AsyncUnary<encryption::v1::DecryptResponse>(
        *client_.data->async(), &DataService::Stub::async::Decrypt, decrypt));
    return absl::OkStatus();
  }

  mission::Client& client_;
  mission::Customer customer_;
  const std::string id_;
  std::vector<AsyncCall> decrypts_;
};

// Callers who decrypt for one account after the other until they are stopped.
class Callers {
 public:
  explicit Callers(const Accounts& accounts) : accounts_(accounts), running_(kCallers) {
    for (int i = 0; i < kCallers; ++i) Next();
  }

  // Ends them; returns when the last Decrypt succeeded.
  absl::Time Stop() {
    stop_ = true;
    running_.Wait();
    return absl::FromUnixNanos(last_success_);
  }

  // Says that nothing that is asked for from now on may succeed.
  void ForbidSuccess() { forbidden_ = true; }
  bool succeeded_after_that() const { return broken_; }

 private:
  void Next() {
    if (stop_) {
      running_.DecrementCount();
      return;
    }
    const bool forbidden = forbidden_;
    accounts_.decrypt(next_++ % accounts_.size())([this, forbidden](bool ok) {
      if (ok) {
        last_success_ = absl::ToUnixNanos(absl::Now());
        if (forbidden) broken_ = true;
      }
      Next();
    });
  }

  const Accounts& accounts_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stop_{false}, forbidden_{false}, broken_{false};
  std::atomic<int64_t> last_success_{0};
  absl::BlockingCounter running_;
};

// Whether every account's value opens, or none.
bool AllAnswer(const Accounts& accounts, bool ok) {
  std::atomic<bool> as_expected{true};
  for (size_t first = 0; first < accounts.size(); first += 64) {
    const size_t end = std::min(first + 64, accounts.size());
    absl::BlockingCounter answers(static_cast<int>(end - first));
    for (size_t i = first; i < end; ++i) {
      accounts.decrypt(i)([&](bool succeeded) {
        if (succeeded != ok) as_expected = false;
        answers.DecrementCount();
      });
    }
    answers.Wait();
  }
  return as_expected;
}

absl::Status AwaitAccess(const Accounts& accounts) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!AllAnswer(accounts, true)) {
    if (absl::Now() > deadline) return absl::DeadlineExceededError("access did not come back");
  }
  return absl::OkStatus();
}

// How long after the call was sent the last Decrypt succeeded.
absl::StatusOr<absl::Duration> Revoke(Accounts& accounts) {
  Callers callers(accounts);
  const absl::Time sent = absl::Now();
  const absl::Status disabled = accounts.DisableKey();
  callers.ForbidSuccess();
  const bool dark = AllAnswer(accounts, false);
  const absl::Time last = callers.Stop();
  KW_RETURN_IF_ERROR(disabled);
  if (!dark || callers.succeeded_after_that()) {
    return absl::InternalError("a Decrypt succeeded after DisableKey had returned");
  }
  return std::max(last - sent, absl::ZeroDuration());
}

double Percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(part * values.size()))];
}

absl::Status MeasureWith(mission::Client& client, int count) {
  Accounts accounts(client, absl::StrCat("bench", count)),
      nobody(client, absl::StrCat("no", count));
  KW_RETURN_IF_ERROR(accounts.Create(count));
  KW_RETURN_IF_ERROR(nobody.Create(0));
  const int rounds = count > 1000 ? kRounds / 5 : kRounds;
  std::vector<double> values, limits;
  for (int round = 0; round < rounds; ++round) {
    KW_RETURN_IF_ERROR(AwaitAccess(accounts));
    KW_ASSIGN_OR_RETURN(const absl::Duration taken, Revoke(accounts));
    values.push_back(absl::ToDoubleMicroseconds(taken));
    KW_RETURN_IF_ERROR(accounts.EnableKey());
    const absl::Time sent = absl::Now();
    KW_RETURN_IF_ERROR(nobody.DisableKey());
    limits.push_back(absl::ToDoubleMicroseconds(absl::Now() - sent));
    KW_RETURN_IF_ERROR(nobody.EnableKey());
  }
  for (const auto& [name, part] : {std::pair("p50", 0.5), std::pair("p99", 0.99)}) {
    Print(absl::StrCat("revocation.key_disabled.", name, "_of_", count), "us",
          Percentile(values, part), Percentile(limits, part));
  }
  return absl::OkStatus();
}

absl::Status Measure(const std::string& dir, const std::vector<int>& counts) {
  KW_ASSIGN_OR_RETURN(const auto suite, mission::Suite::Start(dir));
  mission::Client client(suite->EndpointsFor());
  for (const int count : counts) KW_RETURN_IF_ERROR(MeasureWith(client, count));
  return absl::OkStatus();
}

}  // namespace
}  // namespace keyward::bench

int main(int argc, char** argv) {
  keyward::server::StopSearchForDeadlocks();
  std::vector<int> counts;
  for (int i = 1; i < argc; ++i) {
    if (!absl::SimpleAtoi(argv[i], &counts.emplace_back()) || counts.back() < 1) return 2;
  }
  if (counts.empty()) counts = {1, 100};
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const absl::Status measured = keyward::bench::Measure(dir, counts);
  std::filesystem::remove_all(dir);
  if (!measured.ok()) std::cerr << measured << "\n";
  return measured.ok() ? 0 : 1;
}
