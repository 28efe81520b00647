#include "services/managed_identity/changes.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace keyward::managed_identity {

absl::StatusOr<int64_t> Change::Publish(const std::string& type, const std::string& subject,
                                        const google::protobuf::Message& data) {
  KW_ASSIGN_OR_RETURN(
      const int64_t sequence,
      changes_.options_.outbox.Append(tx_, {.type = absl::StrCat("keyward.identity.", type),
                                            .subject = subject,
                                            .data = data,
                                            .correlation_id = correlation_id_}));
  KW_RETURN_IF_ERROR(changes_.options_.directory.ApplyChange(tx_, sequence, data));
  return sequence;
}

absl::Status Changes::CommitUnasked(absl::FunctionRef<absl::Status(Change&)> work,
                                    const std::string& correlation_id) const {
  const absl::Time now = options_.clock.Now();
  return options_.database.Write([&](storage::Transaction& tx) {
    Change change(*this, tx, now, correlation_id);
    return work(change);
  });
}

absl::Status Changes::RunAndUndo(const std::string& correlation_id,
                                 absl::FunctionRef<absl::Status(Change&)> work) const {
  const absl::Time now = options_.clock.Now();
  bool succeeded = false;
  const absl::Status status = options_.database.Write([&](storage::Transaction& tx) {
    Change change(*this, tx, now, correlation_id);
    const absl::Status result = work(change);
    succeeded = result.ok();
    // An error is what makes the database undo it.
    return succeeded ? absl::CancelledError("only tried") : result;
  });
  return succeeded ? absl::OkStatus() : status;
}

absl::StatusOr<events::v1::Delivery> Changes::AwaitDelivery(int64_t sequence,
                                                            absl::Time deadline) const {
  return options_.feed.WaitForDelivery(sequence, deadline);
}

}  // namespace keyward::managed_identity
