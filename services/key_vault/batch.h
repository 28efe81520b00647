#ifndef KEYWARD_SERVICES_KEY_VAULT_BATCH_H_
#define KEYWARD_SERVICES_KEY_VAULT_BATCH_H_

#include <map>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/server/call_context.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/names.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// Asks once for each key and operation that the items of one call name, and gives the same answer
// to all of them, each of which counts against the limits. Each version is noted for the audit log.
// Not thread-safe.
class BatchKeys {
 public:
  BatchKeys(UsableKeys& keys, const server::CallContext& call) : keys_(keys), call_(call) {}

  absl::StatusOr<UsableKey> Find(const std::string& name, KeyOperation operation);

 private:
  UsableKeys& keys_;
  const server::CallContext& call_;
  std::map<std::pair<std::string, KeyOperation>, absl::StatusOr<UsableKey>> found_;
};

// What is wrong with a batch as a whole: the parent, how many items there are and how large they
// are together.
absl::Status CheckBatch(const std::string& parent, int items, size_t size);
// Notes an error for a field of an item that names a key outside of the vault.
void CheckInVault(const std::string& parent, int item, const std::string& field,
                  const std::string& name, FieldErrors& errors);
inline void CheckItem(const std::string& parent, int item, const auto& request,
                      FieldErrors& errors) {
  CheckInVault(parent, item, "name", request.name(), errors);
  if constexpr (requires { request.target(); }) {
    CheckInVault(parent, item, "target", request.target(), errors);
  }
}

// Runs `handle` for each item in order. Fails as a whole if an item fails for no reason that a
// caller may see, such as an outage of the database.
template <typename Response, typename Request, typename Handle>
absl::StatusOr<Response> RunBatch(const server::CallContext& call, const Request& request,
                                  Handle handle) {
  KW_RETURN_IF_ERROR(CheckBatch(request.parent(), request.requests_size(), request.ByteSizeLong()));
  FieldErrors errors;
  for (int i = 0; i < request.requests_size(); ++i) {
    CheckItem(request.parent(), i, request.requests(i), errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  Response answer;
  int failed = 0;
  for (const auto& item : request.requests()) {
    auto result = handle(item);
    auto& added = *answer.add_results();
    if (result.ok()) {
      *added.mutable_response() = *std::move(result);
    } else if (ErrorReason(result.status()).empty()) {
      return result.status();
    } else {
      ++failed;
      *added.mutable_error() = ToRpcStatus(result.status());
    }
  }
  call.Note("items", absl::StrCat(request.requests_size()));
  call.Note("failed_items", absl::StrCat(failed));
  return answer;
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BATCH_H_
