#include "services/managed_identity/store_fixture.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/managed_identity/schema.h"

namespace keyward::managed_identity {

using storage::Transaction;
using storage::testing::TemporaryDatabase;

void StoreFixture::SetUp() {
  if (!GetParam()) {
    temporary_ = TemporaryDatabase::Sqlite();
  } else {
    auto server = TemporaryDatabase::Postgresql();
    if (absl::IsNotFound(server.status())) GTEST_SKIP() << server.status().message();
    ASSERT_TRUE(server.ok()) << server.status();
    temporary_ = *std::move(server);
  }
  auto database = storage::Database::Open(temporary_->url(), {ManagedIdentitySchema()});
  ASSERT_TRUE(database.ok()) << database.status();
  database_ = *std::move(database);
  Write([](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(InsertTenant(tx, {kContoso, "Contoso", kThen}));
    KW_RETURN_IF_ERROR(InsertTenant(tx, {kFabrikam, "", kLater}));
    return SaveSubscription(tx, {kProd, kContoso, "Production", kThen, kLater, 7});
  });
}

void StoreFixture::Write(const std::function<absl::Status(Transaction&)>& work) {
  const absl::Status status = database_->Write(work);
  EXPECT_TRUE(status.ok()) << status;
}

Identity StoreFixture::MakeIdentity(const std::string& id) {
  return Identity::Register(IdentityName::FromTrustedId(id), "accounts/" + id, kProd, kContoso,
                            kThen);
}

std::optional<Identity> StoreFixture::FindById(const std::string& id) {
  return Read<std::optional<Identity>>(
      [&](Transaction& tx) { return FindIdentity(tx, IdentityName::FromTrustedId(id)); });
}

}  // namespace keyward::managed_identity
