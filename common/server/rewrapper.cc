#include "common/server/rewrapper.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/audit/audit_store.h"
#include "common/crypto/secret_bytes.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::server {
namespace {

// In one transaction, so that other writers are not held up for long.
constexpr int kBatch = 50;

absl::Status Audit(storage::Transaction& tx, const RootKeyIds& ids, absl::Time now) {
  audit::v1::AuditEntry entry;
  *entry.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now));
  entry.set_operation("background/ChangeRootKey");
  entry.set_resource("/");
  entry.set_result("OK");
  entry.set_correlation_id(NewCorrelationId());
  (*entry.mutable_details())["from"] = absl::BytesToHexString(ids.settled);
  (*entry.mutable_details())["to"] = absl::BytesToHexString(ids.next);
  return audit::AppendEntries(tx, {entry});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Rewrapper>> Rewrapper::Create(
    storage::Database& database, const clock::Clock& clock, Metrics& metrics,
    const crypto::RootKeySet& keys, const std::vector<SealedColumn>& columns) {
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      keys.Seal(crypto::SecretBytes(), "keyward/root-key-kind"));
  std::vector<std::unique_ptr<SealedRows>> tables;
  for (const SealedColumn& column : columns) {
    tables.push_back(std::make_unique<SealedRows>(column, sealed));
  }
  return absl::WrapUnique(new Rewrapper(database, clock, metrics, keys, std::move(tables)));
}

Rewrapper::Rewrapper(storage::Database& database, const clock::Clock& clock, Metrics& metrics,
                     const crypto::RootKeySet& keys,
                     std::vector<std::unique_ptr<SealedRows>> tables)
    : database_(database),
      clock_(clock),
      keys_(keys),
      tables_(std::move(tables)),
      secrets_gauge_(metrics.Gauge("keyward_root_key_secrets",
                                   "Secrets in the database, as of the last count while the root "
                                   "key changes.")),
      left_gauge_(metrics.Gauge("keyward_root_key_secrets_left",
                                "Secrets still to be sealed under the new root key, as of the last "
                                "count.")),
      rewrapped_(metrics.Counter("keyward_root_key_rewrapped_total",
                                 "Secrets sealed anew under the new root key.")) {}

void Rewrapper::Start(absl::Duration retry) {
  if (keys_.several()) thread_ = std::thread([this, retry] { Run(retry); });
}

void Rewrapper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Rewrapper::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Rewrapper::Run(absl::Duration retry) {
  while (true) {
    const absl::Status status = RewrapAll();
    absl::MutexLock lock(&mutex_);
    problem_ = status.ok() ? "" : std::string(status.message());
    if (status.ok() || stopping_) return;
    Log(Severity::kError, "root_key.change_held_up", {{"cause", problem_}});
    if (clock_.AwaitFor(mutex_, absl::Condition(&stopping_), retry)) return;
  }
}

absl::Status Rewrapper::RewrapAll() {
  while (true) {
    // What is sealed meanwhile is under the primary, unless a replica has another one.
    KW_ASSIGN_OR_RETURN(const Progress progress, GetProgress());
    if (progress.left == 0) return Settle();
    for (const auto& table : tables_) KW_RETURN_IF_ERROR(RewrapTable(*table));
  }
}

absl::Status Rewrapper::RewrapTable(const SealedRows& table) {
  std::vector<std::string> after;
  while (true) {
    if (stopping()) return absl::CancelledError("the server is going down");
    std::vector<SealedRow> rows;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(rows, table.ListOthers(tx, after, kBatch));
      return absl::OkStatus();
    }));
    if (rows.empty()) return absl::OkStatus();
    KW_RETURN_IF_ERROR(RewrapRows(table, rows));
    left_gauge_.Decrement(static_cast<double>(rows.size()));
    rewrapped_.Increment(static_cast<double>(rows.size()));
    after = rows.back().key;
  }
}

absl::Status Rewrapper::RewrapRows(const SealedRows& table, const std::vector<SealedRow>& rows) {
  std::vector<std::string> anew;
  for (const SealedRow& row : rows) {
    KW_ASSIGN_OR_RETURN(anew.emplace_back(), Rewrap(table, row));
  }
  KW_FAULT_POINT("root_key/before_rewrap");
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    for (size_t i = 0; i < rows.size(); ++i) {
      KW_RETURN_IF_ERROR(table.Replace(tx, rows[i], anew[i]));
    }
    return absl::OkStatus();
  }));
  KW_FAULT_POINT("root_key/after_rewrap");
  return absl::OkStatus();
}

absl::StatusOr<std::string> Rewrapper::Rewrap(const SealedRows& table, const SealedRow& row) const {
  KW_ASSIGN_OR_RETURN(const std::string context, table.Context(row));
  const absl::StatusOr<crypto::SecretBytes> secret = keys_.Unseal(row.sealed, context);
  if (absl::IsUnavailable(secret.status())) return secret.status();
  if (!secret.ok()) {
    return absl::InternalError(absl::StrCat("the secret in ", table.table(), " of ",
                                            absl::StrJoin(row.key, "/"),
                                            " does not unseal: ", secret.status().message()));
  }
  return keys_.Seal(*secret, context);
}

absl::Status Rewrapper::Settle() {
  KW_FAULT_POINT("root_key/before_settle");
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const RootKeyIds ids, ReadRootKeyIds(tx));
    if (ids.next != keys_.id()) return absl::OkStatus();
    KW_RETURN_IF_ERROR(SettleRootKey(tx, keys_.id()));
    return Audit(tx, ids, clock_.Now());
  }));
  KW_FAULT_POINT("root_key/after_settle");
  // What the old key had sealed is not to be found in old pages.
  KW_RETURN_IF_ERROR(database_.Scrub());
  Log(Severity::kInfo, "root_key.settled", {{"id", absl::BytesToHexString(keys_.id())}});
  return absl::OkStatus();
}

absl::StatusOr<Rewrapper::Progress> Rewrapper::GetProgress() {
  Progress progress;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(progress.ids, ReadRootKeyIds(tx));
    progress.secrets = progress.left = 0;
    for (const auto& table : tables_) {
      KW_ASSIGN_OR_RETURN(const int64_t secrets, table->Count(tx));
      KW_ASSIGN_OR_RETURN(const int64_t left, table->CountOthers(tx));
      progress.secrets += secrets;
      progress.left += left;
    }
    return absl::OkStatus();
  }));
  secrets_gauge_.Set(static_cast<double>(progress.secrets));
  left_gauge_.Set(static_cast<double>(progress.left));
  absl::MutexLock lock(&mutex_);
  progress.problem = problem_;
  return progress;
}

}  // namespace keyward::server
