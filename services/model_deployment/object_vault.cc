#include "services/model_deployment/object_vault.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/envelope/double_stream.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/errors.h"

namespace keyward::model_deployment {

namespace {

constexpr size_t kReadSize = 1 << 20;

envelope::ObjectId IdOf(const ObjectAddress& address, absl::string_view blob) {
  return {address.account, address.scope, ObjectName(address.resource, blob)};
}

class VaultWriter final : public ObjectWriter {
 public:
  VaultWriter(std::unique_ptr<BlobWriter> blob, envelope::ObjectEncryptor encryptor, int64_t epoch)
      : blob_(std::move(blob)), encryptor_(std::move(encryptor)), epoch_(epoch) {}

  absl::Status Append(absl::string_view plaintext) override {
    return encryptor_.Update(plaintext, [this](absl::string_view bytes) { return Store(bytes); });
  }

  absl::Status Publish() override {
    KW_RETURN_IF_ERROR(encryptor_.Finish([this](absl::string_view bytes) { return Store(bytes); }));
    ciphertext_sha256_ = absl::BytesToHexString(hasher_.Finish());
    return blob_->Publish();
  }

  void Keep() override { blob_->Keep(); }
  const std::string& blob() const override { return blob_->blob(); }
  int64_t access_epoch() const override { return epoch_; }
  const std::string& ciphertext_sha256() const override { return ciphertext_sha256_; }

 private:
  absl::Status Store(absl::string_view bytes) {
    hasher_.Update(bytes);
    return blob_->Append(bytes);
  }

  const std::unique_ptr<BlobWriter> blob_;
  envelope::ObjectEncryptor encryptor_;
  const int64_t epoch_;
  crypto::Hasher hasher_;
  std::string ciphertext_sha256_;
};

// The header at the front of a blob.
absl::StatusOr<envelope::ObjectHeader> ReadHeader(BlobReader& reader) {
  KW_ASSIGN_OR_RETURN(std::string bytes, reader.Read(envelope::ObjectHeader::kPrefixSize));
  KW_ASSIGN_OR_RETURN(size_t size, envelope::ObjectHeader::SizeFromPrefix(bytes));
  if (size < bytes.size()) return absl::InvalidArgumentError("no header");
  KW_ASSIGN_OR_RETURN(std::string rest, reader.Read(size - bytes.size()));
  return envelope::ObjectHeader::Parse(bytes + rest);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectWriter>> ObjectVault::Create(const CallOrigin& origin,
                                                                  const ObjectAddress& address) {
  KW_ASSIGN_OR_RETURN(std::unique_ptr<BlobWriter> blob, blobs_.Create());
  KW_ASSIGN_OR_RETURN(GeneratedKeys generated,
                      encryption_.GenerateDataKey(origin, IdOf(address, blob->blob())));
  KW_ASSIGN_OR_RETURN(envelope::ObjectEncryptor encryptor,
                      envelope::ObjectEncryptor::Create(generated.header, generated.keys));
  return std::make_unique<VaultWriter>(std::move(blob), std::move(encryptor),
                                       generated.access_epoch);
}

absl::Status ObjectVault::Read(const CallOrigin& origin, const ObjectAddress& address,
                               absl::string_view blob,
                               absl::FunctionRef<absl::Status(absl::string_view)> sink) {
  absl::StatusOr<std::unique_ptr<BlobReader>> reader = blobs_.Open(blob);
  if (absl::IsNotFound(reader.status())) return StoredBytesAltered(address.resource);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<envelope::ObjectHeader> header = ReadHeader(**reader);
  if (absl::IsInvalidArgument(header.status())) return StoredBytesAltered(address.resource);
  if (!header.ok()) return header.status();
  envelope::ObjectId id = IdOf(address, blob);
  if (header->id() != id) return StoredBytesAltered(address.resource);
  KW_ASSIGN_OR_RETURN(envelope::DataKeys keys, encryption_.DecryptDataKey(origin, id, *header));
  KW_ASSIGN_OR_RETURN(envelope::ObjectDecryptor decryptor,
                      envelope::ObjectDecryptor::Create(*header, id, keys));
  absl::Status refused;
  auto pass_on = [&](absl::string_view plaintext) {
    refused = sink(plaintext);
    return refused;
  };
  while (true) {
    KW_ASSIGN_OR_RETURN(std::string bytes, (*reader)->Read(kReadSize));
    absl::Status status =
        bytes.empty() ? decryptor.Finish(pass_on) : decryptor.Update(bytes, pass_on);
    if (!refused.ok()) return refused;
    if (!status.ok()) return StoredBytesAltered(address.resource);
    if (bytes.empty()) return absl::OkStatus();
  }
}

}  // namespace keyward::model_deployment
