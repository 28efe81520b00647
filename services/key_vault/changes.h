#ifndef KEYWARD_SERVICES_KEY_VAULT_CHANGES_H_
#define KEYWARD_SERVICES_KEY_VAULT_CHANGES_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/status/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/request_ids.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// How every change of the vault is made: in one transaction with its events and, if the request has
// a request_id, with its answer; then the call waits until the change has taken effect at those who
// follow the feed. Thread-safe.
class Changes {
 public:
  // `now` is the moment of the change. Must be repeatable, as for Database::Write.
  template <typename Response>
  using Work =
      absl::FunctionRef<absl::StatusOr<Response>(storage::Transaction& tx, absl::Time now)>;

  Changes(storage::Database& database, const clock::Clock& clock, Publisher& publisher)
      : database_(database), clock_(clock), publisher_(publisher) {}

  // A change that takes no access away: waits for its effect for a short time only.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Grant(const server::CallContext& call, const Request& request,
                                 Work<Response> work);

  // A change that may take access away, for requests that have `async` and answers that have
  // `delivery`. `work` says that it does by making the answer have a delivery; the answer is then
  // returned once the loss has taken effect everywhere, also if nothing had to be changed, for then
  // an earlier call may still be on its way.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Revoke(const server::CallContext& call, const Request& request,
                                  Work<Response> work);

  // What a request that is to be validated only gives: `look` must not change anything.
  template <typename Response>
  absl::StatusOr<Response> Preview(Work<Response> look);

 private:
  // To the microsecond, as it is stored: an answer tells the times that every later one will tell.
  absl::Time Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())); }

  storage::Database& database_;
  const clock::Clock& clock_;
  Publisher& publisher_;
};

template <typename Response, typename Request>
absl::StatusOr<Response> Changes::Grant(const server::CallContext& call, const Request& request,
                                        Work<Response> work) {
  const absl::Time now = Now();
  int64_t sequence = 0;
  KW_ASSIGN_OR_RETURN(
      Response answer,
      storage::IdempotentWrite<Response>(database_, now, call.caller.principal, request,
                                         [&](storage::Transaction& tx) -> absl::StatusOr<Response> {
                                           absl::StatusOr<Response> result = work(tx, now);
                                           sequence = tx.highest_appended();
                                           return result;
                                         }));
  KW_RETURN_IF_ERROR(publisher_.AwaitGrant(sequence, call));
  return answer;
}

template <typename Response, typename Request>
absl::StatusOr<Response> Changes::Revoke(const server::CallContext& call, const Request& request,
                                         Work<Response> work) {
  const absl::Time now = Now();
  int64_t sequence = 0;
  KW_ASSIGN_OR_RETURN(Response answer,
                      storage::IdempotentWrite<Response>(
                          database_, now, call.caller.principal, request,
                          [&](storage::Transaction& tx) -> absl::StatusOr<Response> {
                            KW_ASSIGN_OR_RETURN(Response result, work(tx, now));
                            sequence = tx.highest_appended();
                            if (result.has_delivery()) {
                              if (sequence == 0) {
                                KW_ASSIGN_OR_RETURN(sequence, Publisher::NewestSequence(tx));
                              }
                              result.mutable_delivery()->set_sequence(sequence);
                            }
                            return result;
                          }));
  if (!answer.has_delivery()) {
    KW_RETURN_IF_ERROR(publisher_.AwaitGrant(sequence, call));
  } else if (request.async()) {
    answer.clear_delivery();
  } else {
    KW_ASSIGN_OR_RETURN(*answer.mutable_delivery(),
                        publisher_.AwaitLoss(answer.delivery().sequence(), call));
  }
  return answer;
}

template <typename Response>
absl::StatusOr<Response> Changes::Preview(Work<Response> look) {
  const absl::Time now = Now();
  Response answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(answer, look(tx, now));
    return absl::OkStatus();
  }));
  return answer;
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CHANGES_H_
