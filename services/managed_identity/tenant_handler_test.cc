#include "services/managed_identity/tenant_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/managed_identity/handler_fixture.h"

namespace keyward::managed_identity {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TenantHandlerTest : public HandlerFixture {
 protected:
  absl::StatusOr<identity::v1::Tenant> Create(const std::string& id,
                                              const std::string& display_name = "",
                                              const std::string& request_id = "") {
    identity::v1::CreateTenantRequest request;
    request.set_tenant_id(id);
    request.mutable_tenant()->set_display_name(display_name);
    request.set_request_id(request_id);
    return tenants_->Create(Call(), request);
  }

  absl::StatusOr<identity::v1::Tenant> Get(const std::string& name) {
    identity::v1::GetTenantRequest request;
    request.set_name(name);
    return tenants_->Get(request);
  }
};

TEST_F(TenantHandlerTest, WhatWasMadeIsThereAfterARestart) {
  const auto made = Create("contoso", "Contoso — España");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name(), "tenants/contoso");
  EXPECT_EQ(made->display_name(), "Contoso — España");
  EXPECT_EQ(made->create_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  Restart();
  const auto got = Get("tenants/contoso");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*got, *made));
}

TEST_F(TenantHandlerTest, TakenIdIsRefused) {
  ASSERT_TRUE(Create("contoso").ok());
  const absl::Status status = Create("contoso").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(status), "TENANT_EXISTS");
  EXPECT_EQ(ErrorMetadata(status, "resource"), "tenants/contoso");
}

TEST_F(TenantHandlerTest, SameRequestSentAgainReturnsTheFirstAnswer) {
  const auto first = Create("contoso", "one", kRequestId);
  ASSERT_TRUE(first.ok()) << first.status();
  clock_.Advance(absl::Minutes(1));
  const auto second = Create("contoso", "one", kRequestId);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *second));
  EXPECT_EQ(ErrorReason(Create("contoso", "two", kRequestId).status()), "REQUEST_ID_REUSED");
}

TEST_F(TenantHandlerTest, MalformedInputIsRefusedAndChangesNothing) {
  const struct {
    const char* id;
    std::string display_name;
    const char* field;
  } cases[] = {
      {"", "", "tenant_id"},
      {"tenants/contoso", "", "tenant_id"},
      {"Contoso", "", "tenant_id"},
      {"contoso", std::string(257, 'x'), "tenant.display_name"},
      {"contoso", "two\nlines", "tenant.display_name"},
  };
  for (const auto& c : cases) {
    const absl::Status status = Create(c.id, c.display_name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.field));
  }
  const auto listed = tenants_->List(identity::v1::ListTenantsRequest());
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed->tenants_size(), 0);
  std::string longest;
  for (int i = 0; i < 256; ++i) longest += "ñ";
  EXPECT_TRUE(Create("contoso", longest).ok());
}

TEST_F(TenantHandlerTest, UnknownTenantIsNotFound) {
  const absl::Status status = Get("tenants/nobody").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(status), "TENANT_NOT_FOUND");
  EXPECT_EQ(Get("nobody").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TenantHandlerTest, ListsByNamePageByPage) {
  for (const char* id : {"ccc", "aaa", "eee", "bbb", "ddd"}) ASSERT_TRUE(Create(id).ok());
  std::vector<std::string> seen;
  identity::v1::ListTenantsRequest request;
  request.set_page_size(2);
  do {
    const auto page = tenants_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->tenants_size(), 2);
    for (const auto& tenant : page->tenants()) seen.push_back(tenant.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ::testing::ElementsAre("tenants/aaa", "tenants/bbb", "tenants/ccc",
                                           "tenants/ddd", "tenants/eee"));
  request.set_page_token("bm9uc2Vuc2U");
  EXPECT_EQ(tenants_->List(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(tenants_->List(request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyward::managed_identity
