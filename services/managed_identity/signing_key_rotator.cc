#include "services/managed_identity/signing_key_rotator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/audit/audit_store.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "keyward/audit/v1/audit.pb.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {
namespace {

constexpr char kRotateOperation[] = "background/RotateSigningKey";
constexpr char kWithdrawOperation[] = "background/WithdrawSigningKeys";

// A consumer's lease, after which nobody is waited for, with room to spare.
constexpr absl::Duration kDeliveryLimit = absl::Minutes(1);

absl::Status Audit(Change& change, const char* operation, const std::string& resource,
                   const std::string& correlation_id) {
  audit::v1::AuditEntry entry;
  *entry.mutable_time() = ToProto(change.now());
  entry.set_operation(operation);
  entry.set_resource(resource);
  entry.set_result("OK");
  entry.set_correlation_id(correlation_id);
  return audit::AppendEntries(change.tx(), {entry});
}

prometheus::Counter& Rotations(server::Metrics& metrics, const char* result) {
  return metrics.Counter("keyward_signing_key_rotations_total",
                         "Scheduled rotations of the token signing key, by how they ended.",
                         {{"result", result}});
}

}  // namespace

SigningKeyRotator::SigningKeyRotator(const Changes& changes, const KeySuccession& succession,
                                     const clock::Clock& clock, server::Metrics& metrics,
                                     absl::Duration period)
    : changes_(changes),
      succession_(succession),
      clock_(clock),
      period_(period),
      rotated_(Rotations(metrics, "succeeded")),
      failed_(Rotations(metrics, "failed")),
      active_since_(metrics.Gauge("keyward_signing_key_active_since_seconds",
                                  "Since when the token signing key signs, as a Unix time.")),
      worker_(clock) {}

void SigningKeyRotator::Start(absl::Duration interval) {
  worker_.Start([this, interval] { return Run(interval); });
}

// Returns how long there is nothing to do.
absl::Duration SigningKeyRotator::Run(absl::Duration interval) {
  const absl::Status status = RunDue().status();
  if (status.ok() || worker_.stopping()) return interval;
  failed_.Increment();
  server::Log(server::Severity::kError, "signing_key.rotation_stalled",
              {{"cause", std::string(status.message())}});
  return interval;
}

absl::StatusOr<int> SigningKeyRotator::RunDue() {
  KW_ASSIGN_OR_RETURN(int done, Withdraw());
  KW_ASSIGN_OR_RETURN(const KeySuccession::Pair seen,
                      changes_.Read<KeySuccession::Pair>(KeySuccession::FindPair));
  const auto& [active, next] = seen;
  active_since_.Set(absl::ToDoubleSeconds(*active.activate_time - absl::UnixEpoch()));
  const bool due = clock_.Now() >= *active.activate_time + period_ || next.issuer != active.issuer;
  if (!due && active.last_event == 0) return done;
  KW_ASSIGN_OR_RETURN(const int more, due ? Rotate(seen) : NoteDelivery(active));
  return done + more;
}

absl::StatusOr<int> SigningKeyRotator::Withdraw() {
  const std::string correlation_id = server::NewCorrelationId();
  int withdrawn = 0;
  const auto withdraw = [&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(withdrawn, succession_.Withdraw(change));
    if (withdrawn == 0) return absl::OkStatus();
    return Audit(change, kWithdrawOperation, "signingKeys", correlation_id);
  };
  KW_RETURN_IF_ERROR(changes_.CommitUnasked(withdraw, correlation_id));
  return withdrawn;
}

// A key that took the place of a revoked one: tokens need not wait for it any more.
absl::StatusOr<int> SigningKeyRotator::NoteDelivery(const SigningKey& active) {
  KW_RETURN_IF_ERROR(
      changes_.AwaitDelivery(active.last_event, clock_.Now() + kDeliveryLimit).status());
  KW_RETURN_IF_ERROR(changes_.CommitUnasked([&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<SigningKey> now, FindSigningKey(change.tx(), active.key_id));
    if (!now.has_value() || now->state != SigningKeyState::kActive) return absl::OkStatus();
    now->last_event = 0;
    return SaveSigningKey(change.tx(), *now);
  }));
  return 1;
}

absl::StatusOr<int> SigningKeyRotator::Rotate(const KeySuccession::Pair& seen) {
  const SigningKey& next = seen.next;
  KW_RETURN_IF_ERROR(
      changes_.AwaitDelivery(next.last_event, clock_.Now() + kDeliveryLimit).status());
  KW_FAULT_POINT("signing_key.delivered");
  const std::string correlation_id = server::NewCorrelationId();
  bool advanced = false;
  const auto advance = [&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const auto done, succession_.Advance(change, seen));
    advanced = done.has_value();
    if (!advanced) return absl::OkStatus();
    return Audit(change, kRotateOperation, next.ToString(), correlation_id);
  };
  KW_RETURN_IF_ERROR(changes_.CommitUnasked(advance, correlation_id));
  if (!advanced) return 0;
  rotated_.Increment();
  active_since_.Set(absl::ToDoubleSeconds(clock_.Now() - absl::UnixEpoch()));
  server::Log(server::Severity::kInfo, "signing_key.rotated", {{"active", next.ToString()}});
  return 1;
}

}  // namespace keyward::managed_identity
