// What follows from each thing that can happen to a customer's key, its vault, the account's
// identity or the way to key_vault: for the data, the deployed models (which go when AccessLost is
// published) and the uploads, and after the repair. A row a cause; each with the events arriving
// live, after a restart, and after what was taken away had been given back already.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

const AccountName kAccount = AccountName::FromTrustedId("contoso");

// The world around the account, for a row to act on.
struct World {
  FakeManagedIdentity& identities;
  FakeKeyVault& key_vault;
  std::string version;
  std::string principal;
  std::function<void()> revert;
};

enum class Effect {
  // DENIED by the cause: data blocked, models undeployed, uploads destroyed; all of that once.
  kLost,
  // Nothing, but that the key wraps no more.
  kReadableButNotWrapping,
  // An outage: what is unwrapped is served for its lifetime, then all is suspended; nothing goes.
  kSuspended,
  // Nothing.
  kReadable,
};

struct MatrixRow {
  const char* name;
  Effect effect;
  v1::Cause cause;
  std::function<void(World&)> happen;
  // Null where nothing repairs it.
  std::function<void(World&)> repair;
};

void GrantAnew(World& w) { w.key_vault.Grant(kVault, w.identities.EnableIdentity(kAccount)); }

std::function<void(World&)> Outage(absl::Status status) {
  return [status](World& w) { w.key_vault.SetOutage(status); };
}
// Of unwraps alone: all else that key_vault says confirms nothing.
std::function<void(World&)> UnwrapOutage(absl::Status status) {
  return [status](World& w) { w.key_vault.SetUnwrapOutage(status); };
}
void Heal(World& w) {
  w.key_vault.SetUnwrapOutage(absl::OkStatus());
  w.key_vault.SetOutage(absl::OkStatus());
  w.identities.SetOutage(absl::OkStatus());
}

