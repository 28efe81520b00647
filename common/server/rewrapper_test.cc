#include "common/server/rewrapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/clock/clock.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/testing/soft_token.h"
#include "common/server/root_key_places.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::server {
namespace {

using crypto::SecretBytes;
using ::testing::HasSubstr;

constexpr char kUrlVariable[] = "KEYWARD_REWRAPPER_TEST_URL";
constexpr char kFolderVariable[] = "KEYWARD_REWRAPPER_TEST_FOLDER";

storage::Schema SecretsSchema() {
  return {"rewrapper_test",
          {{1, "make two tables",
            "CREATE TABLE pairs (name TEXT NOT NULL, number BIGINT NOT NULL, secret TEXT NOT NULL, "
            "PRIMARY KEY (name, number));\n"
            "CREATE TABLE singles (number BIGINT NOT NULL PRIMARY KEY, secret TEXT NOT NULL);\n"}}};
}

std::vector<SealedColumn> Columns() {
  return {{.table = "pairs",
           .key = {{"name"}, {.name = "number", .is_number = true}},
           .column = "secret",
           .context = [](const auto& key) { return absl::StrCat("pair/", key[0], "/", key[1]); }},
          {.table = "singles",
           .key = {{.name = "number", .is_number = true}},
           .column = "secret",
           .context = [](const auto& key) { return absl::StrCat("single/", key[0]); }}};
}

// A service's database under root keys in `folder`.
class Service {
 public:
  Service(const std::string& url, const std::string& primary,
          const std::vector<std::string>& previous) {
    database_ =
        Get(storage::Database::Open(url, {RootKeySchema(), SecretsSchema(), audit::AuditSchema()}));
    std::vector<std::unique_ptr<crypto::RootKeyProvider>> places;
    for (const std::string& place : previous) {
      places.push_back(Get(OpenRootKeyPlace("--previous_root_keys", place)));
    }
    keys_ = Get(OpenRootKeys(*Get(OpenRootKeyPlace("--root_key", primary)), places, *database_));
    rewrapper_ = Get(Rewrapper::Create(*database_, clock_, metrics_, *keys_, Columns()));
  }

  template <typename T>
  static T Get(absl::StatusOr<T> result) {
    if (!result.ok()) {
      std::cerr << result.status() << "\n";
      std::abort();
    }
    return *std::move(result);
  }

  storage::Database& database() { return *database_; }
  Rewrapper& rewrapper() { return *rewrapper_; }
  const crypto::RootKeySet& keys() const { return *keys_; }
  Rewrapper::Progress Progress() { return Get(rewrapper_->GetProgress()); }

  // Seals a secret that tells where it belongs.
  absl::Status PutPair(const std::string& name, int number, int revision = 0) {
    const std::string context = absl::StrCat("pair/", name, "/", number);
    const std::string secret = absl::StrCat(context, "#", revision);
    const std::string sealed = Get(keys_->Seal(SecretBytes::CopyOf(secret), context));
    return database_->Write([&](storage::Transaction& tx) {
      return tx
          .Execute(
              "INSERT INTO pairs (name, number, secret) VALUES (:name, :number, :secret) ON "
              "CONFLICT (name, number) DO UPDATE SET secret = excluded.secret",
              {{"name", name}, {"number", number}, {"secret", storage::Blob(sealed)}})
          .status();
    });
  }

