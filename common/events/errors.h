#ifndef KEYWARD_COMMON_EVENTS_ERRORS_H_
#define KEYWARD_COMMON_EVENTS_ERRORS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace keyward::events {

// The errors of feeds and followers. Reasons are those of protos/keyward/events/v1/errors.proto,
// FEED_STALE of protos/keyward/auth/v1/errors.proto.

// OUT_OF_RANGE: `sequence` lies ahead of the feed, whose newest is `newest`.
absl::Status SequenceAhead(std::string_view source, int64_t sequence, int64_t newest);
// OUT_OF_RANGE: the oldest event kept is `oldest`.
absl::Status EventsGone(std::string_view source, int64_t after_sequence, int64_t oldest);
// PERMISSION_DENIED.
absl::Status NotTheConsumer(std::string_view consumer);
// INVALID_ARGUMENT.
absl::Status AcknowledgedTooMuch(std::string_view consumer, int64_t sequence, int64_t sent);
// ABORTED.
absl::Status ConsumerReplaced(std::string_view consumer);
// DEADLINE_EXCEEDED.
absl::Status DeliveryPending(std::string_view source, int64_t sequence);
// UNAVAILABLE.
absl::Status ShuttingDown(std::string_view source);
// UNAVAILABLE, with RetryInfo.
absl::Status FeedStale(std::string_view source);

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_ERRORS_H_