const MatrixRow kMatrix[] = {
    {"AccessPolicyRemoved", Effect::kLost, v1::CAUSE_ACCESS_POLICY_REMOVED,
     [](World& w) { w.key_vault.SetPolicy(kVault, w.principal, {}); },
     [](World& w) { w.key_vault.Grant(kVault, w.principal); }},
    {"AccessPolicyWithoutGet", Effect::kLost, v1::CAUSE_ACCESS_POLICY_REMOVED,
     [](World& w) {
       w.key_vault.SetPolicy(kVault, w.principal, {"wrapKey", "unwrapKey"});
     },
     [](World& w) { w.key_vault.Grant(kVault, w.principal); }},
    {"AccessPolicyWithoutWrapKey", Effect::kLost, v1::CAUSE_ACCESS_POLICY_REMOVED,
     [](World& w) {
       w.key_vault.SetPolicy(kVault, w.principal, {"get", "unwrapKey"});
     },
     [](World& w) { w.key_vault.Grant(kVault, w.principal); }},
    {"KeyDisabled", Effect::kLost, v1::CAUSE_KEY_DISABLED,
     [](World& w) { w.key_vault.SetEnabled(kKey, false); },
     [](World& w) { w.key_vault.SetEnabled(kKey, true); }},
    {"KeyVersionDisabled", Effect::kLost, v1::CAUSE_KEY_DISABLED,
     [](World& w) { w.key_vault.SetEnabled(w.version, false); },
     [](World& w) { w.key_vault.SetEnabled(w.version, true); }},
    {"KeySoftDeleted", Effect::kLost, v1::CAUSE_KEY_DELETED,
     [](World& w) { w.key_vault.DeleteKey(kKey); }, [](World& w) { w.key_vault.RecoverKey(kKey); }},
    {"KeyPurged", Effect::kLost, v1::CAUSE_KEY_DELETED,
     [](World& w) { w.key_vault.PurgeKey(kKey); }, nullptr},
    {"KeyExpired", Effect::kReadableButNotWrapping, v1::CAUSE_UNSPECIFIED,
     [](World& w) { w.key_vault.SetExpiry(w.version, absl::InfinitePast()); },
     [](World& w) { w.key_vault.SetExpiry(w.version, absl::InfiniteFuture()); }},
    {"KeyNotYetValid", Effect::kReadableButNotWrapping, v1::CAUSE_UNSPECIFIED,
     [](World& w) { w.key_vault.SetNotBefore(w.version, absl::InfiniteFuture()); },
     [](World& w) { w.key_vault.SetNotBefore(w.version, absl::InfinitePast()); }},
    {"WholeVaultDeleted", Effect::kLost, v1::CAUSE_VAULT_DELETED,
     [](World& w) { w.key_vault.DeleteVault(kVault); },
     [](World& w) { w.key_vault.RecoverVault(kVault); }},
    {"IdentityDisabled", Effect::kLost, v1::CAUSE_IDENTITY_DISABLED,
     [](World& w) { w.identities.DisableIdentity(kAccount); }, GrantAnew},
    {"IdentityDeleted", Effect::kLost, v1::CAUSE_IDENTITY_DELETED,
     [](World& w) { w.identities.DeleteIdentity(kAccount); }, GrantAnew},
    {"TenantMove", Effect::kLost, v1::CAUSE_TENANT_CHANGED,
     [](World& w) { w.identities.MoveSubscription(kSubscription, "tenants/fabrikam"); },
     [](World& w) {
       w.identities.MoveSubscription(kSubscription, kTenant);
       GrantAnew(w);
     }},
    // A refusal that is not one of key_vault's own, as a proxy on the way might send it.
    {"Firewall", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     Outage(absl::PermissionDeniedError("ForbiddenByFirewall")), Heal},
    {"FirewallBeforeUnwraps", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     UnwrapOutage(absl::PermissionDeniedError("ForbiddenByFirewall")), Heal},
    {"UnwrapsThrottled", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     UnwrapOutage(absl::ResourceExhaustedError("429")), Heal},
    {"VaultUnavailable", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     Outage(absl::UnavailableError("name not resolved")), Heal},
    {"VaultTimesOut", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     Outage(absl::DeadlineExceededError("slow")), Heal},
    {"VaultThrottles", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     Outage(absl::ResourceExhaustedError("429")), Heal},
    {"VaultFails", Effect::kSuspended, v1::CAUSE_UNSPECIFIED, Outage(absl::InternalError("500")),
     Heal},
    {"VaultNotFoundByAProxy", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     Outage(absl::NotFoundError("404")), Heal},
    {"ManagedIdentityAndVaultDown", Effect::kSuspended, v1::CAUSE_UNSPECIFIED,
     [](World& w) {
       w.identities.SetOutage(absl::UnavailableError("down"));
       w.key_vault.SetOutage(absl::UnavailableError("down"));
     },
     Heal},
    {"KeyOpsWithoutUnwrap", Effect::kLost, v1::CAUSE_KEY_OPERATION_REMOVED,
     [](World& w) { w.key_vault.SetKeyOps(w.version, {"wrapKey"}); },
     [](World& w) {
       w.key_vault.SetKeyOps(w.version, {"wrapKey", "unwrapKey"});
     }},
    {"NewVersion", Effect::kReadable, v1::CAUSE_UNSPECIFIED,
     [](World& w) { w.key_vault.RotateKey(kKey); }, [](World&) {}},
    {"BackToThePlatformsKey", Effect::kReadable, v1::CAUSE_UNSPECIFIED,
     [](World& w) { w.revert(); }, [](World&) {}},
};

