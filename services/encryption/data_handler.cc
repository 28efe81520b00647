#include "services/encryption/data_handler.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/envelope/double_stream.h"
#include "common/envelope/header_keys.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/names.h"
#include "services/encryption/scope_key_store.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/usage_store.h"

namespace keyward::encryption {
namespace {

constexpr size_t kLargestPlaintext = 1 << 20;
constexpr int64_t kLongestObjectName = 512;

// The characters of a text in UTF-8, as every string of a request is.
int64_t CountCharacters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

// An object that a request names.
struct NamedObject {
  AccountName account;
  envelope::ObjectId id;
};

template <typename Request>
absl::StatusOr<NamedObject> ParseObject(const Request& request) {
  KW_ASSIGN_OR_RETURN(AccountName account, AccountName::Parse(request.account(), "account"));
  KW_RETURN_IF_ERROR(CheckScope(request.scope()));
  const std::string& object = request.object();
  if (object.empty() || CountCharacters(object) > kLongestObjectName ||
      object.size() > envelope::ObjectId::kMaxObject) {
    return InvalidField("object", "must have 1-512 characters, and at most 1536 bytes");
  }
  envelope::ObjectId id = {account.ToString(), request.scope(), object};
  return NamedObject{std::move(account), std::move(id)};
}

std::string CustomerVersion(const OpenAccount& open) {
  return open.account->customer_managed() ? open.account->binding->version : "";
}

std::string Expose(const crypto::AesKey& key) { return std::string(key.bytes().ExposeSecret()); }

}  // namespace

absl::StatusOr<envelope::ObjectHeader> DataHandler::SealHeader(const OpenAccount& open,
                                                               const envelope::ObjectId& id,
                                                               const envelope::DataKeys& keys) {
  KW_ASSIGN_OR_RETURN(const ScopeKey scope_key, scope_keys_.ForSealing(open, id.scope));
  return envelope::SealDataKeys(
      id, keys, {static_cast<uint64_t>(scope_key.generation), *scope_key.aead},
      {static_cast<uint64_t>(platform_keys_.current_version()), platform_keys_.current()});
}

absl::StatusOr<envelope::DataKeys> DataHandler::OpenHeader(const OpenAccount& open,
                                                           const envelope::ObjectId& id,
                                                           const envelope::ObjectHeader& header) {
  const crypto::AesGcmAead* platform_key =
      platform_keys_.Find(static_cast<int64_t>(header.platform_key_version()));
  if (header.id() != id || platform_key == nullptr) return CiphertextInvalid();
  KW_ASSIGN_OR_RETURN(
      const auto scope_key,
      scope_keys_.ForOpening(open, id.scope, static_cast<int64_t>(header.scope_key_generation())));
  absl::StatusOr<envelope::DataKeys> keys =
      envelope::OpenDataKeys(header, id, *scope_key, *platform_key);
  if (!keys.ok()) return CiphertextInvalid();
  return keys;
}

absl::StatusOr<v1::EncryptResponse> DataHandler::Encrypt(const server::CallContext& call,
                                                         const v1::EncryptRequest& request) {
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  if (request.plaintext().size() > kLargestPlaintext) {
    return InvalidField("plaintext",
                        "must have at most 1 MiB; encrypt larger objects under GenerateDataKey");
  }
  return gate_.Run<v1::EncryptResponse>(
      call, object.account, [&](const OpenAccount& open) -> absl::StatusOr<v1::EncryptResponse> {
        const envelope::DataKeys keys = envelope::DataKeys::Generate();
        KW_ASSIGN_OR_RETURN(const envelope::ObjectHeader header, SealHeader(open, object.id, keys));
        v1::EncryptResponse response;
        KW_ASSIGN_OR_RETURN(*response.mutable_ciphertext(),
                            envelope::EncryptSmall(header, keys, request.plaintext()));
        response.set_customer_key_version(CustomerVersion(open));
        return response;
      });
}

absl::StatusOr<v1::DecryptResponse> DataHandler::Decrypt(const server::CallContext& call,
                                                         const v1::DecryptRequest& request) {
  KW_ASSIGN_OR_RETURN(const NamedObject object, ParseObject(request));
  return gate_.Run<v1::DecryptResponse>(
      call, object.account, [&](const OpenAccount& open) -> absl::StatusOr<v1::DecryptResponse> {
        const absl::StatusOr<envelope::SplitObject> stored =
            envelope::SplitStored(request.ciphertext());
        if (!stored.ok()) return CiphertextInvalid();
        KW_ASSIGN_OR_RETURN(const envelope::DataKeys keys,
                            OpenHeader(open, object.id, stored->header));
        const absl::StatusOr<crypto::SecretBytes> plaintext =
            envelope::DecryptSmall(stored->header, object.id, keys, stored->body);
        if (!plaintext.ok()) return CiphertextInvalid();
        v1::DecryptResponse response;
        response.set_plaintext(std::string(plaintext->ExposeSecret()));
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
        KW_ASSIGN_OR_RETURN(const envelope::ObjectHeader header, SealHeader(open, object.id, keys));
        v1::GenerateDataKeyResponse response;
        response.set_header(header.bytes());
        response.set_inner_key(Expose(keys.inner));
        response.set_outer_key(Expose(keys.outer));
        response.set_customer_key_version(CustomerVersion(open));
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
        KW_ASSIGN_OR_RETURN(const envelope::DataKeys keys, OpenHeader(open, object.id, *header));
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
