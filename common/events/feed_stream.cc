#include "common/events/feed_stream.h"

#include <memory>
#include <thread>

#include "common/server/message_check.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::events {
namespace {

absl::Status Hear(FeedSession& session, const v1::SubscribeRequest& request) {
  KW_RETURN_IF_ERROR(server::CheckMessage(request));
  switch (request.request_case()) {
    case v1::SubscribeRequest::kAcknowledge:
      return session.Acknowledge(request.acknowledge().sequence());
    case v1::SubscribeRequest::kHeartbeat:
      session.Heartbeat(request.heartbeat().request_id());
      return absl::OkStatus();
    case v1::SubscribeRequest::kStart:
      return InvalidField("start", "must be the first request only");
    case v1::SubscribeRequest::REQUEST_NOT_SET:
      break;
  }
  return InvalidField("request", "must be set");
}

// Receives until the consumer ends the stream, or says what it must not.
absl::Status Receive(FeedSession& session, SubscribeStream& stream) {
  v1::SubscribeRequest request;
  absl::Status status;
  while (status.ok() && stream.Read(&request)) status = Hear(session, request);
  session.Close();
  return status;
}

absl::Status Send(FeedSession& session, SubscribeStream& stream) {
  while (true) {
    KW_ASSIGN_OR_RETURN(const v1::SubscribeResponse response, session.Next());
    if (!stream.Write(response)) return absl::CancelledError("the consumer is gone");
  }
}

}  // namespace

absl::Status ServeFeed(Feed& feed, const v1::SubscribeRequest::Start& start,
                       grpc::ServerContext& context, SubscribeStream& stream) {
  KW_ASSIGN_OR_RETURN(const std::unique_ptr<FeedSession> session, feed.Subscribe(start));
  absl::Status received;
  std::thread receiver([&] { received = Receive(*session, stream); });
  const absl::Status sent = Send(*session, stream);
  // Only this ends a Read that waits. The consumer then sees CANCELLED, except where the receiver
  // itself ended the session and so waits no more.
  if (!absl::IsCancelled(sent)) context.TryCancel();
  receiver.join();
  return received.ok() ? sent : received;
}

}  // namespace keyward::events