class AccessMatrixTest : public EncryptionFixture, public ::testing::WithParamInterface<MatrixRow> {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
    world_.principal = SettingsOf("contoso").principal_id();
    upload_ = *Encrypt("contoso", "uploads", "doc", "a sentence");
    model_ = *Encrypt("contoso", "models", "model", "a model");
  }

  Effect effect() const { return GetParam().effect; }
  bool lost() const { return effect() == Effect::kLost; }
  bool repairable() const { return GetParam().repair != nullptr; }
  void Happen() { GetParam().happen(world_); }
  void Repair() { GetParam().repair(world_); }

  // What opening an object comes to: its content, or the reason why not.
  std::string Open(const char* scope) {
    const bool upload = std::string(scope) == "uploads";
    const auto opened =
        Decrypt("contoso", scope, upload ? "doc" : "model", upload ? upload_ : model_);
    return opened.ok() ? *opened : ErrorReason(opened.status());
  }
  size_t Undeployments() { return Published("keyward.encryption.AccessLost").size(); }
  bool UploadsDestroyed() {
    return Sql("SELECT wrapped FROM scope_keys WHERE scope = 'uploads'") == std::string(80, '0');
  }

  void ExpectEffect() {
    if (lost()) {
      EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
      EXPECT_EQ(AccessOf("contoso").cause(), GetParam().cause);
      EXPECT_EQ(Open("models"), "ACCESS_DENIED");
      EXPECT_EQ(Open("uploads"), "ACCESS_DENIED");
    } else {
      const bool suspended = effect() == Effect::kSuspended;
      core_->cache().Clear();
      EXPECT_EQ(Open("models"), suspended ? "ACCESS_UNVERIFIED" : "a model");
      EXPECT_EQ(Open("uploads"), suspended ? "ACCESS_UNVERIFIED" : "a sentence");
      EXPECT_EQ(AccessOf("contoso").verdict(),
                suspended ? v1::VERDICT_UNVERIFIED : v1::VERDICT_ACCESSIBLE);
    }
    ExpectTaken();
  }

  // What was to be undeployed and destroyed is, once; and nothing else.
  void ExpectTaken() {
    EXPECT_EQ(Undeployments(), lost() ? 1u : 0u);
    EXPECT_EQ(UploadsDestroyed(), lost());
  }

  // After the repair: the data is readable by itself; what is gone stays gone, and no event but
  // AccessRestored says anything that could make a model serve again.
  void ExpectRepaired() {
    core_->background().RunWork();
    EXPECT_EQ(Open("models"), "a model");
    EXPECT_EQ(Open("uploads"), lost() ? "SCOPE_DESTROYED" : "a sentence");
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
    EXPECT_EQ(Published("keyward.encryption.AccessRestored").size(), lost() ? 1u : 0u);
    EXPECT_TRUE(Encrypt("contoso", "uploads", "new", "text").ok());
    EXPECT_EQ(Undeployments(), lost() ? 1u : 0u);
  }

  World world_ = {identities_, key_vault_, key_version_, "",
                  [this] { ASSERT_TRUE(Revert("contoso").ok()); }};
  std::string upload_;
  std::string model_;
};

TEST_P(AccessMatrixTest, Live) {
  Happen();
  if (effect() == Effect::kSuspended) {
    // For as long as the unwrapped key lives.
    EXPECT_EQ(Open("models"), "a model");
    EXPECT_EQ(Open("uploads"), "a sentence");
    clock_.Advance(KeyCache::Options().lifetime);
  }
  ExpectEffect();
  if (effect() == Effect::kReadableButNotWrapping) {
    EXPECT_EQ(ErrorReason(Enable("contoso", key_version_).status()), "CUSTOMER_KEY_RULES_BROKEN");
    ExpectEffect();
  }
  core_->background().RunHousekeeping();
  core_->background().RunWork();
  ExpectTaken();
  if (!repairable()) return;
  Repair();
  ExpectRepaired();
}

TEST_P(AccessMatrixTest, AfterARestart) {
  // Going back to the platform's key is this service's own doing.
  const bool own = std::string(GetParam().name) == "BackToThePlatformsKey";
  if (!own) Stop();
  Happen();
  if (own) Stop();
  Start();
  ExpectEffect();
  Restart();
  ExpectEffect();
  if (!repairable()) return;
  Repair();
  ExpectRepaired();
}

TEST_P(AccessMatrixTest, AfterAccessWasRestored) {
  if (!repairable()) {
    // Nothing restores it: not giving back all the rest either.
    Happen();
    world_.key_vault.Grant(kVault, world_.principal);
    core_->background().RunWork();
    ExpectEffect();
    return;
  }
  const bool own = std::string(GetParam().name) == "BackToThePlatformsKey";
  if (!own) {
    identities_.feed().Hold();
    key_vault_.feed().Hold();
  }
  Happen();
  Repair();
  identities_.feed().Release();
  key_vault_.feed().Release();
  // A loss counts though it was undone before it was heard of; an outage leaves nothing behind.
  if (lost()) ExpectEffect();
  ExpectTaken();
  ExpectRepaired();
}

INSTANTIATE_TEST_SUITE_P(Azure, AccessMatrixTest, ::testing::ValuesIn(kMatrix),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace keyward::encryption::testing
