#include "common/events/testing/node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/events/events_schema.h"
#include "common/status/status_macros.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"

namespace keyward::events::testing {
namespace {

storage::Schema NodeSchema() {
  return {
      "node",
      {{1, "what was applied",
        "CREATE TABLE applied (id TEXT PRIMARY KEY, source TEXT NOT NULL, n BIGINT NOT NULL);\n"}}};
}

}  // namespace

Node::Node(std::string name, std::string database_url, clock::Clock& clock)
    : name_(std::move(name)), database_url_(std::move(database_url)), clock_(clock) {
  Start();
}

Node::~Node() {
  Release();
  Stop();
}

void Node::Start() {
  auto database =
      storage::Database::Open(database_url_, {EventsSchema(), audit::AuditSchema(), NodeSchema()});
  ASSERT_TRUE(database.ok()) << database.status();
  database_ = *std::move(database);
  outbox_ = std::make_unique<Outbox>(name_, clock_);
  auto feed = Feed::Create(*database_, clock_, *outbox_);
  ASSERT_TRUE(feed.ok()) << feed.status();
  feed_ = *std::move(feed);
  server_.Serve(feed_.get());
}

void Node::Stop() {
  for (auto& [source, follower] : followers_) follower->Stop();
  server_.Serve(nullptr);
  followers_.clear();
  feed_ = nullptr;
  outbox_ = nullptr;
  database_ = nullptr;
}

void Node::Follow(Node& peer, bool forward) {
  forward_[peer.name()] = forward;
  Follower::Options options;
  options.source = peer.name();
  options.consumer = name_;
  options.channel = peer.server().channel();
  options.own_feed = feed_.get();
  options.silence_limit = silence_limit_;
  auto follower = Follower::Create(options, *database_, clock_, *this);
  ASSERT_TRUE(follower.ok()) << follower.status();
  followers_[peer.name()] = *std::move(follower);
  feed_->SetUpstream([this] { return chain_remaining(); });
  followers_[peer.name()]->Start();
}

absl::Duration Node::chain_remaining() const {
  absl::Duration least = absl::InfiniteDuration();
  for (const auto& [source, follower] : followers_) {
    least = std::min(least, follower->lease().chain_remaining());
  }
  return least;
}

int64_t Node::Publish() {
  int64_t sequence = 0;
  const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
    google::protobuf::StringValue data;
    data.set_value("a change");
    KW_ASSIGN_OR_RETURN(sequence, outbox_->Append(tx, {.type = "test.Changed",
                                                       .subject = absl::StrCat("things/", name_),
                                                       .data = data}));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return sequence;
}

std::vector<std::string> Node::Applied(const std::string& source) {
  std::vector<std::string> numbers;
  const absl::Status status = database_->Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(
        const auto rows,
        tx.Query("SELECT n FROM applied WHERE source = :source ORDER BY n", {{"source", source}}));
    numbers.clear();
    for (const storage::Row& row : rows) numbers.push_back(row.GetString(0));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return numbers;
}

void Node::Hold() {
  absl::MutexLock lock(&mutex_);
  held_ = true;
}

void Node::Release() {
  absl::MutexLock lock(&mutex_);
  held_ = false;
}

void Node::FailAt(std::string event_id) {
  absl::MutexLock lock(&mutex_);
  fail_at_ = std::move(event_id);
}

absl::Status Node::Apply(storage::Transaction& tx, const v1::Event& event) {
  {
    absl::MutexLock lock(&mutex_);
    const auto released = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !held_; };
    mutex_.Await(absl::Condition(&released));
    if (event.id() == fail_at_) return absl::InternalError("told to fail");
  }
  // The primary key finds what is applied twice, the count what is not in order.
  KW_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO applied (id, source, n) VALUES (:id, :source, :n)",
                 {{"id", event.id()}, {"source", event.source()}, {"n", event.sequence()}})
          .status());
  KW_ASSIGN_OR_RETURN(const auto row, tx.QueryOne("SELECT COUNT(*) FROM applied WHERE source = :s",
                                                  {{"s", event.source()}}));
  if (row->GetInt64(0) != event.sequence()) return absl::InternalError("not in order");
  if (!forward_[event.source()]) return absl::OkStatus();
  google::protobuf::StringValue data;
  data.set_value("a change");
  return outbox_
      ->Append(tx, {.type = "test.Changed",
                    .subject = event.subject(),
                    .data = data,
                    .correlation_id = event.correlation_id(),
                    .caused_by = event.id()})
      .status();
}

}  // namespace keyward::events::testing
