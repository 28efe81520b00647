#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/storage/page_token.h"
#include "common/storage/transaction.h"
#include "keyward/deployment/v1/receipts.pb.h"

namespace keyward::model_deployment {

// Adds a receipt; one with its name that is there already stays, so that what is repeated after a
// crash makes no second one.
absl::Status AddReceipt(storage::Transaction& tx, const deployment::v1::Receipt& receipt);
// NOT_FOUND (RECEIPT_NOT_FOUND).
absl::StatusOr<deployment::v1::Receipt> GetReceipt(storage::Transaction& tx,
                                                   absl::string_view name);

// A receipt and its place in the list.
struct NumberedReceipt {
  int64_t number = 0;
  deployment::v1::Receipt receipt;
};
// Newest first, all kinds if `kind` is unspecified; one more than the page's size if there is a
// next page, which begins after a number.
absl::StatusOr<std::vector<NumberedReceipt>> ListReceipts(storage::Transaction& tx,
                                                          absl::string_view account,
                                                          deployment::v1::Receipt::Kind kind,
                                                          const storage::Page& page);

// A key that receipts are signed with; the private part sealed under the service's root key.
struct StoredReceiptKey {
  std::string key_id;
  std::string public_key_pem;
  std::string sealed;
};
absl::Status InsertReceiptKey(storage::Transaction& tx, const StoredReceiptKey& key,
                              absl::Time now);
// Oldest first.
absl::StatusOr<std::vector<StoredReceiptKey>> AllReceiptKeys(storage::Transaction& tx);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_STORE_H_
