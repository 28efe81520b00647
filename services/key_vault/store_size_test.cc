// The number of keys in a store bears on nobody: SQLite does exactly as much for a call among many
// keys as among few, and goes through no table. `./keyward bench vault.million_keys` has the times.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/storage/testing/sqlite_work.h"
#include "services/key_vault/testing/authorized_vault.h"
#include "services/key_vault/testing/many_keys.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using storage::testing::SqliteWork;
using testing::AuthorizedVault;
using testing::FilledKeyId;
using testing::FillVault;
using testing::kAlice;
using testing::VaultEnv;

constexpr int kFew = 10;
constexpr int kMany = 5'000;
constexpr char kVault[] = "vaults/contoso";
constexpr char kUsed[] = "vaults/contoso/keys/used";

// A vault with so many keys, and one that can be used.
class Store {
 public:
  explicit Store(int keys) : middle_(absl::StrCat(kVault, "/keys/", FilledKeyId(keys / 2))) {
    vault_.identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
    vault_.env.CreateVault("contoso");
    EXPECT_TRUE(FillVault(*vault_.env.database, "contoso", keys).ok());
    vault_.env.CreateKey("contoso", "used", v1::KEY_TYPE_OCT_256);
    caller_.spiffe_id = kAlice;
  }

  // What each kind of call costs.
  std::map<std::string, SqliteWork> Costs() {
    std::map<std::string, SqliteWork> costs;
    // The first time, statements are prepared; the second time counts.
    for (int i = 0; i < 2; ++i) {
      costs["get a vault"] = CostOf<v1::GetVaultRequest>(kVault);
      costs["get a key"] = CostOf<v1::GetKeyRequest>(middle_);
      costs["disable a key"] = CostOf<v1::DisableKeyRequest>(middle_);
      costs["enable a key"] = CostOf<v1::EnableKeyRequest>(middle_);
      costs["rotate a key"] = CostOf<v1::RotateKeyRequest>(kUsed);
      costs["delete a key"] = CostOf<v1::DeleteKeyRequest>(middle_);
      costs["recover a key"] = CostOf<v1::RecoverKeyRequest>(middle_);
      costs["wrap"] = CostOfWrap();
      costs["unwrap"] = CostOfUnwrap();
      costs["purge what is due"] = CostOfPurge();
    }
    return costs;
  }

 private:
  template <typename Request>
  SqliteWork CostOf(const std::string& name) {
    Request request;
    request.set_name(name);
    return CostOfCall(request);
  }

  template <typename Request>
  SqliteWork CostOfCall(const Request& request) {
    SqliteWork::Take();
    const auto answer = vault_.Call(caller_, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return SqliteWork::Take();
  }

  SqliteWork CostOfWrap() {
    v1::WrapKeyRequest request;
    request.set_name(kUsed);
    request.set_algorithm(v1::WRAP_ALGORITHM_A256_KW);
    request.set_plaintext(std::string(32, 'k'));
    return CostOfCall(request);
  }

  SqliteWork CostOfUnwrap() {
    v1::WrapKeyRequest wrap;
    wrap.set_name(kUsed);
    wrap.set_algorithm(v1::WRAP_ALGORITHM_A256_KW);
    wrap.set_plaintext(std::string(32, 'k'));
    const auto wrapped = vault_.Call(caller_, wrap);
    EXPECT_TRUE(wrapped.ok()) << wrapped.status();
    if (!wrapped.ok()) return {};
    v1::UnwrapKeyRequest request;
    request.set_name(wrapped->key_version());
    request.set_algorithm(wrap.algorithm());
    request.set_ciphertext(wrapped->ciphertext());
    return CostOfCall(request);
  }

  SqliteWork CostOfPurge() {
    SqliteWork::Take();
    EXPECT_TRUE(vault_.purger.PurgeDue().ok());
    return SqliteWork::Take();
  }

  AuthorizedVault vault_{VaultEnv::Options()};
  auth::Credentials caller_;
  const std::string middle_;
};

TEST(StoreSizeTest, CallsDoAsMuchAmongManyKeysAsAmongFew) {
  SqliteWork::Watch();
  const std::map<std::string, SqliteWork> few = Store(kFew).Costs();
  const std::map<std::string, SqliteWork> many = Store(kMany).Costs();
  for (const auto& [call, cost] : many) {
    EXPECT_GT(cost.steps, 0) << call;
    EXPECT_EQ(cost.steps, few.at(call).steps) << call;
    EXPECT_EQ(absl::StrJoin(cost.scans, "\n"), "") << call;
  }
}

}  // namespace
}  // namespace keyward::key_vault
