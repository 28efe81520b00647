#ifndef KEYWARD_COMMON_STORAGE_REQUEST_IDS_H_
#define KEYWARD_COMMON_STORAGE_REQUEST_IDS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/storage/database.h"
#include "google/protobuf/message.h"

namespace keyward::storage {

// The table of answered requests, to be given to Database::Open.
Schema RequestIdsSchema();

// How long an answered request is remembered.
inline constexpr absl::Duration kRequestIdRetention = absl::Hours(24 * 7);

// The untyped form of IdempotentWrite, which fills `response`.
absl::Status IdempotentWriteTo(Database& database, absl::Time now, absl::string_view principal,
                               const google::protobuf::Message& request,
                               google::protobuf::Message& response,
                               absl::FunctionRef<absl::Status(Transaction&)> write);

// Runs `write` in one transaction, once for each request_id: when the same principal sends the same
// request with the same request_id again, also to another replica or after a restart, `write` does
// not run and the first answer is returned. It is stored in the transaction of the change itself,
// so the two cannot part. A failed request leaves no trace and may be sent again.
// `request_id` is the field of that name of the request; if it is empty, or the request has none,
// this is a plain transaction. `write` must be repeatable, as for Database::Write, and its answer
// must hold no secret, for it is stored as it is. What an answer says about things outside the
// transaction, such as a Delivery, is to be filled in afterwards, on a repetition as well.
// Errors: those of `write` and of the database; INVALID_ARGUMENT if request_id is no UUID;
// ALREADY_EXISTS (REQUEST_ID_REUSED) if it was used with another request. Thread-safe.
template <typename Response>
absl::StatusOr<Response> IdempotentWrite(
    Database& database, absl::Time now, absl::string_view principal,
    const google::protobuf::Message& request,
    absl::FunctionRef<absl::StatusOr<Response>(Transaction&)> write) {
  Response response;
  absl::Status status = IdempotentWriteTo(database, now, principal, request, response,
                                          [&](Transaction& transaction) -> absl::Status {
                                            absl::StatusOr<Response> answer = write(transaction);
                                            if (!answer.ok()) return answer.status();
                                            response = *std::move(answer);
                                            return absl::OkStatus();
                                          });
  if (!status.ok()) return status;
  return response;
}

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_REQUEST_IDS_H_
