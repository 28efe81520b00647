#include "services/key_vault/rotator.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/clock/back_off.h"
#include "common/server/call_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/background_call.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

// In one transaction, so that other writers are not held up for long.
constexpr int kBatch = 50;

constexpr char kRotateOperation[] = "background/RotateKey";
constexpr char kNearExpiryOperation[] = "background/NotifyKeyNearExpiry";
constexpr char kExpiredOperation[] = "background/NotifyKeyExpired";

// The key of a schedule as it is now; nothing if it, or its vault, is deleted, or if another
// version is the newest by now.
absl::StatusOr<std::optional<KeyInVault>> FindScheduled(storage::Transaction& tx,
                                                        const KeySchedule& schedule) {
  KW_ASSIGN_OR_RETURN(std::optional<Vault> vault, VaultStore(tx).Find(schedule.key.vault()));
  if (!vault.has_value() || vault->deleted()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(std::optional<Key> key, KeyStore(tx).Find(schedule.key));
  if (!key.has_value() || key->deleted() || key->newest_version != schedule.version) {
    return std::nullopt;
  }
  KW_ASSIGN_OR_RETURN(const KeyVersionName name,
                      KeyVersionName::FromId(schedule.key, schedule.version));
  KW_ASSIGN_OR_RETURN(KeyVersion newest, FindVersion(tx, name));
  return KeyInVault{*std::move(vault), *std::move(key), std::move(newest)};
}

prometheus::Counter& Rotations(server::Metrics& metrics, const char* result) {
  return metrics.Counter("keyward_key_rotations_total",
                         "Rotations that policies asked for, by how they ended.",
                         {{"result", result}});
}

prometheus::Counter& Notices(server::Metrics& metrics, const char* kind) {
  return metrics.Counter("keyward_key_expiry_notices_total",
                         "Announcements that key versions expire soon, or have.", {{"kind", kind}});
}

}  // namespace

Rotator::Rotator(storage::Database& database, const clock::Clock& clock, Publisher& publisher,
                 KeyRing& key_ring, server::Metrics& metrics)
    : database_(database),
      clock_(clock),
      publisher_(publisher),
      key_ring_(key_ring),
      rotated_(Rotations(metrics, "succeeded")),
      failed_(Rotations(metrics, "failed")),
      near_expiry_(Notices(metrics, "near_expiry")),
      expired_(Notices(metrics, "expired")),
      worker_(clock) {}

void Rotator::Start(absl::Duration interval) {
  worker_.Start([this, interval] { return Run(interval); });
}

// Returns how long there is nothing to do.
absl::Duration Rotator::Run(absl::Duration interval) {
  absl::Status status = RunDue().status();
  std::optional<absl::Time> next;
  if (status.ok()) {
    status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(next, RotationStore(tx).NextDue());
      return absl::OkStatus();
    });
  }
  if (!status.ok()) {
    server::Log(server::Severity::kError, "rotation.stalled",
                {{"cause", std::string(status.message())}});
    return interval;
  }
  if (!next.has_value()) return interval;
  // Not at once: what is due still is claimed by another replica, or has been made due just now.
  return std::clamp(*next - clock_.Now(), std::min(interval, absl::Seconds(1)), interval);
}

absl::StatusOr<int> Rotator::RunDue() {
  int all = 0;
  for (int done = 1; done > 0 && !worker_.stopping();) {
    KW_ASSIGN_OR_RETURN(done, SendNotices());
    all += done;
  }
  for (int done = 1; done > 0 && !worker_.stopping();) {
    KW_ASSIGN_OR_RETURN(done, RotateSome());
    all += done;
  }
  return all;
}

absl::StatusOr<int> Rotator::SendNotices() {
  int sent = 0;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    sent = 0;
    const absl::Time now = Now();
    KW_ASSIGN_OR_RETURN(const std::vector<KeySchedule> due,
                        RotationStore(tx).ListDueForNotice(now, kBatch));
    for (const KeySchedule& schedule : due) {
      KW_ASSIGN_OR_RETURN(const bool is_sent, SendNotice(tx, schedule, now));
      if (is_sent) ++sent;
    }
    return absl::OkStatus();
  }));
  return sent;
}

absl::StatusOr<bool> Rotator::SendNotice(storage::Transaction& tx, KeySchedule schedule,
                                         absl::Time now) {
  RotationStore store(tx);
  KW_ASSIGN_OR_RETURN(const std::optional<KeyInVault> found, FindScheduled(tx, schedule));
  if (!found.has_value()) {
    KW_RETURN_IF_ERROR(store.MoveNotice(schedule, now + kBlockedPause).status());
    return false;
  }
  const bool expired = now >= schedule.expire_time.value_or(now);
  schedule.notified = expired ? Notice::kExpired : Notice::kNearExpiry;
  KW_ASSIGN_OR_RETURN(const RotationPolicy policy, store.FindPolicy(schedule.key));
  KW_ASSIGN_OR_RETURN(
      const bool claimed,
      store.MoveNotice(schedule, NextNoticeTime(policy, found->newest, schedule.notified)));
  if (!claimed) return false;
  const server::CallContext call = BackgroundCall();
  KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, expired ? kKeyExpired : kKeyNearExpiry,
                                        ToEvent(found->key, found->newest)));
  tx.OnCommit([this, expired] { (expired ? expired_ : near_expiry_).Increment(); });
  KW_RETURN_IF_ERROR(AuditBackground(tx, call, expired ? kExpiredOperation : kNearExpiryOperation,
                                     found->newest.name.ToString(), now));
  return true;
}

