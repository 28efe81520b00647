#include "services/model_deployment/receipt_handler.h"

#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/receipt_store.h"

namespace keyward::model_deployment {

absl::StatusOr<deployment::v1::ListReceiptsResponse> ReceiptHandler::List(
    const deployment::v1::ListReceiptsRequest& request) {
  KW_ASSIGN_OR_RETURN(AccountName account, AccountName::Parse("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(storage::Page page, storage::ParsePage(request));
  std::vector<NumberedReceipt> receipts;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(receipts, ListReceipts(tx, account.ToString(), request.kind(), page));
    return absl::OkStatus();
  }));
  deployment::v1::ListReceiptsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, receipts, [](const NumberedReceipt& last) { return last.number; }));
  for (NumberedReceipt& numbered : receipts) {
    *response.add_receipts() = std::move(numbered.receipt);
  }
  return response;
}

absl::StatusOr<deployment::v1::Receipt> ReceiptHandler::Get(
    const deployment::v1::GetReceiptRequest& request) {
  KW_ASSIGN_OR_RETURN(ReceiptName name, ReceiptName::Parse("name", request.name()));
  deployment::v1::Receipt receipt;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(receipt, GetReceipt(tx, name.ToString()));
    return absl::OkStatus();
  }));
  return receipt;
}

deployment::v1::GetReceiptKeysResponse ReceiptHandler::GetKeys() const {
  deployment::v1::GetReceiptKeysResponse response;
  for (const deployment::v1::ReceiptKey& key : signer_.keys()) *response.add_keys() = key;
  return response;
}

}  // namespace keyward::model_deployment
