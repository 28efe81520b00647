#include "services/encryption/background.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/refusals.h"
#include "services/encryption/scope_key_store.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {
namespace {

constexpr int kBatch = 100;
constexpr absl::Duration kTaskTime = absl::Seconds(10);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(30);
constexpr absl::Duration kRefreshInterval = absl::Seconds(10);
constexpr absl::Duration kHousekeepingInterval = absl::Seconds(5);
constexpr absl::Duration kScrubRetry = absl::Seconds(1);
constexpr absl::Duration kIdle = absl::Minutes(1);

const char* OperationOf(AccountWork::Kind kind) {
  switch (kind) {
    case AccountWork::Kind::kRestore:
      return "background/RestoreAccess";
    case AccountWork::Kind::kFollowNewest:
      return "background/FollowNewestVersion";
    case AccountWork::Kind::kSettleKeyUsages:
      return "background/SettleKeyUsages";
    case AccountWork::Kind::kDeleteIdentity:
      return "background/DeleteIdentity";
  }
  return "";
}

// Work that failed like this is over until another event asks for it; all else is tried again. A
// peer that does not let this service do a thing will not let it in a moment either.
bool IsFinal(const AccountWork& work, const absl::Status& status) {
  const bool not_allowed =
      work.kind == AccountWork::Kind::kDeleteIdentity && absl::IsPermissionDenied(status);
  return status.ok() || absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         not_allowed;
}

void LogFailure(const char* event, const absl::Status& status) {
  if (!status.ok()) {
    server::Log(server::Severity::kWarning, event, {{"error", status.ToString()}});
  }
}

}  // namespace

void Background::Start(clock::BackgroundWorker& work, clock::BackgroundWorker& scrubber) {
  // What was destroyed just before a crash may still lie in the journal.
  scrubber.Start([this] { return RunScrub(); });
  work.Start([this] { return RunWork(); });
  refresher_.Start([this] { return RunRefresh(); });
  housekeeper_.Start([this] { return RunHousekeeping(); });
  prober_.Start([this] { return RunProbes(); });
}

void Background::Stop() {
  refresher_.Stop();
  housekeeper_.Stop();
  prober_.Stop();
}

absl::Duration Background::RunWork() {
  std::vector<AccountWork> due;
  std::optional<absl::Time> next;
  absl::Status status = parts_.database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(due, DueWork(tx, parts_.clock.Now(), kBatch));
    return absl::OkStatus();
  });
  for (const AccountWork& work : due) {
    server::CallContext call;
    call.correlation_id = server::NewCorrelationId();
    call.deadline = parts_.clock.Now() + kTaskTime;
    const absl::Status outcome = Do(call, work);
    Record(call, work, outcome);
    status.Update(Settle(work, outcome));
  }
  status.Update(parts_.database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(next, NextDue(tx));
    return absl::OkStatus();
  }));
  LogFailure("background.work_failed", status);
  if (!status.ok()) return kLongestRetry;
  if (!next.has_value()) return kIdle;
  return std::clamp(*next - parts_.clock.Now(), absl::ZeroDuration(), kIdle);
}

absl::Status Background::Do(const server::CallContext& call, const AccountWork& work) {
  switch (work.kind) {
    case AccountWork::Kind::kRestore:
      return parts_.restorer.Try(call, work.account, work.event).status();
    case AccountWork::Kind::kFollowNewest:
      return parts_.version_follower.Follow(call, work.account, work.event);
    case AccountWork::Kind::kSettleKeyUsages:
      return parts_.registrar.Settle(call, work.account);
    case AccountWork::Kind::kDeleteIdentity:
      return parts_.lifecycle.FinishPurge(call, work.account);
  }
  return absl::OkStatus();
}

absl::Status Background::Settle(const AccountWork& work, const absl::Status& outcome) {
  return parts_.database.Write([&](storage::Transaction& tx) {
    if (IsFinal(work, outcome)) return FinishWork(tx, work);
    const absl::Duration pause =
        std::min(kFirstRetry * (1 << std::min<int64_t>(work.attempts, 10)), kLongestRetry);
    return PostponeWork(tx, work, parts_.clock.Now() + pause);
  });
}

void Background::Record(const server::CallContext& call, const AccountWork& work,
                        const absl::Status& outcome) {
  // Tries that will be repeated are for the log; what came of it is for the audit.
  server::Log(outcome.ok() ? server::Severity::kInfo : server::Severity::kWarning,
              OperationOf(work.kind),
              {{"account", work.account.ToString()},
               {"event_id", work.event},
               {"outcome", CodeName(outcome.code())},
               {"message", std::string(outcome.message())},
               {"correlation_id", call.correlation_id}});
  if (!IsFinal(work, outcome)) return;
  audit::v1::AuditEntry entry;
  *entry.mutable_time() = ToProto(parts_.clock.Now());
  entry.set_operation(OperationOf(work.kind));
  entry.set_resource(work.account.ToString());
  entry.set_result(CodeName(outcome.code()));
  entry.set_reason(ErrorReason(outcome));
  entry.set_correlation_id(call.correlation_id);
  (*entry.mutable_details())["event"] = work.event;
  LogFailure("background.audit_failed", parts_.audit.RecordAndWait(std::move(entry)));
}

absl::Duration Background::RunRefresh() {
  for (const AccountName& account : parts_.cache.Sweep()) {
    server::CallContext call;
    call.correlation_id = server::NewCorrelationId();
    call.deadline = parts_.clock.Now() + kTaskTime;
    LogFailure("background.refresh_failed", parts_.gate.Refresh(call, account));
  }
  return kRefreshInterval;
}

absl::Duration Background::RunProbes() {
  return parts_.prober.Run([this] { return prober_.stopping(); });
}

absl::Duration Background::RunHousekeeping() {
  server::CallContext call;
  call.correlation_id = server::NewCorrelationId();
  call.deadline = parts_.clock.Now() + kTaskTime;
  LogFailure("background.creation_unfinished", parts_.creator.FinishAll(call));
  LogFailure("background.destruction_failed", DestroyDue(call));
  LogFailure("background.purge_failed", parts_.lifecycle.PurgeDue(call, kBatch));
  return kHousekeepingInterval;
}

absl::Status Background::DestroyDue(const server::CallContext& call) {
  std::vector<AccountName> accounts;
  KW_RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(accounts, AccountsToDestroy(tx, parts_.clock.Now(), kBatch));
    return absl::OkStatus();
  }));
  for (const AccountName& name : accounts) {
    KW_RETURN_IF_ERROR(parts_.database.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
      if (!account.has_value()) return absl::OkStatus();
      return parts_.transitions.DestroyDue(tx, *account, {call.correlation_id, ""});
    }));
  }
  return absl::OkStatus();
}

absl::Duration Background::RunScrub() {
  const absl::Status scrubbed = parts_.database.Scrub();
  LogFailure("background.scrub_failed", scrubbed);
  return scrubbed.ok() ? absl::InfiniteDuration() : kScrubRetry;
}

}  // namespace keyward::encryption
