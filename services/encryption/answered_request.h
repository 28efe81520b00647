#ifndef KEYWARD_SERVICES_ENCRYPTION_ANSWERED_REQUEST_H_
#define KEYWARD_SERVICES_ENCRYPTION_ANSWERED_REQUEST_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/database.h"
#include "common/storage/request_ids.h"
#include "common/storage/transaction.h"

namespace keyward::encryption {

// The answer to a request that was carried out before under its request_id; none if it is new or
// has no request_id. For writes whose preparation needs the network, which a repetition must not
// depend on. Errors are those of IdempotentWrite.
template <typename Response, typename Request>
absl::StatusOr<std::optional<Response>> FindAnswer(storage::Database& database, absl::Time now,
                                                   const std::string& principal,
                                                   const Request& request) {
  if (request.request_id().empty()) return std::nullopt;
  bool is_new = false;
  absl::StatusOr<Response> answer = storage::IdempotentWrite<Response>(
      database, now, principal, request,
      [&is_new](storage::Transaction&) -> absl::StatusOr<Response> {
        // A failed request leaves no trace.
        is_new = true;
        return absl::CancelledError("only looked");
      });
  if (is_new) return std::nullopt;
  if (!answer.ok()) return answer.status();
  return *std::move(answer);
}

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ANSWERED_REQUEST_H_
