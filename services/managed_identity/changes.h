#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_CHANGES_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_CHANGES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/principal_directory.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/request_ids.h"
#include "google/protobuf/message.h"
#include "services/managed_identity/caller_rights.h"

namespace keyward::managed_identity {

class Changes;

// A change in the making, for as long as its transaction runs. Used by one thread.
class Change {
 public:
  storage::Transaction& tx() { return tx_; }
  // The moment of the change; the same wherever it is asked for.
  absl::Time now() const { return now_; }

  // Tells of the change: appends an event, "keyward.identity." and `type`, to this service's feed,
  // and gives it to this service's own directory of principals, both in the transaction. Returns
  // its sequence.
  absl::StatusOr<int64_t> Publish(const std::string& type, const std::string& subject,
                                  const google::protobuf::Message& data);

 private:
  friend class Changes;
  Change(const Changes& changes, storage::Transaction& tx, absl::Time now,
         const std::string& correlation_id)
      : changes_(changes), tx_(tx), now_(now), correlation_id_(correlation_id) {}

  const Changes& changes_;
  storage::Transaction& tx_;
  const absl::Time now_;
  const std::string correlation_id_;
};

// How the state of this service is changed, the same way by every handler: state, event, effect on
// the own directory and answer in one transaction, or nothing. Whoever asks for a change must have
// the right to it in that transaction too, whatever was moved or withdrawn since the call was let
// in: PERMISSION_DENIED (NOT_AUTHORIZED). Other errors are those of what is run, and the
// database's. Thread-safe.
class Changes {
 public:
  struct Options {
    storage::Database& database;
    clock::Clock& clock;
    events::Outbox& outbox;
    events::Feed& feed;
    auth::PrincipalDirectory& directory;
  };
  template <typename Response>
  using Work = absl::FunctionRef<absl::StatusOr<Response>(Change&)>;

  explicit Changes(const Options& options) : options_(options) {}

  // Reads one snapshot.
  template <typename Result>
  absl::StatusOr<Result> Read(
      absl::FunctionRef<absl::StatusOr<Result>(storage::Transaction&)> work) const {
    absl::StatusOr<Result> result = absl::UnknownError("not run");
    const absl::Status status = options_.database.Read([&](storage::Transaction& tx) {
      result = work(tx);
      return result.status();
    });
    if (!status.ok()) return status;
    return result;
  }

  // Reads one snapshot, in which the call must be authorised still (StillAuthorized). For answers
  // that are as good as a change.
  template <typename Result>
  absl::StatusOr<Result> ReadFor(
      const server::CallContext& call,
      absl::FunctionRef<absl::StatusOr<Result>(storage::Transaction&)> work) const {
    return Read<Result>([&](storage::Transaction& tx) -> absl::StatusOr<Result> {
      const absl::Status authorized = StillAuthorized(tx, call);
      if (!authorized.ok()) return authorized;
      return work(tx);
    });
  }

  // Commits what `work` does for a call, once for each request_id (request_ids.h).
  template <typename Response>
  absl::StatusOr<Response> Commit(const server::CallContext& call,
                                  const google::protobuf::Message& request,
                                  Work<Response> work) const {
    const absl::Time now = options_.clock.Now();
    return storage::IdempotentWrite<Response>(
        options_.database, now, call.caller.principal, request,
        [&](storage::Transaction& tx) -> absl::StatusOr<Response> {
          const absl::Status authorized = StillAuthorized(tx, call);
          if (!authorized.ok()) return authorized;
          Change change(*this, tx, now, call.correlation_id);
          return work(change);
        });
  }

  // Runs `work` as Commit would, returns its answer, and undoes everything. For validate_only.
  template <typename Response>
  absl::StatusOr<Response> Try(const server::CallContext& call, Work<Response> work) const {
    absl::StatusOr<Response> answer = absl::UnknownError("not run");
    const absl::Status status = RunAndUndo(call.correlation_id, [&](Change& change) {
      const absl::Status authorized = StillAuthorized(change.tx(), call);
      if (!authorized.ok()) return authorized;
      answer = work(change);
      return answer.status();
    });
    if (!status.ok()) return status;
    return answer;
  }

  // Commits what the service does by itself, at its start or in the background.
  absl::Status CommitUnasked(absl::FunctionRef<absl::Status(Change&)> work,
                             const std::string& correlation_id = "") const;

  // Returns once the event with this sequence has taken effect everywhere (Feed::WaitForDelivery);
  // at once for sequence 0. DEADLINE_EXCEEDED if the caller's deadline comes first: the change
  // stands, and asking for it again waits again.
  absl::StatusOr<events::v1::Delivery> AwaitDelivery(const server::CallContext& call,
                                                     int64_t sequence) const {
    return AwaitDelivery(sequence, call.deadline);
  }
  absl::StatusOr<events::v1::Delivery> AwaitDelivery(int64_t sequence, absl::Time deadline) const;

  // Finishes the answer of a revoking call, whose `delivery` holds the sequence to wait for: fills
  // it in after waiting, or clears it if the caller does not want to wait. Also for answers that
  // come from an earlier request with the same request_id.
  template <typename Response>
  absl::Status FinishDelivery(const server::CallContext& call, bool async, Response& answer) const {
    const int64_t sequence = answer.delivery().sequence();
    answer.clear_delivery();
    if (async) return absl::OkStatus();
    absl::StatusOr<events::v1::Delivery> delivery = AwaitDelivery(call, sequence);
    if (!delivery.ok()) return delivery.status();
    *answer.mutable_delivery() = *std::move(delivery);
    return absl::OkStatus();
  }

 private:
  friend class Change;

  absl::Status RunAndUndo(const std::string& correlation_id,
                          absl::FunctionRef<absl::Status(Change&)> work) const;

  const Options options_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_CHANGES_H_
