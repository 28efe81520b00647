// What every operation answers in every state that a key or a vault can be in.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::VaultEnv;

constexpr char kVault[] = "vaults/contoso";
constexpr char kKey[] = "vaults/contoso/keys/k";

// A fresh vault with a fresh key, which a case brings into a state and then does something to.
struct World {
  explicit World(v1::KeyType type) {
    env.CreateVault("contoso");
    version = env.CreateKey("contoso", "k", type).newest_version().name();
    service.caller.kind = auth::Caller::Kind::kService;
    service.caller.name = "encryption";
  }

  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }

  void DeleteKey() { ASSERT_TRUE(env.keys.Delete(call, Named<v1::DeleteKeyRequest>(kKey)).ok()); }
  void PurgeKey() {
    DeleteKey();
    ASSERT_TRUE(env.purge.PurgeKey(call, Named<v1::PurgeKeyRequest>(kKey)).ok());
  }
  void DeleteVault() {
    ASSERT_TRUE(env.vaults.Delete(call, Named<v1::DeleteVaultRequest>(kVault)).ok());
  }
  void BeginPurgeOfVault() {
    DeleteVault();
    server::CallContext short_call = VaultEnv::Call();
    short_call.deadline = env.clock.Now();
    EXPECT_FALSE(env.purge.PurgeVault(short_call, Named<v1::PurgeVaultRequest>(kVault)).ok());
  }
  void PurgeVault() {
    DeleteVault();
    ASSERT_TRUE(env.purge.PurgeVault(call, Named<v1::PurgeVaultRequest>(kVault)).ok());
  }

  VaultEnv env;
  std::string version;
  server::CallContext call = VaultEnv::Call();
  server::CallContext service = VaultEnv::Call("spiffe://keyward.local/service/encryption");
};

struct State {
  const char* name;
  std::function<void(World&)> reach;
};

// An operation and what it answers in each state: "" for success, or a reason.
struct Operation {
  const char* name;
  std::function<absl::Status(World&)> run;
  std::vector<const char*> answers;
  v1::KeyType key_type = v1::KEY_TYPE_EC_P256;
};

absl::StatusCode CodeOf(const std::string& reason, const std::string& operation) {
  if (reason.empty()) return absl::StatusCode::kOk;
  const bool name_taken = operation == "CreateVault";
  if (reason == "KEY_NOT_FOUND" || reason == "VAULT_NOT_FOUND") return absl::StatusCode::kNotFound;
  if (reason == "KEY_EXISTS" || reason == "VAULT_EXISTS" ||
      reason == "KEY_DELETED_BUT_RECOVERABLE" || reason == "VAULT_DELETED_BUT_RECOVERABLE" ||
      (name_taken && reason == "VAULT_BEING_PURGED")) {
    return absl::StatusCode::kAlreadyExists;
  }
  return absl::StatusCode::kFailedPrecondition;
}

void Check(const std::vector<State>& states, const std::vector<Operation>& operations) {
  for (const Operation& operation : operations) {
    ASSERT_EQ(operation.answers.size(), states.size()) << operation.name;
    for (size_t i = 0; i < states.size(); ++i) {
      SCOPED_TRACE(absl::StrCat(operation.name, ", ", states[i].name));
      World world(operation.key_type);
      states[i].reach(world);
      const absl::Status status = operation.run(world);
      EXPECT_EQ(ErrorReason(status), operation.answers[i]) << status;
      EXPECT_EQ(status.code(), CodeOf(operation.answers[i], operation.name)) << status;
    }
  }
}

constexpr char kKeyGone[] = "KEY_NOT_FOUND";
constexpr char kKeyDeleted[] = "KEY_DELETED";
constexpr char kVaultGone[] = "VAULT_NOT_FOUND";
constexpr char kVaultDeleted[] = "VAULT_DELETED";
constexpr char kPurging[] = "VAULT_BEING_PURGED";

absl::Status CreateKey(World& w, const std::string& id) {
  v1::CreateKeyRequest request;
  request.set_parent(kVault);
  request.set_key_id(id);
  request.mutable_key()->set_key_type(v1::KEY_TYPE_EC_P256);
  return w.env.keys.Create(w.call, request).status();
}

