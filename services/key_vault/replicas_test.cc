// Two replicas of the vault on one database: what one takes away, the other refuses from the moment
// on at which the revoking call has returned.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/principal_directory.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/key_permission_gate.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using storage::testing::TemporaryDatabase;
using testing::kAlice;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/wrapping";

// One replica with the check of the access policy before its handlers.
struct Replica {
  explicit Replica(const VaultEnv::Options& options)
      : env(options), gate(*env.database, principals, [] { return absl::OkStatus(); }) {}

  absl::Status Wrap() {
    auth::Caller caller;
    caller.principal = kAlice;
    const absl::Status allowed = gate.Check(caller, kKey, "wrapKey");
    if (!allowed.ok()) return allowed;
    v1::WrapKeyRequest request;
    request.set_name(kKey);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    return env.cryptography.Wrap(VaultEnv::Call(), request).status();
  }

  absl::Status SetEnabled(bool enabled) {
    if (enabled) {
      v1::EnableKeyRequest request;
      request.set_name(kKey);
      return env.versions.Enable(VaultEnv::Call(), request).status();
    }
    v1::DisableKeyRequest request;
    request.set_name(kKey);
    return env.versions.Disable(VaultEnv::Call(), request).status();
  }

  absl::Status SetGranted(bool granted) {
    v1::UpdateAccessPolicyRequest request;
    request.set_vault("vaults/contoso");
    request.set_kind(granted ? v1::UpdateAccessPolicyRequest::KIND_ADD
                             : v1::UpdateAccessPolicyRequest::KIND_REMOVE);
    request.add_entries()->set_principal(kAlice);
    request.mutable_entries(0)->add_key_permissions("wrapKey");
    return env.policies.Update(VaultEnv::Call(), request).status();
  }

  VaultEnv env;
  auth::PrincipalDirectory principals;
  KeyPermissionGate gate;
};

class ReplicasTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto temporary = TemporaryDatabase::Postgresql();
    if (!temporary.ok()) GTEST_SKIP() << temporary.status().message();
    temporary_ = *std::move(temporary);
    const VaultEnv::Options options = {.url = temporary_->url(),
                                       .root_key_file = folder_.File("root.key")};
    one_ = std::make_unique<Replica>(options);
    other_ = std::make_unique<Replica>(options);
    one_->env.CreateVault("contoso");
    one_->env.CreateKey("contoso", "wrapping", v1::KEY_TYPE_RSA_2048);
  }

  // Takes access away at one replica and gives it back, again and again, while callers use the
  // other.
  template <typename Set>
  void RevokeUnderLoad(Set set) {
    // Odd from when a revoking call has returned until before access is given back.
    std::atomic<int> taken = 0;
    std::atomic<bool> done = false;
    std::atomic<int> allowed = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        while (!done) {
          const int before = taken;
          const bool wrapped = other_->Wrap().ok();
          const bool taken_all_along = before % 2 == 1 && taken == before;
          EXPECT_FALSE(taken_all_along && wrapped);
          (wrapped ? allowed : refused)++;
        }
      });
    }
    for (int i = 0; i < 20; ++i) {
      const int seen = allowed;
      while (allowed == seen) std::this_thread::yield();
      EXPECT_TRUE(set(false).ok());
      ++taken;
      const int seen_refused = refused;
      while (refused < seen_refused + 2) std::this_thread::yield();
      ++taken;
      EXPECT_TRUE(set(true).ok());
    }
    done = true;
    for (std::thread& caller : callers) caller.join();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Replica> one_;
  std::unique_ptr<Replica> other_;
};

TEST_F(ReplicasTest, DisabledHereIsDisabledThere) {
  RevokeUnderLoad([&](bool enabled) { return one_->SetEnabled(enabled); });
}

TEST_F(ReplicasTest, RemovedFromThePolicyHereIsRefusedThere) {
  RevokeUnderLoad([&](bool granted) { return one_->SetGranted(granted); });
}

TEST_F(ReplicasTest, AKeyTakenAwayElsewhereLeavesTheMemoryHereWhenAskedFor) {
  ASSERT_TRUE(other_->Wrap().ok());
  EXPECT_EQ(other_->env.key_ring.size(), 1u);
  ASSERT_TRUE(one_->SetEnabled(false).ok());
  EXPECT_EQ(ErrorReason(other_->Wrap()), "KEY_DISABLED");
  EXPECT_EQ(other_->env.key_ring.size(), 0u);
}

}  // namespace
}  // namespace keyward::key_vault
