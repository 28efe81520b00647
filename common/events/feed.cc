#include "common/events/feed.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/events/errors.h"
#include "common/events/feed_core.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::events {
namespace {

constexpr size_t kMaximumNameLength = 63;

bool IsName(const std::string& name, bool (*is_allowed)(unsigned char)) {
  return !name.empty() && name.size() <= kMaximumNameLength &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

absl::Status Validate(const v1::SubscribeRequest::Start& start) {
  const auto of_service = [](unsigned char c) { return absl::ascii_islower(c) || c == '_'; };
  const auto of_replica = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-'; };
  if (!IsName(start.consumer(), of_service)) {
    return InvalidField("start.consumer", "must be a service's name, such as \"encryption\"");
  }
  if (!IsName(start.replica(), of_replica)) {
    return InvalidField("start.replica", "must be 1-63 of [0-9A-Za-z-]");
  }
  if (start.after_sequence() < 0) {
    return InvalidField("start.after_sequence", "must not be negative");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Feed>> Feed::Create(storage::Database& database, clock::Clock& clock,
                                                   Outbox& outbox, Options options) {
  auto core = std::make_shared<FeedCore>(database, clock, outbox.source(), options);
  // Before the first look, so that nothing falls between the two.
  outbox.SetListener([weak = std::weak_ptr<FeedCore>(core)](int64_t sequence) {
    if (const std::shared_ptr<FeedCore> core = weak.lock()) core->Committed(sequence);
  });
  KW_RETURN_IF_ERROR(core->Load());
  return std::unique_ptr<Feed>(new Feed(std::move(core)));
}

Feed::Feed(std::shared_ptr<FeedCore> core) : core_(std::move(core)) {}

Feed::~Feed() {
  Shutdown();
  core_->StopWatching();
}

const std::string& Feed::source() const { return core_->source(); }

void Feed::Shutdown() { core_->Shutdown(); }

void Feed::SetUpstream(std::function<absl::Duration()> remaining) {
  core_->SetUpstream(std::move(remaining));
}

absl::StatusOr<std::unique_ptr<Feed::Wait>> Feed::BeginWait(int64_t sequence) {
  KW_RETURN_IF_ERROR(core_->RequirePublished(sequence));
  KW_RETURN_IF_ERROR(core_->RefreshConsumers());
  return MakeFeedWait(core_, sequence);
}

absl::StatusOr<v1::Delivery> Feed::WaitForDelivery(int64_t sequence, absl::Time deadline) {
  if (sequence <= 0) return v1::Delivery();
  KW_ASSIGN_OR_RETURN(const std::unique_ptr<Wait> wait, BeginWait(sequence));
  const clock::Clock& clock = core_->clock();
  KW_ASSIGN_OR_RETURN(std::optional<v1::Delivery> delivery,
                      wait->Await(clock.MonotonicNow() + (deadline - clock.Now())));
  if (!delivery.has_value()) return DeliveryPending(source(), sequence);
  return *std::move(delivery);
}

absl::StatusOr<std::unique_ptr<FeedSession>> Feed::Subscribe(
    const v1::SubscribeRequest::Start& start) {
  KW_RETURN_IF_ERROR(Validate(start));
  KW_RETURN_IF_ERROR(core_->RequirePublished(start.after_sequence()));
  KW_RETURN_IF_ERROR(core_->RequireKept(start.after_sequence()));
  KW_RETURN_IF_ERROR(core_->RefreshConsumers());
  const std::string consumer = absl::StrCat(start.consumer(), "/", start.replica());
  absl::MutexLock lock(&core_->mutex());
  const int64_t session = core_->NextSession();
  core_->table().Open(consumer, session, start.after_sequence());
  return MakeFeedSession(core_, consumer, session, start.after_sequence());
}

absl::StatusOr<v1::ListEventsResponse> Feed::ListEvents(const v1::ListEventsRequest& request) {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  const int64_t after = std::max(request.after_sequence(), page.after_number());
  // 0 asks for whatever there is.
  if (after > 0) KW_RETURN_IF_ERROR(core_->RequireKept(after));
  KW_ASSIGN_OR_RETURN(std::vector<v1::Event> events,
                      core_->ReadEvents(after, page.limit(), request.subject()));
  v1::ListEventsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, events, [](const v1::Event& event) { return event.sequence(); }));
  for (v1::Event& event : events) *response.add_events() = std::move(event);
  return response;
}

absl::StatusOr<v1::ListConsumersResponse> Feed::ListConsumers() {
  KW_RETURN_IF_ERROR(core_->RefreshConsumers());
  const absl::Time wall = core_->clock().Now();
  const absl::Duration now = core_->clock().MonotonicNow();
  v1::ListConsumersResponse response;
  absl::MutexLock lock(&core_->mutex());
  for (const auto& [name, consumer] : core_->table().consumers()) {
    v1::Consumer& listed = *response.add_consumers();
    listed.set_name(name);
    listed.set_acknowledged_sequence(consumer.acknowledged);
    *listed.mutable_lease_until() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        absl::ToUnixMicros(wall + (consumer.believed_until - now)));
    listed.set_fresh(consumer.believed_until > now);
  }
  return response;
}

}  // namespace keyward::events
