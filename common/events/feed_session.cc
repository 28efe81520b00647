#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/errors.h"
#include "common/events/feed_core.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::events {
namespace {

constexpr int kEventsARead = 100;

google::protobuf::Duration ToProto(absl::Duration duration) {
  return google::protobuf::util::TimeUtil::MicrosecondsToDuration(
      absl::ToInt64Microseconds(duration));
}

// The core's mutex guards what the two threads share.
class Session : public FeedSession {
 public:
  Session(std::shared_ptr<FeedCore> core, std::string consumer, int64_t session,
          int64_t after_sequence)
      : core_(std::move(core)),
        consumer_(std::move(consumer)),
        session_(session),
        read_(after_sequence),
        sent_(after_sequence) {}

  ~Session() override {
    absl::MutexLock lock(&core_->mutex());
    core_->table().Close(consumer_, session_);
  }

  absl::Status Acknowledge(int64_t sequence) override {
    {
      absl::MutexLock lock(&core_->mutex());
      if (!core_->table().IsOpen(consumer_, session_)) return ConsumerReplaced(consumer_);
      if (sequence > sent_) return AcknowledgedTooMuch(consumer_, sequence, sent_);
    }
    return core_->Acknowledge(consumer_, sequence);
  }

  void Heartbeat(int64_t request_id) override {
    absl::MutexLock lock(&core_->mutex());
    // A newer request stands for the older ones.
    asked_ = Asked{request_id, core_->clock().MonotonicNow()};
  }

  absl::StatusOr<v1::SubscribeResponse> Next() override {
    std::optional<Asked> asked;
    {
      absl::MutexLock lock(&core_->mutex());
      const auto something_to_do = [this] { return HasWork(); };
      core_->mutex().Await(absl::Condition(&something_to_do));
      KW_RETURN_IF_ERROR(WhyEnded());
      asked = std::exchange(asked_, std::nullopt);
    }
    if (asked.has_value()) return Answer(*asked);
    if (events_.empty()) KW_RETURN_IF_ERROR(ReadMore());
    v1::SubscribeResponse response;
    *response.mutable_event() = std::move(events_.front());
    events_.pop_front();
    // Before it is on the wire: its acknowledgement may come back before the writer does.
    absl::MutexLock lock(&core_->mutex());
    sent_ = response.event().sequence();
    return response;
  }

  void Close() override {
    absl::MutexLock lock(&core_->mutex());
    closed_ = true;
  }

 private:
  struct Asked {
    int64_t request_id;
    absl::Duration received;
  };

  bool HasWork() const ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return closed_ || core_->shut_down() || asked_.has_value() || !events_.empty() ||
           core_->newest() > read_ || !core_->table().IsOpen(consumer_, session_);
  }

  absl::Status WhyEnded() const ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (closed_) return absl::CancelledError("the session was closed");
    if (core_->shut_down()) return ShuttingDown(core_->source());
    if (!core_->table().IsOpen(consumer_, session_)) return ConsumerReplaced(consumer_);
    return absl::OkStatus();
  }

  // The order is what the proofs in feed.h and Lease stand on: first the lease is believed in and
  // durable; then what remains upstream is read; then the newest sequence, which so covers all that
  // followed from what the upstream leases are good for.
  absl::StatusOr<v1::SubscribeResponse> Answer(const Asked& asked) {
    KW_RETURN_IF_ERROR(core_->GrantLease(consumer_, asked.received));
    KW_FAULT_POINT("feed.lease_granted");
    const absl::Duration upstream = core_->UpstreamLease();
    KW_ASSIGN_OR_RETURN(const int64_t newest, core_->ReadNewest());
    v1::SubscribeResponse response;
    v1::Heartbeat& heartbeat = *response.mutable_heartbeat();
    heartbeat.set_request_id(asked.request_id);
    heartbeat.set_newest_sequence(newest);
    *heartbeat.mutable_lease() = ToProto(core_->options().lease);
    *heartbeat.mutable_upstream_lease() = ToProto(upstream);
    return response;
  }

  absl::Status ReadMore() {
    KW_ASSIGN_OR_RETURN(std::vector<v1::Event> events, core_->ReadEvents(read_, kEventsARead));
    for (v1::Event& event : events) {
      if (event.sequence() != read_ + 1) {
        // Deleted since the last look, or never there.
        KW_RETURN_IF_ERROR(core_->RequireKept(read_));
        return absl::InternalError(absl::StrCat("event ", read_ + 1, " is missing from the feed"));
      }
      read_ = event.sequence();
      events_.push_back(std::move(event));
    }
    if (events_.empty()) {
      return absl::InternalError(absl::StrCat("event ", read_ + 1, " is missing from the feed"));
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<FeedCore> core_;
  const std::string consumer_;
  const int64_t session_;
  // The thread that calls Next alone.
  int64_t read_;
  std::deque<v1::Event> events_;
  // Under the mutex.
  int64_t sent_;
  bool closed_ = false;
  std::optional<Asked> asked_;
};

class FeedWait : public Feed::Wait {
 public:
  FeedWait(std::shared_ptr<FeedCore> core, DeliveryProgress progress)
      : core_(std::move(core)), progress_(std::move(progress)) {}

  absl::StatusOr<std::optional<v1::Delivery>> Await(absl::Duration deadline) override {
    absl::MutexLock lock(&core_->mutex());
    const auto news = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return cancelled_ || core_->shut_down() || progress_.HasNews(core_->table());
    };
    while (!progress_.done()) {
      if (cancelled_) return absl::CancelledError("the wait was cancelled");
      if (core_->shut_down()) return ShuttingDown(core_->source());
      const absl::Duration end = std::min(deadline, progress_.next_end());
      core_->clock().AwaitUntil(core_->mutex(), absl::Condition(&news), end);
      const absl::Duration now = core_->clock().MonotonicNow();
      const bool moved = progress_.Update(core_->table(), now);
      if (!moved && now >= deadline) return std::nullopt;
    }
    return progress_.ToDelivery();
  }

  void Cancel() override {
    absl::MutexLock lock(&core_->mutex());
    cancelled_ = true;
  }

 private:
  const std::shared_ptr<FeedCore> core_;
  // Under the mutex.
  DeliveryProgress progress_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<FeedSession> MakeFeedSession(std::shared_ptr<FeedCore> core, std::string consumer,
                                             int64_t session, int64_t after_sequence) {
  return std::make_unique<Session>(std::move(core), std::move(consumer), session, after_sequence);
}

std::unique_ptr<Feed::Wait> MakeFeedWait(std::shared_ptr<FeedCore> core, int64_t sequence) {
  absl::MutexLock lock(&core->mutex());
  DeliveryProgress progress(core->table(), sequence, core->clock().MonotonicNow());
  return std::make_unique<FeedWait>(core, std::move(progress));
}

}  // namespace keyward::events
