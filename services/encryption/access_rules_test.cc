#include "services/encryption/access_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace keyward::encryption {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kVersion[] = "vaults/v/keys/k/versions/11111111111111111111111111111111";
constexpr char kOtherVersion[] = "vaults/v/keys/k/versions/22222222222222222222222222222222";
const std::vector<std::string> kAll = {"get", "wrapKey", "unwrapKey"};

Binding TestBinding(bool follows_newest, const std::string& identity = "") {
  return {.vault = "vaults/v",
          .key = "vaults/v/keys/k",
          .version = kVersion,
          .follows_newest = follows_newest,
          .identity = identity,
          .principal = "p1",
          .tenant = "tenants/t",
          .vault_sequence = 10,
          .identity_sequence = 20};
}

EventMeaning JudgeOne(decltype(AccessEvent::what) what, int64_t sequence = 100,
                      bool follows_newest = true, const std::string& identity = "") {
  const AccessEvent event = {"x/1", sequence, absl::Time(), "", std::move(what)};
  return Judge(AccountName::FromTrustedId("contoso"), "subscriptions/s",
               TestBinding(follows_newest, identity), event);
}

const EventMeaning kNone = EventMeaning::None();
const EventMeaning kMayRestore = EventMeaning::MayRestore();
const EventMeaning kNewVersion = EventMeaning::NewVersion();

EventMeaning Loss(v1::Cause cause) { return EventMeaning::Loss(cause); }

// Every combination of what a PrincipalEvent can say that bears on the outcome.
TEST(AccessRulesTest, Principals) {
  using Kind = PrincipalEvent::Kind;
  const std::pair<Kind, v1::Cause> kinds[] = {
      {Kind::kEnabled, v1::CAUSE_IDENTITY_DISABLED},
      {Kind::kDisabled, v1::CAUSE_IDENTITY_DISABLED},
      {Kind::kDeleted, v1::CAUSE_IDENTITY_DELETED},
      {Kind::kTransferred, v1::CAUSE_TENANT_CHANGED},
  };
  for (const auto& [kind, cause] : kinds) {
    for (const std::string principal : {"p1", "p2"}) {
      for (const std::string resource : {"accounts/contoso", "accounts/fabrikam"}) {
        for (const bool active : {false, true}) {
          EventMeaning expected = kNone;
          if (active && resource == "accounts/contoso") expected = kMayRestore;
          if (!active && principal == "p1") expected = Loss(cause);
          const std::string identity =
              resource == "accounts/contoso" ? "identities/contoso" : "identities/fabrikam";
          EXPECT_EQ(
              JudgeOne(PrincipalEvent{kind, identity, resource, principal, "tenants/t", active}),
              expected)
              << static_cast<int>(kind) << principal << resource << active;
        }
      }
    }
  }
}

// The same of an account that uses its key as a user-assigned identity.
TEST(AccessRulesTest, PrincipalsOfUserAssignedIdentities) {
  using Kind = PrincipalEvent::Kind;
  const auto judge = [](const std::string& identity, const std::string& principal, bool active) {
    return JudgeOne(PrincipalEvent{active ? Kind::kEnabled : Kind::kDeleted, identity, identity,
                                   principal, "tenants/t", active},
                    100, true, "identities/shared");
  };
  EXPECT_EQ(judge("identities/shared", "p1", false), Loss(v1::CAUSE_IDENTITY_DELETED));
  EXPECT_EQ(judge("identities/shared", "p2", false), kNone);
  EXPECT_EQ(judge("identities/shared", "p2", true), kMayRestore);
  EXPECT_EQ(judge("identities/contoso", "p2", true), kNone);
  EXPECT_EQ(judge("identities/other", "p2", true), kNone);
}

TEST(AccessRulesTest, Attachments) {
  for (const std::string used : {"", "identities/shared"}) {
    for (const std::string identity : {"identities/shared", "identities/other"}) {
      for (const std::string resource : {"accounts/contoso", "accounts/fabrikam"}) {
        for (const bool attached : {false, true}) {
          EventMeaning expected = kNone;
          if (used == identity && resource == "accounts/contoso") {
            expected = attached ? kMayRestore : Loss(v1::CAUSE_IDENTITY_DETACHED);
          }
          EXPECT_EQ(JudgeOne(AttachmentEvent{identity, resource, attached}, 100, true, used),
                    expected)
              << used << identity << resource << attached;
        }
      }
    }
  }
  // What stood in the feed before the binding is no news.
  EXPECT_EQ(JudgeOne(AttachmentEvent{"identities/shared", "accounts/contoso", false}, 20, true,
                     "identities/shared"),
            kNone);
}

TEST(AccessRulesTest, Subscriptions) {
  EXPECT_EQ(JudgeOne(SubscriptionEvent{"subscriptions/s", "tenants/other"}),
            Loss(v1::CAUSE_TENANT_CHANGED));
  EXPECT_EQ(JudgeOne(SubscriptionEvent{"subscriptions/s", "tenants/t"}), kMayRestore);
  EXPECT_EQ(JudgeOne(SubscriptionEvent{"subscriptions/z", "tenants/other"}), kNone);
  EXPECT_EQ(JudgeOne(SubscriptionEvent{"subscriptions/z", "tenants/t"}), kNone);
}

// What a KeyEvent about the version in use, or about the whole key, means by its kind and key_ops.
EventMeaning ExpectedOfKey(KeyEvent::Kind kind, bool whole_key, bool unwraps) {
  switch (kind) {
    case KeyEvent::Kind::kDeleted:
      return Loss(v1::CAUSE_KEY_DELETED);
    case KeyEvent::Kind::kDisabled:
      return Loss(v1::CAUSE_KEY_DISABLED);
    case KeyEvent::Kind::kUpdated:
      return whole_key || unwraps ? kMayRestore : Loss(v1::CAUSE_KEY_OPERATION_REMOVED);
    default:
      return kMayRestore;
  }
}

