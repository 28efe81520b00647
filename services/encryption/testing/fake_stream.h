#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_STREAM_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_STREAM_H_

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/server/message_stream.h"
#include "common/status/status_macros.h"

namespace keyward::encryption::testing {

// A client that sends what it was given, one message at a time, and takes all it is sent. What a
// test gives it to do happens on the handler's thread, so that every order is one of the test's
// choice. For one thread.
template <typename Request, typename Response>
class FakeStream final : public server::MessageStream<Request, Response> {
 public:
  using typename server::MessageStream<Request, Response>::Still;

  std::deque<Request> sends;
  std::vector<Response> taken;
  // Before the client sends its next message, or its end.
  std::function<void()> before_read = [] {};
  // Before a message is handed over.
  std::function<void()> before_flush = [] {};
  // While the client keeps silent, again and again, once it has sent everything: if set, its side
  // stays open.
  std::function<void()> while_silent;
  // While the client does not take what was written; as long as it is set.
  std::function<void()> while_stuck;

  absl::StatusOr<std::optional<Request>> Read(Still still) override {
    before_read();
    while (sends.empty() && while_silent) {
      while_silent();
      KW_RETURN_IF_ERROR(still());
    }
    if (sends.empty()) return std::nullopt;
    Request message = std::move(sends.front());
    sends.pop_front();
    return message;
  }
  absl::Status Flush(Still still) override {
    before_flush();
    while (while_stuck) {
      while_stuck();
      KW_RETURN_IF_ERROR(still());
    }
    return absl::OkStatus();
  }
  absl::Status Write(Response message, Still still) override {
    KW_RETURN_IF_ERROR(Flush(still));
    taken.push_back(std::move(message));
    return absl::OkStatus();
  }
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_STREAM_H_
