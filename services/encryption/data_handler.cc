#include "services/encryption/data_handler.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/crypto/secret_bytes.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/integrity/checksums.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/named_object.h"
#include "services/encryption/names.h"
#include "services/encryption/scope_key_store.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/usage_store.h"

namespace keyward::encryption {
namespace {

template <typename Request>
absl::StatusOr<NamedObject> ParseObject(const Request& request) {
  return NamedObject::Parse(request.account(), request.scope(), request.object());
}

std::string Expose(const crypto::AesKey& key) { return std::string(key.bytes().ExposeSecret()); }

}  // namespace

absl::StatusOr<v1::EncryptResponse> DataHandler::Encrypt(const server::CallContext& call,
                                                         const v1::EncryptRequest& request) {
  KW_RETURN_IF_ERROR(
      integrity::CheckChecksums({{"plaintext", request.plaintext(), request.has_plaintext_crc32c(),
                                  request.plaintext_crc32c()}}));
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  KW_RETURN_IF_ERROR(ValueCipher::CheckPlaintext(request.plaintext()));
  return gate_.Run<v1::EncryptResponse>(
      call, object.account, [&](const OpenAccount& open) -> absl::StatusOr<v1::EncryptResponse> {
        v1::EncryptResponse response;
        KW_ASSIGN_OR_RETURN(*response.mutable_ciphertext(),
                            values_.Encrypt(open, object.id, request.plaintext()));
        integrity::SetChecksum(response.ciphertext(), *response.mutable_ciphertext_crc32c());
        response.set_verified_plaintext_crc32c(request.has_plaintext_crc32c());
        response.set_customer_key_version(CustomerKeyVersion(open));
        return response;
      });
}

absl::StatusOr<v1::DecryptResponse> DataHandler::Decrypt(const server::CallContext& call,
                                                         const v1::DecryptRequest& request) {
  KW_RETURN_IF_ERROR(
      integrity::CheckChecksums({{"ciphertext", request.ciphertext(),
                                  request.has_ciphertext_crc32c(), request.ciphertext_crc32c()}}));
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  return gate_.Run<v1::DecryptResponse>(
      call, object.account, [&](const OpenAccount& open) -> absl::StatusOr<v1::DecryptResponse> {
        KW_ASSIGN_OR_RETURN(const crypto::SecretBytes plaintext,
                            values_.Decrypt(open, object.id, request.ciphertext()));
        v1::DecryptResponse response;
        response.set_plaintext(std::string(plaintext.ExposeSecret()));
        integrity::SetChecksum(plaintext.ExposeSecret(), *response.mutable_plaintext_crc32c());
        response.set_verified_ciphertext_crc32c(request.has_ciphertext_crc32c());
        return response;
      });
}

absl::StatusOr<v1::GenerateDataKeyResponse> DataHandler::GenerateDataKey(
    const server::CallContext& call, const v1::GenerateDataKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  return gate_.Run<v1::GenerateDataKeyResponse>(
      call, object.account,
      [&](const OpenAccount& open) -> absl::StatusOr<v1::GenerateDataKeyResponse> {
        const envelope::DataKeys keys = envelope::DataKeys::Generate();
        KW_ASSIGN_OR_RETURN(const envelope::ObjectHeader header,
                            object_keys_.Seal(open, object.id, keys));
        v1::GenerateDataKeyResponse response;
        response.set_header(header.bytes());
        response.set_inner_key(Expose(keys.inner));
        response.set_outer_key(Expose(keys.outer));
        response.set_customer_key_version(CustomerKeyVersion(open));
        response.set_access_epoch(open.account->access.epoch);
        return response;
      });
}

absl::StatusOr<v1::DecryptDataKeyResponse> DataHandler::DecryptDataKey(
    const server::CallContext& call, const v1::DecryptDataKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  return gate_.Run<v1::DecryptDataKeyResponse>(
      call, object.account,
      [&](const OpenAccount& open) -> absl::StatusOr<v1::DecryptDataKeyResponse> {
        const absl::StatusOr<envelope::ObjectHeader> header =
            envelope::ObjectHeader::Parse(request.header());
        if (!header.ok()) return CiphertextInvalid();
        KW_ASSIGN_OR_RETURN(const envelope::DataKeys keys,
                            object_keys_.Open(open, object.id, *header));
        v1::DecryptDataKeyResponse response;
        response.set_inner_key(Expose(keys.inner));
        response.set_outer_key(Expose(keys.outer));
        response.set_access_epoch(open.account->access.epoch);
        return response;
      });
}

absl::StatusOr<v1::DestroyScopeResponse> DataHandler::DestroyScope(
    const server::CallContext& call, const v1::DestroyScopeRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.account(), "account"));
  KW_RETURN_IF_ERROR(CheckScope(request.scope()));
  if (request.access_epoch() < 0) return InvalidField("access_epoch", "must not be negative");
  v1::DestroyScopeResponse response;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
    if (!account.has_value() || account->provisioning) return AccountNotFound(name);
    const int64_t present = account->access.epoch;
    const int64_t epoch =
        request.access_epoch() == 0 ? present : std::min(request.access_epoch(), present);
    KW_RETURN_IF_ERROR(
        transitions_.DestroyScope(tx, *account, request.scope(), epoch, {call.correlation_id, ""})
            .status());
    KW_ASSIGN_OR_RETURN(const DestroyedKeys destroyed,
                        CountDestroyedKeys(tx, name, request.scope()));
    response.set_destroyed_keys(static_cast<int32_t>(destroyed.count));
    if (destroyed.last.has_value()) *response.mutable_destroy_time() = ToProto(*destroyed.last);
    return absl::OkStatus();
  }));
  // The worker that was woken goes on trying.
  database_.Scrub().IgnoreError();
  return response;
}

absl::StatusOr<v1::ReportUsageResponse> DataHandler::ReportUsage(
    const server::CallContext&, const v1::ReportUsageRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.account(), "account"));
  if (request.uploads() < 0) return InvalidField("uploads", "must not be negative");
  if (request.upload_bytes() < 0) return InvalidField("upload_bytes", "must not be negative");
  if (request.deployed_models() < 0) return InvalidField("deployed_models", "must not be negative");
  const Usage usage = {request.uploads(), request.upload_bytes(), request.deployed_models(),
                       clock_.Now()};
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<Account> account, FindAccount(tx, name));
    if (!account.has_value() || account->provisioning) return AccountNotFound(name);
    // The last that is to be said of a purged account, and nothing to keep.
    if (account->purged()) return absl::OkStatus();
    return StoreUsage(tx, name, usage);
  }));
  return v1::ReportUsageResponse();
}

}  // namespace keyward::encryption
