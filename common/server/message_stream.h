#ifndef KEYWARD_COMMON_SERVER_MESSAGE_STREAM_H_
#define KEYWARD_COMMON_SERVER_MESSAGE_STREAM_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyward::server {

// A bidirectional stream as its handler sees it, which has a thread for itself. Whatever waits here
// asks `still` again and again, several times a second, and gives up with its error. Every call
// fails with CANCELLED once the client is gone. For one thread.
template <typename Request, typename Response>
class MessageStream {
 public:
  using Still = absl::FunctionRef<absl::Status()>;

  virtual ~MessageStream() = default;

  // The client's next message, which passes CheckMessage (message_check.h); nothing once the client
  // has said that no more come.
  virtual absl::StatusOr<std::optional<Request>> Read(Still still) = 0;

  // Waits until the transport has taken what was written before, so that the next Write does not
  // wait.
  virtual absl::Status Flush(Still still) = 0;

  // Hands a message to the transport, after what Flush does.
  virtual absl::Status Write(Response message, Still still) = 0;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_MESSAGE_STREAM_H_
