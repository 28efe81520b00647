#ifndef KEYWARD_COMMON_SERVER_BLOCKING_STREAM_H_
#define KEYWARD_COMMON_SERVER_BLOCKING_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/server/message_check.h"
#include "common/server/message_stream.h"
#include "common/status/status_macros.h"

namespace keyward::server {

// A stream of the callback API for a handler that blocks. Unlike one of the sync API it can be
// ended, with its error, while the handler waits for the client. At most one message is read ahead
// and one is on its way out. Deletes itself when gRPC is done with it.
template <typename Request, typename Response>
class BlockingStream final : public grpc::ServerBidiReactor<Request, Response>,
                             public MessageStream<Request, Response> {
 public:
  using typename MessageStream<Request, Response>::Still;

  // `begin` is called when the first message is there; whoever is called sees to it that Close
  // follows. A client that goes without a message never leads to it. `context` is that of the call,
  // and `clock` must outlive it.
  BlockingStream(grpc::CallbackServerContext& context, const clock::Clock& clock,
                 std::function<void(BlockingStream&)> begin)
      : context_(context), clock_(clock), begin_(std::move(begin)) {
    this->StartRead(&incoming_);
  }

  // The first message, until it is read.
  const Request& first() const { return incoming_; }

  absl::StatusOr<std::optional<Request>> Read(Still still) override {
    KW_RETURN_IF_ERROR(Await(&BlockingStream::HasRead, still));
    Request message;
    {
      absl::MutexLock lock(&mutex_);
      if (gone_) return Gone();
      if (!arrived_) return std::nullopt;
      arrived_ = false;
      message = std::move(incoming_);
    }
    this->StartRead(&incoming_);
    KW_RETURN_IF_ERROR(CheckMessage(message));
    return message;
  }

  absl::Status Flush(Still still) override {
    KW_RETURN_IF_ERROR(Await(&BlockingStream::HasWritten, still));
    absl::MutexLock lock(&mutex_);
    return gone_ ? Gone() : absl::OkStatus();
  }

  absl::Status Write(Response message, Still still) override {
    KW_RETURN_IF_ERROR(Flush(still));
    {
      absl::MutexLock lock(&mutex_);
      writing_ = true;
    }
    outgoing_ = std::move(message);
    this->StartWrite(&outgoing_);
    return absl::OkStatus();
  }

  // Ends the stream; the last call to this.
  void Close(const grpc::Status& status) {
    // A client that does not take its last message cannot take the status either.
    bool stuck = false;
    {
      absl::MutexLock lock(&mutex_);
      stuck =
          !mutex_.AwaitWithTimeout(absl::Condition(this, &BlockingStream::HasWritten), kLastWrite);
    }
    if (stuck) context_.TryCancel();
    this->Finish(status);
  }

  void OnReadDone(bool ok) override {
    bool first = false;
    {
      absl::MutexLock lock(&mutex_);
      (ok ? arrived_ : ended_) = true;
      // A stream that was cut off has not ended as its client meant it to.
      if (!ok && context_.IsCancelled()) gone_ = true;
      first = !std::exchange(begun_, true);
    }
    if (!first) return;
    if (ok) {
      begin_(*this);
    } else {
      this->Finish(grpc::Status::CANCELLED);
    }
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) gone_ = true;
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    gone_ = true;
  }
  void OnDone() override { delete this; }

 private:
  static constexpr absl::Duration kPulse = absl::Milliseconds(100);
  static constexpr absl::Duration kLastWrite = absl::Seconds(1);

  ~BlockingStream() override = default;

  static absl::Status Gone() { return absl::CancelledError("the client is gone"); }

  bool HasRead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return arrived_ || ended_ || gone_; }
  bool HasWritten() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_ || gone_; }

  absl::Status Await(bool (BlockingStream::*condition)() const, Still still) {
    for (;;) {
      {
        absl::MutexLock lock(&mutex_);
        if (clock_.AwaitFor(mutex_, absl::Condition(this, condition), kPulse)) {
          return absl::OkStatus();
        }
      }
      KW_RETURN_IF_ERROR(still());
    }
  }

  grpc::CallbackServerContext& context_;
  const clock::Clock& clock_;
  const std::function<void(BlockingStream&)> begin_;
  // Each is gRPC's from the start of its operation until that is done.
  Request incoming_;
  Response outgoing_;

  absl::Mutex mutex_;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;
  bool arrived_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_BLOCKING_STREAM_H_
