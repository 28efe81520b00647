#ifndef KEYWARD_COMMON_EVENTS_FEED_STREAM_H_
#define KEYWARD_COMMON_EVENTS_FEED_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include "absl/status/status.h"
#include "common/events/feed.h"
#include "keyward/events/v1/events.grpc.pb.h"

namespace keyward::events {

using SubscribeStream = grpc::ServerReaderWriter<v1::SubscribeResponse, v1::SubscribeRequest>;

// Serves one consumer's stream, whose first request was `start`, until the consumer, the feed or a
// cancellation of `context` ends it; returns why. Uses the calling thread to send and one of its
// own to receive. Who calls has been checked already.
absl::Status ServeFeed(Feed& feed, const v1::SubscribeRequest::Start& start,
                       grpc::ServerContext& context, SubscribeStream& stream);

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_FEED_STREAM_H_
