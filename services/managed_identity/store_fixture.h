#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_STORE_FIXTURE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {

inline const absl::Time kThen = absl::FromUnixMicros(1'700'000'000'123'456);
inline const absl::Time kLater = kThen + absl::Seconds(1);
inline const TenantName kContoso = TenantName::FromTrustedId("contoso");
inline const TenantName kFabrikam = TenantName::FromTrustedId("fabrikam");
inline const SubscriptionName kProd = SubscriptionName::FromTrustedId("prod");

// A database on SQLite, or (if the parameter is true) PostgreSQL, where there is one. It has the
// tenants Contoso and Fabrikam, and the subscription Prod of Contoso.
class StoreFixture : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override;

  // Short-hands that must succeed.
  void Write(const std::function<absl::Status(storage::Transaction&)>& work);
  template <typename T>
  T Read(const std::function<absl::StatusOr<T>(storage::Transaction&)>& work) {
    absl::StatusOr<T> result = absl::UnknownError("not run");
    const absl::Status status = database_->Read([&](storage::Transaction& tx) {
      result = work(tx);
      return result.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return *std::move(result);
  }

  // Of "accounts/{id}" in Prod; not in the database.
  static Identity MakeIdentity(const std::string& id);
  std::optional<Identity> FindById(const std::string& id);

  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
};

// How the instances for both engines are called.
inline std::string EngineName(const ::testing::TestParamInfo<bool>& info) {
  return info.param ? "Postgresql" : "Sqlite";
}

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_STORE_FIXTURE_H_
