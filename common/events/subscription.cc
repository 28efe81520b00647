#include "common/events/subscription.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "common/status/grpc_status.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::events {

Subscription::Subscription(Options options, Listener listener, clock::Clock& clock)
    : options_(std::move(options)),
      listener_(std::move(listener)),
      clock_(clock),
      next_heartbeat_(clock.MonotonicNow()) {}

absl::Status Subscription::Run(v1::EventService::StubInterface& stub) {
  const std::unique_ptr<Stream> stream = stub.Subscribe(&context_);
  std::thread writer([this, &stream] { Write(*stream); });
  const bool ended_by_peer = Read(*stream);
  // A cancellation would hide why the peer ended it.
  if (ended_by_peer) {
    absl::MutexLock lock(&mutex_);
    over_ = true;
  } else {
    Cancel();
  }
  writer.join();
  return FromGrpcStatus(stream->Finish());
}

void Subscription::Cancel() {
  absl::MutexLock lock(&mutex_);
  over_ = true;
  context_.TryCancel();
}

void Subscription::Acknowledge(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  ready_ = std::max(ready_, sequence);
}

// Returns whether it was the peer, or a cancellation, that ended the stream.
bool Subscription::Read(Stream& stream) {
  v1::SubscribeResponse response;
  while (stream.Read(&response)) {
    if (response.has_event()) {
      if (!listener_.on_event(std::move(*response.mutable_event()))) return false;
    } else if (response.has_heartbeat()) {
      const std::optional<absl::Duration> sent = TakeSent(response.heartbeat().request_id());
      if (sent.has_value()) listener_.on_heartbeat(*sent, response.heartbeat());
    }
  }
  return true;
}

void Subscription::Write(Stream& stream) {
  v1::SubscribeRequest first;
  *first.mutable_start() = options_.start;
  if (!stream.Write(first)) return;
  while (true) {
    const std::optional<v1::SubscribeRequest> request = NextRequest();
    if (!request.has_value()) return;
    // It fails only once the stream has ended, and then Read ends too.
    if (!stream.Write(*request)) return;
  }
}

std::optional<v1::SubscribeRequest> Subscription::NextRequest() {
  absl::MutexLock lock(&mutex_);
  const auto has_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return over_ || ready_ > acknowledged_;
  };
  clock_.AwaitUntil(mutex_, absl::Condition(&has_news), std::min(next_heartbeat_, SilentAt()));
  const absl::Duration now = clock_.MonotonicNow();
  if (!over_ && now >= SilentAt()) {
    over_ = true;
    context_.TryCancel();
  }
  if (over_) return std::nullopt;
  v1::SubscribeRequest request;
  if (ready_ > acknowledged_) {
    acknowledged_ = ready_;
    request.mutable_acknowledge()->set_sequence(acknowledged_);
  } else {
    // The moment is taken before it is sent: a lease must never be counted from too late.
    open_[++last_request_id_] = now;
    next_heartbeat_ = now + options_.heartbeat_interval;
    request.mutable_heartbeat()->set_request_id(last_request_id_);
  }
  return request;
}

absl::Duration Subscription::SilentAt() const {
  return open_.empty() ? absl::InfiniteDuration() : open_.begin()->second + options_.silence_limit;
}

std::optional<absl::Duration> Subscription::TakeSent(int64_t request_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(request_id);
  if (found == open_.end()) return std::nullopt;
  const absl::Duration sent = found->second;
  open_.erase(open_.begin(), std::next(found));
  return sent;
}

}  // namespace keyward::events
