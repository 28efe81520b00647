#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_FOLLOWING_VERIFIER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_FOLLOWING_VERIFIER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/auth/principal_store.h"
#include "common/auth/token_verifier.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::managed_identity::testing {

// What another service knows of this one: its own directory in its own database, fed from the feed.
// Not thread-safe.
class FollowingVerifier {
 public:
  FollowingVerifier(std::string audience, const clock::Clock& clock)
      : temporary_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(*storage::Database::Open(temporary_->url(), {auth::AuthSchema()})),
        verifier_(std::move(audience), directory_, clock) {}

  // Applies the events that it has not applied yet.
  void Follow(const std::vector<events::v1::Event>& events) {
    for (; applied_ < events.size(); ++applied_) {
      const absl::Status status = database_->Write(
          [&](storage::Transaction& tx) { return directory_.Apply(tx, events[applied_]); });
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  absl::StatusOr<auth::TokenClaims> Verify(const std::string& token) {
    return verifier_.Verify(token);
  }

 private:
  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
  auth::PrincipalDirectory directory_;
  auth::TokenVerifier verifier_;
  size_t applied_ = 0;
};

}  // namespace keyward::managed_identity::testing

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_FOLLOWING_VERIFIER_H_
