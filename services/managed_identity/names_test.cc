#include "services/managed_identity/names.h"

#include <gtest/gtest.h>

#include <set>

#include "common/status/error.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

TEST(NamesTest, WellFormedNamesSurviveTheRoundTrip) {
  for (const std::string& name : {std::string("tenants/abc"), std::string("tenants/a-1"),
                                  "tenants/" + std::string(63, 'z')}) {
    const absl::StatusOr<TenantName> parsed = TenantName::Parse(name, "name");
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->ToString(), name);
    EXPECT_EQ(*TenantName::FromId(parsed->id(), "tenant_id"), *parsed);
  }
  const std::string uuid = NewUuid();
  EXPECT_EQ(RoleAssignmentName::Parse("roleAssignments/" + uuid, "name")->id(), uuid);
}

TEST(NamesTest, MalformedNamesAreRefusedAndTheFieldIsNamed) {
  for (const std::string& name :
       {std::string(), std::string("tenants"), std::string("tenants/"), std::string("/abc"),
        std::string("abc"), std::string("tenants/ab"), std::string("tenants/1abc"),
        std::string("tenants/-abc"), std::string("tenants/Abc"), std::string("tenants/ab_c"),
        std::string("tenants/abc/"), std::string("tenants/abc/x"), std::string("tenants//abc"),
        std::string(" tenants/abc"), std::string("tenants/abc\n"), std::string("tenants/ab\0c", 12),
        std::string("tenants/ä-b"), std::string("subscriptions/abc"),
        "tenants/" + std::string(64, 'z')}) {
    const absl::Status status = TenantName::Parse(name, "destination_tenant").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
    EXPECT_NE(status.message().find("destination_tenant"), absl::string_view::npos) << status;
  }
  for (const char* id : {"", "ab", "tenants/abc", "aBc"}) {
    EXPECT_FALSE(SubscriptionName::FromId(id, "subscription_id").ok()) << id;
  }
  for (const char* name : {"roleAssignments/abc", "roleAssignments/",
                           "roleAssignments/7B0C9F7E-2A57-4C1E-9A44-3A1F0B8F6F10"}) {
    EXPECT_FALSE(RoleAssignmentName::Parse(name, "name").ok()) << name;
  }
}

TEST(ResourcePathTest, ParentsLeadToTheRoot) {
  const struct {
    const char *path, *collection, *parent;
  } cases[] = {
      {"/", "", "/"},
      {"tenants/contoso", "tenants", "/"},
      {"vaults/v", "vaults", "/"},
      {"vaults/v/keys/K-1", "vaults", "vaults/v"},
      {"accounts/a/workspaces/w/projects/p", "accounts", "accounts/a/workspaces/w"},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<ResourcePath> path = ResourcePath::Parse(c.path, "scope");
    ASSERT_TRUE(path.ok()) << path.status();
    EXPECT_EQ(path->ToString(), c.path);
    EXPECT_EQ(path->collection(), c.collection);
    EXPECT_EQ(path->Parent().ToString(), c.parent);
  }
}

TEST(ResourcePathTest, WhatIsNoResourceIsRefused) {
  for (const std::string& path :
       {std::string(), std::string("//"), std::string("vaults"), std::string("vaults/"),
        std::string("/vaults/v"), std::string("vaults/v/"), std::string("vaults/v/keys"),
        std::string("vaults/v_1"), std::string("planets/mars"), std::string("vaults//keys/k"),
        std::string("roleAssignments/x"), "vaults/" + std::string(128, 'a'),
        std::string("vaults/..")}) {
    EXPECT_FALSE(ResourcePath::Parse(path, "scope").ok()) << path;
  }
}

TEST(UuidTest, AreDistinctAndRecognised) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_TRUE(seen.insert(uuid).second);
  }
  for (const char* text :
       {"", "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f1", "7b0c9f7e+2a57-4c1e-9a44-3a1f0b8f6f10",
        "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f1g"}) {
    EXPECT_FALSE(IsUuid(text)) << text;
  }
}

TEST(NamesTest, OnlyAnAccountItselfIsAnAccount) {
  EXPECT_TRUE(IsAccount("accounts/contoso"));
  for (const char* other : {"", "/", "accounts", "accounts/", "accounts/contoso/workspaces/w",
                            "identities/contoso", "vaults/contoso", "accounts/con toso"}) {
    EXPECT_FALSE(IsAccount(other)) << other;
  }
}

}  // namespace
}  // namespace keyward::managed_identity