absl::StatusOr<int> Rotator::RotateSome() {
  std::vector<KeySchedule> due;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(due, RotationStore(tx).ListDueForRotation(Now(), kBatch));
    return absl::OkStatus();
  }));
  int rotated = 0;
  for (KeySchedule& schedule : due) {
    if (worker_.stopping()) break;
    KW_ASSIGN_OR_RETURN(const bool done, Rotate(std::move(schedule)));
    if (done) ++rotated;
  }
  return rotated;
}

// Returns whether the key has a new version by this.
absl::StatusOr<bool> Rotator::Rotate(KeySchedule schedule) {
  KW_ASSIGN_OR_RETURN(const std::optional<KeyKind> kind, Claim(schedule));
  if (!kind.has_value()) return false;
  KW_FAULT_POINT("rotation.claimed");
  const absl::StatusOr<MadeKey> made = MakeKey(key_ring_, schedule.key, *kind);
  const absl::StatusOr<bool> rotated = made.ok() ? Commit(schedule, *made) : made.status();
  if (rotated.ok()) return rotated;
  KW_RETURN_IF_ERROR(RecordFailure(schedule, rotated.status()));
  return false;
}

// The kind of the key if it is this replica's to rotate: no one else will for some time.
absl::StatusOr<std::optional<KeyKind>> Rotator::Claim(KeySchedule& schedule) {
  std::optional<KeyKind> kind;
  std::optional<absl::Time> until;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    kind = std::nullopt;
    const absl::Time now = Now();
    KW_ASSIGN_OR_RETURN(const std::optional<KeyInVault> found, FindScheduled(tx, schedule));
    const bool blocked = !found.has_value() || !found->newest.enabled;
    until = now + (blocked ? kBlockedPause : kClaim);
    KW_ASSIGN_OR_RETURN(const bool claimed, RotationStore(tx).MoveRotation(schedule, until));
    if (claimed && !blocked) kind = {found->key.type, found->vault.sku};
    return absl::OkStatus();
  }));
  schedule.rotate_due = until;
  return kind;
}

absl::StatusOr<bool> Rotator::Commit(const KeySchedule& schedule, const MadeKey& made) {
  bool rotated = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    rotated = false;
    const absl::Time now = Now();
    KW_ASSIGN_OR_RETURN(std::optional<KeyInVault> found, FindScheduled(tx, schedule));
    if (!found.has_value() || !found->newest.enabled) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(const bool mine, RotationStore(tx).MoveRotation(schedule, std::nullopt));
    if (!mine) return absl::OkStatus();
    const server::CallContext call = BackgroundCall();
    KW_RETURN_IF_ERROR(AddVersion(tx, publisher_, call, made, now, *found));
    KW_RETURN_IF_ERROR(AuditBackground(tx, call, kRotateOperation, schedule.key.ToString(), now));
    rotated = true;
    return absl::OkStatus();
  }));
  if (!rotated) return false;
  rotated_.Increment();
  server::Log(server::Severity::kInfo, "rotation.done",
              {{"key", schedule.key.ToString()}, {"version", made.name.ToString()}});
  return true;
}

absl::Status Rotator::RecordFailure(const KeySchedule& schedule, const absl::Status& cause) {
  KeySchedule failed = schedule;
  ++failed.failures;
  const std::string code = absl::StatusCodeToString(cause.code());
  const absl::Time now = Now();
  const absl::Time retry = now + clock::BackOff(static_cast<int>(failed.failures - 1),
                                                kShortestBackOff, kLongestBackOff);
  bool mine = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(mine, RotationStore(tx).MoveRotation(failed, retry));
    if (!mine) return absl::OkStatus();
    const server::CallContext call = BackgroundCall();
    keyvault::v1::KeyRotationFailed event;
    event.set_key(schedule.key.ToString());
    event.set_code(code);
    event.set_failures(failed.failures);
    *event.mutable_retry_time() = ToTimestamp(retry);
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kKeyRotationFailed, event));
    return AuditBackground(tx, call, kRotateOperation, schedule.key.ToString(), now, code);
  }));
  if (!mine) return absl::OkStatus();
  failed_.Increment();
  server::Log(server::Severity::kError, "rotation.failed",
              {{"key", schedule.key.ToString()},
               {"cause", cause.ToString()},
               {"failures", failed.failures},
               {"retry_time", absl::FormatTime(retry, absl::UTCTimeZone())}});
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