TEST(AccessRulesTest, Keys) {
  using Kind = KeyEvent::Kind;
  for (const Kind kind :
       {Kind::kEnabled, Kind::kDisabled, Kind::kUpdated, Kind::kDeleted, Kind::kRecovered}) {
    for (const std::string key : {"vaults/v/keys/k", "vaults/v/keys/other", "vaults/w/keys/k"}) {
      for (const std::string version : {"", kVersion, kOtherVersion}) {
        for (const bool unwraps : {false, true}) {
          for (const bool enabled : {false, true}) {
            EventMeaning expected = ExpectedOfKey(kind, version.empty(), unwraps);
            if (key != "vaults/v/keys/k" || version == kOtherVersion) expected = kNone;
            KeyEvent event = {kind, "vaults/v", key, version, enabled, kind == Kind::kDeleted, {}};
            event.key_ops = {"wrapKey"};
            if (unwraps) event.key_ops.push_back("unwrapKey");
            EXPECT_EQ(JudgeOne(event), expected)
                << static_cast<int>(kind) << key << version << unwraps;
          }
        }
      }
    }
  }
}

TEST(AccessRulesTest, LosingWrapKeyAloneIsNoLoss) {
  EXPECT_EQ(JudgeOne(KeyEvent{KeyEvent::Kind::kUpdated,
                              "vaults/v",
                              "vaults/v/keys/k",
                              kVersion,
                              true,
                              false,
                              {"unwrapKey"}}),
            kMayRestore);
}

TEST(AccessRulesTest, NewVersions) {
  for (const bool follows : {false, true}) {
    for (const std::string key : {"vaults/v/keys/k", "vaults/v/keys/other"}) {
      for (const std::string version : {kVersion, kOtherVersion}) {
        for (const bool enabled : {false, true}) {
          const bool wanted =
              follows && key == "vaults/v/keys/k" && version == kOtherVersion && enabled;
          EXPECT_EQ(JudgeOne(KeyEvent{KeyEvent::Kind::kNewVersion,
                                      "vaults/v",
                                      key,
                                      version,
                                      enabled,
                                      false,
                                      {"wrapKey", "unwrapKey"}},
                             100, follows),
                    wanted ? kNewVersion : kNone)
              << follows << key << version << enabled;
        }
      }
    }
  }
}

TEST(AccessRulesTest, PoliciesByEveryCombinationOfTheNeededPermissions) {
  for (int mask = 0; mask < 8; ++mask) {
    std::vector<std::string> permissions = {"list"};
    for (int bit = 0; bit < 3; ++bit) {
      if ((mask >> bit & 1) != 0) permissions.push_back(kAll[bit]);
    }
    const bool all = mask == 7;
    EXPECT_EQ(JudgeOne(PolicyEvent{"vaults/v", {{"p1", permissions}}}),
              all ? kMayRestore : Loss(v1::CAUSE_ACCESS_POLICY_REMOVED))
        << mask;
    EXPECT_EQ(JudgeOne(PolicyEvent{"vaults/v", {{"p2", permissions}}}), all ? kMayRestore : kNone);
    EXPECT_EQ(JudgeOne(PolicyEvent{"vaults/w", {{"p1", permissions}}}), kNone);
  }
}

TEST(AccessRulesTest, ALossInAPolicyOutweighsAGrantInIt) {
  EXPECT_EQ(JudgeOne(PolicyEvent{"vaults/v", {{"p2", kAll}, {"p1", {}}, {"p3", kAll}}}),
            Loss(v1::CAUSE_ACCESS_POLICY_REMOVED));
  EXPECT_EQ(JudgeOne(PolicyEvent{"vaults/v", {}}), kNone);
}

TEST(AccessRulesTest, Vaults) {
  EXPECT_EQ(JudgeOne(VaultEvent{"vaults/v", true}), Loss(v1::CAUSE_VAULT_DELETED));
  EXPECT_EQ(JudgeOne(VaultEvent{"vaults/v", false}), kMayRestore);
  EXPECT_EQ(JudgeOne(VaultEvent{"vaults/w", true}), kNone);
  EXPECT_EQ(JudgeOne(VaultEvent{"vaults/w", false}), kNone);
}

TEST(AccessRulesTest, WhatTheBindingHasSeenIsNoNewsAndTheNextIs) {
  const VaultEvent vault = {"vaults/v", true};
  EXPECT_EQ(JudgeOne(vault, 10), kNone);
  EXPECT_EQ(JudgeOne(vault, 11), Loss(v1::CAUSE_VAULT_DELETED));
  const PrincipalEvent principal = {PrincipalEvent::Kind::kDisabled,
                                    "identities/contoso",
                                    "accounts/contoso",
                                    "p1",
                                    "tenants/t",
                                    false};
  EXPECT_EQ(JudgeOne(principal, 20), kNone);
  EXPECT_EQ(JudgeOne(principal, 21), Loss(v1::CAUSE_IDENTITY_DISABLED));
}

TEST(MissingPermissionsTest, NamesWhatIsMissing) {
  EXPECT_THAT(MissingPermissions(kAll), IsEmpty());
  EXPECT_THAT(MissingPermissions({"wrapKey", "list"}), ElementsAre("get", "unwrapKey"));
}

}  // namespace
}  // namespace keyward::encryption