  absl::Status PutSingle(int number) {
    const std::string context = absl::StrCat("single/", number);
    const std::string sealed = Get(keys_->Seal(SecretBytes::CopyOf(context + "#0"), context));
    return database_->Write([&](storage::Transaction& tx) {
      return tx
          .Execute("INSERT INTO singles (number, secret) VALUES (:number, :secret)",
                   {{"number", number}, {"secret", storage::Blob(sealed)}})
          .status();
    });
  }

  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(PutPair(absl::StrCat("name", i % 3), i).ok());
      ASSERT_TRUE(PutSingle(i).ok());
    }
  }

  // The revision of a pair that was put last; -1 if it does not open.
  int Revision(const std::string& name, int number) {
    std::string sealed;
    const absl::Status status = database_->Read([&](storage::Transaction& tx) -> absl::Status {
      const auto row =
          tx.QueryOne("SELECT secret FROM pairs WHERE name = :name AND number = :number",
                      {{"name", name}, {"number", number}});
      if (!row.ok() || !row->has_value()) return absl::NotFoundError("no such pair");
      sealed = (*row)->GetBlob(0);
      return absl::OkStatus();
    });
    const std::string context = absl::StrCat("pair/", name, "/", number);
    const auto secret = keys_->Unseal(sealed, context);
    int revision = -1;
    if (!status.ok() || !secret.ok() ||
        !absl::SimpleAtoi(secret->ExposeSecret().substr(context.size() + 1), &revision)) {
      return -1;
    }
    return revision;
  }

  // How many secrets open to what they are, in both tables; -1 if one does not.
  int CountGood() {
    int good = 0;
    const absl::Status status = database_->Read([&](storage::Transaction& tx) -> absl::Status {
      good = 0;
      auto pairs = tx.Query("SELECT name, number, secret FROM pairs");
      auto singles = tx.Query("SELECT number, secret FROM singles");
      if (!pairs.ok() || !singles.ok()) return absl::InternalError("cannot read");
      for (const storage::Row& row : *pairs) {
        good +=
            Opens(absl::StrCat("pair/", row.GetString(0), "/", row.GetInt64(1)), row.GetBlob(2));
      }
      for (const storage::Row& row : *singles) {
        good += Opens(absl::StrCat("single/", row.GetInt64(0)), row.GetBlob(1));
      }
      return good == static_cast<int>(pairs->size() + singles->size())
                 ? absl::OkStatus()
                 : absl::DataLossError("a secret does not open");
    });
    return status.ok() ? good : -1;
  }

 private:
  bool Opens(const std::string& context, const std::string& sealed) const {
    const auto secret = keys_->Unseal(sealed, context);
    return secret.ok() && absl::StartsWith(secret->ExposeSecret(), context + "#");
  }

  clock::FakeClock clock_;
  Metrics metrics_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<crypto::RootKeySet> keys_;
  std::unique_ptr<Rewrapper> rewrapper_;
};

class RewrapperTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name) const { return "file:" + token_.File(name); }
  std::string Token(const std::string& object) const { return token_.uri_text(object); }

  void ChangeAndCheck(const std::string& from, const std::string& to) {
    std::string old_id;
    {
      Service before(temporary_->url(), from, {});
      before.Fill(120);
      old_id = before.keys().id();
    }
    Service during(temporary_->url(), to, {from});
    EXPECT_EQ(during.Progress().secrets, 240);
    EXPECT_EQ(during.Progress().left, 240);
    EXPECT_EQ(during.Progress().ids.settled, old_id);
    EXPECT_EQ(during.CountGood(), 240) << "all opens before it is under the new key";
    ASSERT_TRUE(during.rewrapper().RewrapAll().ok());
    EXPECT_EQ(during.Progress().left, 0);
    EXPECT_EQ(during.Progress().ids.settled, during.keys().id());
    EXPECT_EQ(during.Progress().ids.next, "");
    Service after(temporary_->url(), to, {});
    EXPECT_EQ(after.CountGood(), 240) << "all opens without the old key";
  }

  hsm::testing::SoftToken token_;
  const std::unique_ptr<storage::testing::TemporaryDatabase> temporary_ =
      storage::testing::TemporaryDatabase::Sqlite();
};

TEST_F(RewrapperTest, FromFileToFile) { ChangeAndCheck(File("old"), File("new")); }

TEST_F(RewrapperTest, FromFileToToken) { ChangeAndCheck(File("old"), Token("root")); }

TEST_F(RewrapperTest, FromTokenToToken) { ChangeAndCheck(Token("old"), Token("new")); }

TEST_F(RewrapperTest, TheEndStandsInTheAuditLog) {
  ChangeAndCheck(File("old"), File("new"));
  Service service(temporary_->url(), File("new"), {});
  std::vector<audit::v1::AuditEntry> entries;
  ASSERT_TRUE(service.database()
                  .Read([&](storage::Transaction& tx) {
                    auto read = audit::ReadEntries(tx, {}, 0, 10);
                    if (read.ok()) entries = *read;
                    return read.status();
                  })
                  .ok());
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].operation(), "background/ChangeRootKey");
  EXPECT_EQ(entries[0].details().at("from").size(), 16u);
  EXPECT_NE(entries[0].details().at("from"), entries[0].details().at("to"));
}

TEST_F(RewrapperTest, ServesReadersAndWritersMeanwhile) {
  { Service(temporary_->url(), File("old"), {}).Fill(300); }
  Service service(temporary_->url(), Token("root"), {File("old")});
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0, bad = 0, reads = 0;
  std::vector<std::thread> threads;
  std::map<int, int> revisions;
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      const int number = 3 * (i % 100);
      revisions[number] = i;
      if (!service.PutPair("written", i).ok() || !service.PutPair("name0", number, i).ok()) {
        ++bad;
      }
      ++written;
    }
  });
  threads.emplace_back([&] {
    while (!stop) {
      if (service.CountGood() < 600) ++bad;
      ++reads;
    }
  });
  while (written == 0 || reads == 0) std::this_thread::yield();
  // A long read may hold up the scrub at the end; by itself it would try again as well.
  absl::Status done;
  do {
    done = service.rewrapper().RewrapAll();
  } while (absl::IsUnavailable(done));
  EXPECT_TRUE(done.ok()) << done;
  const int seen = reads;
  while (reads < seen + 2) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
  Service after(temporary_->url(), Token("root"), {});
  EXPECT_EQ(after.CountGood(), 600 + written);
  for (const auto& [number, revision] : revisions) {
    EXPECT_EQ(after.Revision("name0", number), revision) << "what was written last stays";
  }
}

