#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_HANDLER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/receipts.pb.h"
#include "services/model_deployment/receipt_signer.h"

namespace keyward::model_deployment {

// Receipts. The methods are those of ReceiptService; no gate stands before them. Thread-safe.
class ReceiptHandler {
 public:
  ReceiptHandler(storage::Database& database, const ReceiptSigner& signer)
      : database_(database), signer_(signer) {}

  absl::StatusOr<deployment::v1::ListReceiptsResponse> List(
      const deployment::v1::ListReceiptsRequest& request);
  absl::StatusOr<deployment::v1::Receipt> Get(const deployment::v1::GetReceiptRequest& request);
  deployment::v1::GetReceiptKeysResponse GetKeys() const;

 private:
  storage::Database& database_;
  const ReceiptSigner& signer_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_HANDLER_H_
