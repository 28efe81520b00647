#ifndef KEYWARD_SERVICES_ENCRYPTION_STREAM_SESSION_H_
#define KEYWARD_SERVICES_ENCRYPTION_STREAM_SESSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/server/message_stream.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "google/protobuf/wrappers.pb.h"
#include "services/encryption/errors.h"
#include "services/encryption/stream_access.h"
#include "services/encryption/stream_handler.h"

namespace keyward::encryption {

// How large a client says that all its chunks are together. Not thread-safe.
class StreamSize {
 public:
  // `field` is the one that `expected` is in; nothing is expected unless it is `present`.
  StreamSize(const char* field, bool present, const google::protobuf::Int64Value& expected)
      : field_(field) {
    if (present) expected_ = expected.value();
  }

  // Counts a chunk. INVALID_ARGUMENT if it is empty, over 1 MiB, or more than was announced.
  absl::Status Add(const char* chunk_field, size_t size);
  // INVALID_ARGUMENT if less has come than was announced.
  absl::Status CheckWhole() const;
  int64_t counted() const { return counted_; }

 private:
  absl::Status Mismatch() const;

  const char* field_;
  std::optional<int64_t> expected_;
  int64_t counted_ = 0;
};

// One stream under way: every message that comes or goes passes here, and with it the gate. For one
// thread.
template <typename Request, typename Response>
class StreamSession {
 public:
  // All must outlive this; the gate has been passed.
  StreamSession(server::MessageStream<Request, Response>& stream, StreamAccess& access,
                const clock::Clock& clock, const StreamHandler::Options& options)
      : stream_(stream),
        access_(access),
        clock_(clock),
        options_(options),
        began_(clock.MonotonicNow()),
        moved_(began_) {}

  // The client's next message, if access is intact; nothing at its end.
  absl::StatusOr<std::optional<Request>> Read() {
    KW_ASSIGN_OR_RETURN(std::optional<Request> message, stream_.Read([&] { return Check(); }));
    moved_ = clock_.MonotonicNow();
    KW_RETURN_IF_ERROR(Check());
    return message;
  }

  // Lets a message go if access is intact at that moment: what waits is the one before it.
  absl::Status Write(Response message) {
    const auto check = [&] { return Check(); };
    KW_RETURN_IF_ERROR(stream_.Flush(check));
    moved_ = clock_.MonotonicNow();
    KW_RETURN_IF_ERROR(Check());
    return stream_.Write(std::move(message), check);
  }

  // Once everything is written: OK if all of it went, and access is intact.
  absl::Status Finish() {
    KW_RETURN_IF_ERROR(stream_.Flush([&] { return Check(); }));
    return Check();
  }

 private:
  absl::Status Check() {
    KW_RETURN_IF_ERROR(access_.Confirm());
    const absl::Duration now = clock_.MonotonicNow();
    if (now - began_ >= options_.longest) return StreamTooLong(options_.longest);
    if (now - moved_ >= options_.idle) return StreamIdle(options_.idle);
    return absl::OkStatus();
  }

  server::MessageStream<Request, Response>& stream_;
  StreamAccess& access_;
  const clock::Clock& clock_;
  const StreamHandler::Options& options_;
  const absl::Duration began_;
  absl::Duration moved_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_STREAM_SESSION_H_
