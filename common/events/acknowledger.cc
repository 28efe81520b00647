#include "common/events/acknowledger.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"

namespace keyward::events {
namespace {

// Before a wait that failed is begun anew.
constexpr absl::Duration kBackOff = absl::Milliseconds(100);

}  // namespace

Acknowledger::Acknowledger(std::string source, Feed* own_feed, clock::Clock& clock,
                           std::function<void(int64_t)> on_ready)
    : source_(std::move(source)),
      own_feed_(own_feed),
      clock_(clock),
      on_ready_(std::move(on_ready)) {}

Acknowledger::~Acknowledger() { Stop(); }

void Acknowledger::Start() {
  if (own_feed_ != nullptr) thread_ = std::thread([this] { Run(); });
}

void Acknowledger::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    if (wait_ != nullptr) wait_->Cancel();
  }
  if (thread_.joinable()) thread_.join();
}

void Acknowledger::Applied(Progress progress) {
  if (own_feed_ == nullptr) {
    on_ready_(progress.applied);
    return;
  }
  absl::MutexLock lock(&mutex_);
  target_ = progress;
}

void Acknowledger::Run() {
  while (true) {
    Progress target;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopped_ || target_.applied > done_.applied;
      };
      mutex_.Await(absl::Condition(&has_work));
      if (stopped_) return;
      target = target_;
    }
    Deliver(target);
  }
}

void Acknowledger::Deliver(const Progress& target) {
  while (target.own_sequence > done_.own_sequence) {
    const absl::StatusOr<v1::Delivery> delivery = AwaitDelivery(target.own_sequence);
    if (delivery.ok()) {
      if (delivery->waited_out_size() > 0) {
        server::Log(server::Severity::kWarning, "feed.consumers_waited_out",
                    {{"source", source_},
                     {"own_sequence", target.own_sequence},
                     {"consumers", absl::StrJoin(delivery->waited_out(), ",")}});
      }
      break;
    }
    absl::MutexLock lock(&mutex_);
    if (clock_.AwaitFor(mutex_, absl::Condition(&stopped_), kBackOff)) return;
  }
  done_ = target;
  on_ready_(target.applied);
}

absl::StatusOr<v1::Delivery> Acknowledger::AwaitDelivery(int64_t own_sequence) {
  KW_ASSIGN_OR_RETURN(const std::unique_ptr<Feed::Wait> wait, own_feed_->BeginWait(own_sequence));
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return absl::CancelledError("stopped");
    wait_ = wait.get();
  }
  // To its end: one begun anew would wait for newer leases.
  absl::StatusOr<std::optional<v1::Delivery>> delivery = wait->Await(absl::InfiniteDuration());
  absl::MutexLock lock(&mutex_);
  wait_ = nullptr;
  if (!delivery.ok()) return delivery.status();
  return **std::move(delivery);
}

}  // namespace keyward::events