TEST_F(RewrapperTest, RunsByItselfAndGoesOnWhenTheTokenIsBack) {
  { Service(temporary_->url(), File("old"), {}).Fill(60); }
  Service service(temporary_->url(), Token("root"), {File("old")});
  token_.PullOut();
  const absl::Status out = service.rewrapper().RewrapAll();
  EXPECT_TRUE(absl::IsUnavailable(out)) << out;
  EXPECT_GT(service.Progress().left, 0);
  token_.PutBack();
  service.rewrapper().Start();
  while (!service.Progress().ids.next.empty()) std::this_thread::yield();
  service.rewrapper().Stop();
  EXPECT_EQ(service.Progress().problem, "");
  EXPECT_EQ(service.CountGood(), 120);
}

TEST_F(RewrapperTest, SecretThatDoesNotOpenHoldsUpTheEndAndIsNamed) {
  { Service(temporary_->url(), File("old"), {}).Fill(3); }
  Service service(temporary_->url(), File("new"), {File("old")});
  ASSERT_TRUE(service.database()
                  .Write([](storage::Transaction& tx) {
                    return tx
                        .Execute(
                            "UPDATE singles SET secret = (SELECT secret FROM singles WHERE "
                            "number = 0) WHERE number = 2")
                        .status();
                  })
                  .ok());
  const absl::Status status = service.rewrapper().RewrapAll();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("singles of 2"));
  EXPECT_NE(service.Progress().ids.next, "");
}

TEST_F(RewrapperTest, NothingIsDoneTwice) {
  { Service(temporary_->url(), File("old"), {}).Fill(10); }
  Service service(temporary_->url(), File("new"), {File("old")});
  ASSERT_TRUE(service.rewrapper().RewrapAll().ok());
  std::string before, after;
  const auto read = [&](std::string& into) {
    ASSERT_TRUE(
        service.database()
            .Read([&](storage::Transaction& tx) -> absl::Status {
              into = (*tx.QueryOne("SELECT secret FROM singles WHERE number = 4"))->GetString(0);
              return absl::OkStatus();
            })
            .ok());
  };
  read(before);
  ASSERT_TRUE(service.rewrapper().RewrapAll().ok());
  read(after);
  EXPECT_EQ(before, after);
}

// At work only in a process of its own, which a fault point kills.
TEST(RewrapperVictim, ChangesTheRootKey) {
  if (std::getenv(kFolderVariable) == nullptr) return;
  const std::string folder = std::getenv(kFolderVariable);
  Service service(std::getenv(kUrlVariable), "file:" + folder + "/new",
                  {"file:" + folder + "/old"});
  std::_Exit(service.rewrapper().RewrapAll().ok() ? 0 : 1);
}

int RunVictim(const std::string& url, const std::string& folder, const std::string& point) {
  const pid_t child = fork();
  if (child == 0) {
    setenv(kUrlVariable, url.c_str(), 1);
    setenv(kFolderVariable, folder.c_str(), 1);
    setenv(storage::kFaultPointVariable, point.c_str(), 1);
    execl("/proc/self/exe", "rewrapper_test", "--gtest_filter=RewrapperVictim.*", nullptr);
    std::_Exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(RewrapperTest, KilledAnywhereItGoesOnAndNothingIsLost) {
  for (const std::string point :
       {"root_key/before_rewrap", "root_key/before_rewrap:2", "root_key/after_rewrap",
        "root_key/after_rewrap:3", "root_key/before_settle", "root_key/after_settle"}) {
    const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
    { Service(temporary->url(), File("old"), {}).Fill(70); }
    EXPECT_EQ(RunVictim(temporary->url(), token_.File(""), point), 137) << point;
    {
      Service service(temporary->url(), File("new"), {File("old")});
      EXPECT_EQ(service.CountGood(), 140) << point;
      ASSERT_TRUE(service.rewrapper().RewrapAll().ok()) << point;
      EXPECT_EQ(service.Progress().ids.settled, service.keys().id()) << point;
    }
    EXPECT_EQ(Service(temporary->url(), File("new"), {}).CountGood(), 140) << point;
  }
}

}  // namespace
}  // namespace keyward::server
