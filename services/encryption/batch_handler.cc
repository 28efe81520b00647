#include "services/encryption/batch_handler.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/integrity/checksums.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/named_object.h"

namespace keyward::encryption {
namespace {

constexpr int kMaxItems = 1024;
// An answer adds less than 600 bytes an item, and fits into a message too.
constexpr size_t kMaxSize = 3 << 20;

// The account of a batch whose own fields are in order.
template <typename Request>
absl::StatusOr<AccountName> CheckBatch(const Request& request) {
  KW_ASSIGN_OR_RETURN(AccountName account, AccountName::Parse(request.account(), "account"));
  KW_RETURN_IF_ERROR(CheckScope(request.scope()));
  const int items = request.items_size();
  if (items == 0 || items > kMaxItems) {
    return InvalidField("items", absl::StrCat("has ", items, "; 1-", kMaxItems, " are possible"));
  }
  if (request.ByteSizeLong() > kMaxSize) {
    return InvalidField("items", absl::StrCat("is larger than ", kMaxSize, " bytes all together"));
  }
  return account;
}

// Runs `handle` for each item in order, with the object's id and the answer to be filled in.
template <typename Response, typename Request, typename Handle>
absl::StatusOr<Response> AnswerItems(const Request& request, Handle handle) {
  Response answer;
  answer.mutable_results()->Reserve(request.items_size());
  envelope::ObjectId id = {request.account(), request.scope(), ""};
  for (const auto& item : request.items()) {
    id.object = item.object();
    auto& result = *answer.add_results();
    const absl::Status status = handle(item, id, *result.mutable_response());
    if (status.ok()) continue;
    if (ErrorReason(status).empty()) return status;
    *result.mutable_error() = ToRpcStatus(status);
  }
  return answer;
}

template <typename Response>
absl::StatusOr<Response> Noted(const server::CallContext& call, absl::StatusOr<Response> answer) {
  if (!answer.ok()) return answer;
  const auto& results = answer->results();
  call.Note("items", absl::StrCat(results.size()));
  call.Note("failed_items",
            absl::StrCat(std::count_if(results.begin(), results.end(),
                                       [](const auto& result) { return result.has_error(); })));
  return answer;
}

}  // namespace

absl::StatusOr<v1::BatchEncryptResponse> BatchHandler::Encrypt(
    const server::CallContext& call, const v1::BatchEncryptRequest& request) {
  using Response = v1::BatchEncryptResponse;
  KW_ASSIGN_OR_RETURN(const AccountName account, CheckBatch(request));
  return Noted(call, gate_.Run<Response>(call, account, [&](const OpenAccount& open) {
    const auto encrypt = [&](const v1::BatchEncryptRequest::Item& item,
                             const envelope::ObjectId& id,
                             Response::Encrypted& encrypted) -> absl::Status {
      KW_RETURN_IF_ERROR(integrity::CheckChecksums(
          {{"plaintext", item.plaintext(), item.has_plaintext_crc32c(), item.plaintext_crc32c()}}));
      KW_RETURN_IF_ERROR(CheckObject(item.object()));
      KW_RETURN_IF_ERROR(ValueCipher::CheckPlaintext(item.plaintext()));
      KW_ASSIGN_OR_RETURN(*encrypted.mutable_ciphertext(),
                          values_.Encrypt(open, id, item.plaintext()));
      integrity::SetChecksum(encrypted.ciphertext(), *encrypted.mutable_ciphertext_crc32c());
      encrypted.set_verified_plaintext_crc32c(item.has_plaintext_crc32c());
      return absl::OkStatus();
    };
    absl::StatusOr<Response> answer = AnswerItems<Response>(request, encrypt);
    if (answer.ok()) answer->set_customer_key_version(CustomerKeyVersion(open));
    return answer;
  }));
}

absl::StatusOr<v1::BatchDecryptResponse> BatchHandler::Decrypt(
    const server::CallContext& call, const v1::BatchDecryptRequest& request) {
  using Response = v1::BatchDecryptResponse;
  KW_ASSIGN_OR_RETURN(const AccountName account, CheckBatch(request));
  return Noted(call, gate_.Run<Response>(call, account, [&](const OpenAccount& open) {
    const auto decrypt = [&](const v1::BatchDecryptRequest::Item& item,
                             const envelope::ObjectId& id,
                             Response::Decrypted& decrypted) -> absl::Status {
      KW_RETURN_IF_ERROR(
          integrity::CheckChecksums({{"ciphertext", item.ciphertext(), item.has_ciphertext_crc32c(),
                                      item.ciphertext_crc32c()}}));
      KW_RETURN_IF_ERROR(CheckObject(item.object()));
      KW_ASSIGN_OR_RETURN(const crypto::SecretBytes plaintext,
                          values_.Decrypt(open, id, item.ciphertext()));
      decrypted.set_plaintext(std::string(plaintext.ExposeSecret()));
      integrity::SetChecksum(plaintext.ExposeSecret(), *decrypted.mutable_plaintext_crc32c());
      decrypted.set_verified_ciphertext_crc32c(item.has_ciphertext_crc32c());
      return absl::OkStatus();
    };
    return AnswerItems<Response>(request, decrypt);
  }));
}

}  // namespace keyward::encryption
