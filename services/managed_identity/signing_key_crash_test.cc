// The service is killed at each step of the succession of signing keys: afterwards each rotation
// and each withdrawal has happened once, with its event and its audit entry, or happens then.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/auth/principal_store.h"
#include "common/crypto/file_root_key.h"
#include "common/events/events_schema.h"
#include "common/server/metrics.h"
#include "common/storage/fault_point.h"
#include "common/storage/request_ids.h"
#include "common/storage/testing/temporary_database.h"
#include "services/managed_identity/schema.h"
#include "services/managed_identity/signing_key_rotator.h"
#include "services/managed_identity/signing_key_store.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {
namespace {

constexpr char kChildUrlVariable[] = "KEYWARD_SIGNING_KEY_CRASH_TEST_URL";
constexpr char kRootKeyVariable[] = "KEYWARD_SIGNING_KEY_CRASH_TEST_ROOT_KEY";
constexpr absl::Duration kPeriod = absl::Hours(24 * 30);

// What of the service has to do with signing keys, over a database that may have been left anyhow.
struct Keys {
  explicit Keys(const std::string& url, const std::string& root_key_file)
      : database(*storage::Database::Open(
            url, {events::EventsSchema(), auth::AuthSchema(), audit::AuditSchema(),
                  storage::RequestIdsSchema(), ManagedIdentitySchema()})),
        outbox("managed_identity", clock),
        feed(*events::Feed::Create(*database, clock, outbox)),
        changes(Changes::Options{*database, clock, outbox, *feed, directory}),
        root_key(*crypto::FileRootKey::LoadOrCreate(root_key_file)),
        succession(*root_key),
        signer(*TokenSigner::Open(changes, succession, *root_key, "https://issuer.test")),
        rotator(changes, succession, clock, metrics, kPeriod) {}

  template <typename Result>
  Result Read(absl::FunctionRef<absl::StatusOr<Result>(storage::Transaction&)> work) {
    absl::StatusOr<Result> result = changes.Read<Result>(work);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : Result();
  }

  clock::FakeClock clock;
  std::unique_ptr<storage::Database> database;
  auth::PrincipalDirectory directory;
  events::Outbox outbox;
  std::unique_ptr<events::Feed> feed;
  Changes changes;
  std::unique_ptr<crypto::FileRootKey> root_key;
  KeySuccession succession;
  std::unique_ptr<TokenSigner> signer;
  server::Metrics metrics;
  SigningKeyRotator rotator;
};

// A rotation that is due, and then the withdrawal of the key that signed before.
bool Work(Keys& keys) {
  for (int i = 0; i < 2; ++i) {
    if (!keys.rotator.RunDue().ok()) return false;
    if (!keys.rotator.RunDue().ok()) return false;
    keys.clock.Advance(kKeyAfterlife);
  }
  return true;
}

[[noreturn]] void WorkUntilKilled(const std::string& url) {
  Keys keys(url, getenv(kRootKeyVariable));
  keys.clock.Advance(kPeriod);
  exit(Work(keys) ? 0 : 2);
}

// Runs this program again as the service; returns how it ended.
int RunService(const std::string& url, const std::string& root_key, const std::string& point) {
  setenv(kChildUrlVariable, url.c_str(), 1);
  setenv(kRootKeyVariable, root_key.c_str(), 1);
  setenv(storage::kFaultPointVariable, point.c_str(), 1);
  const int ended = system("/proc/$PPID/exe");
  unsetenv(kChildUrlVariable);
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(ended);
}

void ExpectEverythingOnce(Keys& keys) {
  const auto all = keys.Read<std::vector<SigningKey>>(
      [](storage::Transaction& tx) { return ListSigningKeys(tx, "", 100); });
  std::map<SigningKeyState, int> states;
  for (const SigningKey& key : all) ++states[key.state];
  EXPECT_EQ(states, (std::map<SigningKeyState, int>{{SigningKeyState::kActive, 1},
                                                    {SigningKeyState::kNext, 1},
                                                    {SigningKeyState::kExpired, 1}}));
  const auto entries = keys.Read<std::vector<audit::v1::AuditEntry>>(
      [](storage::Transaction& tx) { return audit::ReadEntries(tx, {}, 0, 100); });
  EXPECT_EQ(entries.size(), 2u) << "a rotation and a withdrawal";
  const auto events = keys.feed->ListEvents({});
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ(events->events_size(), 3) << "the first keys, a rotation and a withdrawal";
  EXPECT_TRUE(keys.signer->Sign({}).ok());
}

TEST(SigningKeyCrashTest, EverythingHappensOnce) {
  int killed = 0;
  for (const std::string point :
       {"signing_key.delivered", "storage.before_commit", "storage.after_commit"}) {
    for (int passage = 1;; ++passage) {
      SCOPED_TRACE(absl::StrCat(point, ":", passage));
      const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
      const std::string root_key = absl::StrCat(::testing::TempDir(), "/", point, passage, ".key");
      const int ended = RunService(temporary->url(), root_key, absl::StrCat(point, ":", passage));
      ASSERT_TRUE(ended == 137 || ended == 0) << ended;
      Keys keys(temporary->url(), root_key);
      keys.clock.Advance(kPeriod + kKeyAfterlife);
      EXPECT_TRUE(Work(keys));
      ExpectEverythingOnce(keys);
      if (ended == 0) break;
      ++killed;
    }
  }
  // At least: the first keys, the rotation and the withdrawal, before and after each commit.
  EXPECT_GE(killed, 7);
}

}  // namespace
}  // namespace keyward::managed_identity

int main(int argc, char** argv) {
  if (const char* url = getenv(keyward::managed_identity::kChildUrlVariable)) {
    keyward::managed_identity::WorkUntilKilled(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
