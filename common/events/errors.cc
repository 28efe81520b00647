#include "common/events/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"

namespace keyward::events {
namespace {

constexpr absl::Duration kRetryStale = absl::Seconds(1);

std::string Text(std::string_view view) { return std::string(view); }

}  // namespace

absl::Status SequenceAhead(std::string_view source, int64_t sequence, int64_t newest) {
  return ErrorBuilder(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD",
                      absl::StrCat("event ", sequence, " lies ahead of the feed of ", Text(source),
                                   ", whose newest is ", newest))
      .With("source", Text(source));
}

absl::Status EventsGone(std::string_view source, int64_t after_sequence, int64_t oldest) {
  return ErrorBuilder(
             absl::StatusCode::kOutOfRange, "EVENTS_GONE",
             absl::StrCat("the feed of ", Text(source), " no longer keeps what follows event ",
                          after_sequence, "; its oldest is ", oldest,
                          ". A service that follows it stands still until the missing events are "
                          "put back: the operators' guide says how"))
      .With("source", Text(source))
      .With("oldest_sequence", absl::StrCat(oldest));
}

absl::Status NotTheConsumer(std::string_view consumer) {
  return ErrorBuilder(
      absl::StatusCode::kPermissionDenied, "NOT_THE_CONSUMER",
      absl::StrCat("only the service ", Text(consumer), " itself may follow under that name"));
}

absl::Status AcknowledgedTooMuch(std::string_view consumer, int64_t sequence, int64_t sent) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "ACKNOWLEDGED_TOO_MUCH",
                      absl::StrCat(Text(consumer), " acknowledged event ", sequence,
                                   ", but was sent no more than ", sent));
}

absl::Status ConsumerReplaced(std::string_view consumer) {
  return ErrorBuilder(absl::StatusCode::kAborted, "CONSUMER_REPLACED",
                      absl::StrCat(Text(consumer), " has opened a newer stream; do two processes",
                                   " run as the same replica?"));
}

absl::Status DeliveryPending(std::string_view source, int64_t sequence) {
  return ErrorBuilder(
             absl::StatusCode::kDeadlineExceeded, "DELIVERY_PENDING",
             absl::StrCat("event ", sequence, " of ", Text(source),
                          " is committed, but the deadline came before every consumer had",
                          " acknowledged it; send the request again, or call WaitForDelivery"))
      .With("source", Text(source))
      .With("sequence", absl::StrCat(sequence));
}

absl::Status ShuttingDown(std::string_view source) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                      absl::StrCat(Text(source), " is shutting down; try again"));
}

absl::Status FeedStale(std::string_view source) {
  return ErrorBuilder(
             absl::StatusCode::kUnavailable, "FEED_STALE",
             absl::StrCat("what is known of ", Text(source),
                          " is older than its lease, so whether ",
                          "access still stands is unknown; nothing is lost, it resumes by itself"))
      .With("source", Text(source))
      .RetryAfter(kRetryStale);
}

}  // namespace keyward::events
