#include "common/auth/spiffe_id.h"

#include <gtest/gtest.h>

#include <string>

namespace keyward::auth {
namespace {

TEST(SpiffeIdTest, OperatorsAndServicesAreKnownByTheirPath) {
  const auto shop = CallerFromSpiffeId("spiffe://keyward.local/workload/shop", "keyward.local");
  ASSERT_TRUE(shop.ok()) << shop.status();
  EXPECT_EQ(shop->kind, Caller::Kind::kWorkload);
  const auto alice = CallerFromSpiffeId("spiffe://keyward.local/operator/alice", "keyward.local");
  ASSERT_TRUE(alice.ok()) << alice.status();
  EXPECT_EQ(alice->kind, Caller::Kind::kOperator);
  EXPECT_EQ(alice->name, "alice");
  EXPECT_EQ(alice->principal, "spiffe://keyward.local/operator/alice");
  const std::string vault = ServiceSpiffeId("keyward.local", "key_vault");
  EXPECT_EQ(vault, "spiffe://keyward.local/service/key_vault");
  EXPECT_EQ(CallerFromSpiffeId(vault, "keyward.local")->kind, Caller::Kind::kService);
}

TEST(SpiffeIdTest, EverythingElseIsRefused) {
  const std::string long_name(64, 'a');
  for (const std::string& id : {
           std::string(""),
           std::string("spiffe://keyward.local"),
           std::string("spiffe://keyward.local/operator/"),
           std::string("spiffe://keyward.local/operator/a/b"),
           std::string("spiffe://keyward.local/operator/a b"),
           std::string("spiffe://keyward.local/Operator/alice"),
           std::string("spiffe://keyward.local/other/alice"),
           std::string("spiffe://keyward.localx/operator/alice"),
           std::string("spiffe://keyward.local:80/operator/alice"),
           std::string("spiffe://other.local/operator/alice"),
           std::string("SPIFFE://keyward.local/operator/alice"),
           std::string("https://keyward.local/operator/alice"),
           "spiffe://keyward.local/operator/" + long_name,
       }) {
    EXPECT_FALSE(CallerFromSpiffeId(id, "keyward.local").ok()) << id;
  }
}

}  // namespace
}  // namespace keyward::auth