absl::Status ListKeys(World& w) {
  v1::ListKeysRequest request;
  request.set_parent(kVault);
  request.set_only_deleted(true);
  return w.env.keys.List(w.call, request).status();
}

absl::Status UpdateVersion(World& w) {
  v1::UpdateKeyVersionRequest request;
  request.mutable_key_version()->set_name(w.version);
  request.mutable_update_mask()->add_paths("tags");
  return w.env.versions.Update(w.call, request).status();
}

absl::Status ListVersions(World& w) {
  v1::ListKeyVersionsRequest request;
  request.set_parent(kKey);
  return w.env.versions.List(w.call, request).status();
}

absl::Status ListUsages(World& w) {
  v1::ListKeyUsagesRequest request;
  request.set_parent(kKey);
  return w.env.usages.List(w.call, request).status();
}

template <typename Request>
Request UsageOf(const World& w) {
  Request request;
  request.set_name(w.version);
  request.set_user("accounts/a");
  return request;
}

TEST(LifecycleTest, EveryOperationOnAKeyInEveryState) {
  const std::vector<State> states = {
      {"live", [](World&) {}},
      {"deleted", [](World& w) { w.DeleteKey(); }},
      {"purged", [](World& w) { w.PurgeKey(); }},
      {"in a deleted vault", [](World& w) { w.DeleteVault(); }},
      {"in a purged vault", [](World& w) { w.PurgeVault(); }},
  };
  Check(
      states,
      {
          {"CreateKey",
           [](World& w) { return CreateKey(w, "K"); },
           {"KEY_EXISTS", "KEY_DELETED_BUT_RECOVERABLE", "", kVaultDeleted, kVaultGone}},
          {"GetKey",
           [](World& w) {
             return w.env.keys.Get(w.call, World::Named<v1::GetKeyRequest>(kKey)).status();
           },
           {"", kKeyGone, kKeyGone, kVaultDeleted, kVaultGone}},
          {"ListKeys", ListKeys, {"", "", "", kVaultDeleted, kVaultGone}},
          {"GetKeyVersion",
           [](World& w) {
             return w.env.versions.Get(w.call, World::Named<v1::GetKeyVersionRequest>(w.version))
                 .status();
           },
           {"", kKeyGone, kKeyGone, kVaultDeleted, kVaultGone}},
          {"ListKeyVersions", ListVersions, {"", kKeyGone, kKeyGone, kVaultDeleted, kVaultGone}},
          {"RotateKey",
           [](World& w) {
             return w.env.keys.Rotate(w.call, World::Named<v1::RotateKeyRequest>(kKey)).status();
           },
           {"", kKeyDeleted, kKeyGone, kVaultDeleted, kVaultGone}},
          {"UpdateKeyVersion",
           UpdateVersion,
           {"", kKeyDeleted, kKeyGone, kVaultDeleted, kVaultGone}},
          {"DisableKey",
           [](World& w) {
             return w.env.versions.Disable(w.call, World::Named<v1::DisableKeyRequest>(kKey))
                 .status();
           },
           {"", kKeyDeleted, kKeyGone, kVaultDeleted, kVaultGone}},
          {"EnableKey",
           [](World& w) {
             return w.env.versions.Enable(w.call, World::Named<v1::EnableKeyRequest>(kKey))
                 .status();
           },
           {"", kKeyDeleted, kKeyGone, kVaultDeleted, kVaultGone}},
          {"DeleteKey",
           [](World& w) {
             return w.env.keys.Delete(w.call, World::Named<v1::DeleteKeyRequest>(kKey)).status();
           },
           {"", "", kKeyGone, kVaultDeleted, kVaultGone}},
          {"RecoverKey",
           [](World& w) {
             return w.env.keys.Recover(w.call, World::Named<v1::RecoverKeyRequest>(kKey)).status();
           },
           {"", "", kKeyGone, kVaultDeleted, kVaultGone}},
          {"PurgeKey",
           [](World& w) {
             return w.env.purge.PurgeKey(w.call, World::Named<v1::PurgeKeyRequest>(kKey)).status();
           },
           {"KEY_NOT_DELETED", "", kKeyGone, kVaultDeleted, kVaultGone}},
          {"ListKeyUsages", ListUsages, {"", "", kKeyGone, kVaultDeleted, kVaultGone}},
          {"RegisterKeyUsage",
           [](World& w) {
             return w.env.usages.Register(w.service, UsageOf<v1::RegisterKeyUsageRequest>(w))
                 .status();
           },
           {"", "", kKeyGone, "", kVaultGone}},
          {"ReleaseKeyUsage",
           [](World& w) {
             return w.env.usages.Release(w.service, UsageOf<v1::ReleaseKeyUsageRequest>(w))
                 .status();
           },
           {"", "", "", "", ""}},
          {"WrapKey",
           [](World& w) {
             v1::WrapKeyRequest request;
             request.set_name(kKey);
             request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
             request.set_plaintext("secret");
             return w.env.cryptography.Wrap(w.call, request).status();
           },
           {"", kKeyDeleted, kKeyGone, kVaultDeleted, kVaultGone},
           v1::KEY_TYPE_RSA_2048},
          {"InspectKey",
           [](World& w) {
             auto request = World::Named<v1::InspectKeyRequest>(kKey);
             request.set_tenant(testing::kTenant);
             return w.env.inspection.Inspect(w.service, request).status();
           },
           {"", "", "", "", ""}},
      });
}

