#include "common/storage/writer.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "common/storage/migrator.h"

namespace keyward::storage {
namespace {

// Bounds how long the first of a batch waits for the others.
constexpr int kMaximumMembers = 64;

}  // namespace

absl::Status Writer::Migrate(absl::Span<const Schema> schemas) {
  absl::MutexLock lock(&mutex_);
  KW_RETURN_IF_ERROR(Connect());
  return storage::Migrate(engine_, *connection_, schemas);
}

absl::StatusOr<Outcome> Writer::RunPlain(std::string_view sql) {
  absl::MutexLock lock(&mutex_);
  KW_RETURN_IF_ERROR(Connect());
  return connection_->Run(sql, {});
}

absl::Status Writer::Connect() {
  if (connection_ != nullptr && !connection_->lost()) return absl::OkStatus();
  connection_ = nullptr;
  KW_ASSIGN_OR_RETURN(connection_, Connection::Open(engine_));
  return absl::OkStatus();
}

Attempt Writer::Write(absl::FunctionRef<absl::Status(Transaction&)> work) {
  ++queued_;
  absl::MutexLock lock(&mutex_);
  --queued_;
  if (batch_ == nullptr) {
    if (absl::Status status = Connect(); !status.ok()) return {std::move(status)};
    batch_ = std::make_shared<Batch>();
  }
  const std::shared_ptr<Batch> batch = batch_;
  absl::Status status = Begin();
  if (status.ok()) status = Join(work);
  if (connection_->lost() || connection_->repeat_wanted()) {
    Finish(status);
  } else if (engine_.shared() || queued_ == 0 || batch->members >= kMaximumMembers) {
    Finish(absl::OkStatus());
  } else {
    mutex_.Await(absl::Condition(&batch->done));
  }
  // An error of this work counts for nothing if it may have come from what is undone now.
  if (!batch->result.status.ok()) return batch->result;
  return {std::move(status)};
}

absl::Status Writer::Begin() {
  if (batch_->begun) return absl::OkStatus();
  batch_->begun = true;
  return connection_->Begin(engine_.begin_write());
}

absl::Status Writer::Join(absl::FunctionRef<absl::Status(Transaction&)> work) {
  if (!engine_.shared()) KW_RETURN_IF_ERROR(connection_->Savepoint());
  Transaction transaction(*connection_);
  absl::Status status = work(transaction);
  if (status.ok()) status = connection_->failure();
  if (status.ok() && !engine_.shared()) status = connection_->ReleaseSavepoint();
  if (!status.ok()) {
    if (!engine_.shared()) connection_->RollbackToSavepoint();
    return status;
  }
  ++batch_->members;
  for (auto& callback : transaction.on_commit_) batch_->on_commit.push_back(std::move(callback));
  return absl::OkStatus();
}

void Writer::Finish(absl::Status status) {
  const std::shared_ptr<Batch> batch = std::exchange(batch_, nullptr);
  const bool commits = status.ok() && batch->members > 0;
  if (commits) status = Commit();
  batch->result.status = status;
  batch->done = true;
  if (commits && status.ok()) {
    for (const std::function<void()>& callback : batch->on_commit) callback();
    return;
  }
  if (!connection_->lost()) connection_->Rollback();
  if (status.ok()) return;
  if (connection_->repeat_wanted()) {
    batch->result.next = Attempt::Next::kRepeat;
  } else if (connection_->lost() && !commits) {
    // Once it was to commit, only the engine knows whether it did.
    batch->result.next = Attempt::Next::kReconnect;
  }
}

absl::Status Writer::Commit() {
  KW_FAULT_POINT("storage.before_commit");
  const absl::Status status = connection_->Commit();
  KW_FAULT_POINT("storage.after_commit");
  return status;
}

}  // namespace keyward::storage
