#include "services/key_vault/publisher.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "common/events/event_store.h"

namespace keyward::key_vault {
namespace {

constexpr absl::Duration kGrantPatience = absl::Seconds(2);

}  // namespace

absl::Status Publisher::Publish(storage::Transaction& tx, const server::CallContext& call,
                                absl::string_view type, const keyvault::v1::VaultChanged& data) {
  return Append(tx, call, type, data.vault(), data);
}

absl::Status Publisher::Publish(storage::Transaction& tx, const server::CallContext& call,
                                absl::string_view type, const keyvault::v1::KeyChanged& data) {
  return Append(tx, call, type, data.version().empty() ? data.key() : data.version(), data);
}

absl::Status Publisher::Publish(storage::Transaction& tx, const server::CallContext& call,
                                absl::string_view type,
                                const keyvault::v1::KeyRotationFailed& data) {
  return Append(tx, call, type, data.key(), data);
}

absl::Status Publisher::Append(storage::Transaction& tx, const server::CallContext& call,
                               absl::string_view type, std::string subject,
                               const google::protobuf::Message& data) {
  return outbox_
      .Append(tx, {.type = std::string(type),
                   .subject = std::move(subject),
                   .data = data,
                   .correlation_id = call.correlation_id})
      .status();
}

absl::StatusOr<int64_t> Publisher::NewestSequence(storage::Transaction& tx) {
  return events::NewestSequence(tx);
}

absl::StatusOr<events::v1::Delivery> Publisher::AwaitLoss(int64_t sequence,
                                                          const server::CallContext& call) {
  return feed_.WaitForDelivery(sequence, call.deadline);
}

absl::Status Publisher::AwaitGrant(int64_t sequence, const server::CallContext& call) {
  const absl::Time deadline = std::min(call.deadline, clock_.Now() + kGrantPatience);
  absl::Status status = feed_.WaitForDelivery(sequence, deadline).status();
  if (status.code() == absl::StatusCode::kDeadlineExceeded) return absl::OkStatus();
  return status;
}

}  // namespace keyward::key_vault