absl::Status CreateVault(World& w) {
  v1::CreateVaultRequest request;
  request.set_vault_id("CONTOSO");
  request.mutable_vault()->set_subscription(testing::kSubscription);
  request.mutable_vault()->set_region("westeurope");
  return w.env.vaults.Create(w.call, request).status();
}

absl::Status UpdateVault(World& w) {
  v1::UpdateVaultRequest request;
  request.mutable_vault()->set_name(kVault);
  request.mutable_update_mask()->add_paths("tags");
  return w.env.vaults.Update(w.call, request).status();
}

absl::Status UpdatePolicy(World& w) {
  v1::UpdateAccessPolicyRequest request;
  request.set_vault(kVault);
  request.set_kind(v1::UpdateAccessPolicyRequest::KIND_REPLACE);
  return w.env.policies.Update(w.call, request).status();
}

TEST(LifecycleTest, EveryOperationOnAVaultInEveryState) {
  const std::vector<State> states = {
      {"live", [](World&) {}},
      {"deleted", [](World& w) { w.DeleteVault(); }},
      {"being purged", [](World& w) { w.BeginPurgeOfVault(); }},
      {"purged", [](World& w) { w.PurgeVault(); }},
  };
  Check(states,
        {
            {"CreateVault",
             CreateVault,
             {"VAULT_EXISTS", "VAULT_DELETED_BUT_RECOVERABLE", kPurging, ""}},
            {"GetVault",
             [](World& w) {
               return w.env.vaults.Get(w.call, World::Named<v1::GetVaultRequest>(kVault)).status();
             },
             {"", "", "", kVaultGone}},
            {"ListVaults",
             [](World& w) { return w.env.vaults.List(w.call, v1::ListVaultsRequest()).status(); },
             {"", "", "", ""}},
            {"UpdateVault", UpdateVault, {"", kVaultDeleted, kPurging, kVaultGone}},
            {"UpdateAccessPolicy", UpdatePolicy, {"", kVaultDeleted, kPurging, kVaultGone}},
            {"DeleteVault",
             [](World& w) {
               return w.env.vaults.Delete(w.call, World::Named<v1::DeleteVaultRequest>(kVault))
                   .status();
             },
             {"", "", "", kVaultGone}},
            {"RecoverVault",
             [](World& w) {
               return w.env.vaults.Recover(w.call, World::Named<v1::RecoverVaultRequest>(kVault))
                   .status();
             },
             {"", "", kPurging, kVaultGone}},
            {"PurgeVault",
             [](World& w) {
               return w.env.purge.PurgeVault(w.call, World::Named<v1::PurgeVaultRequest>(kVault))
                   .status();
             },
             {"VAULT_NOT_DELETED", "", "", kVaultGone}},
            {"CreateKey",
             [](World& w) { return CreateKey(w, "another"); },
             {"", kVaultDeleted, "VAULT_BEING_PURGED", kVaultGone}},
            {"ListKeys", ListKeys, {"", kVaultDeleted, kPurging, kVaultGone}},
        });
}

}  // namespace
}  // namespace keyward::key_vault
