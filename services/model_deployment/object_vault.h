#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_OBJECT_VAULT_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_OBJECT_VAULT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/blob_store.h"
#include "services/model_deployment/encryption_client.h"

namespace keyward::model_deployment {

// What an object is kept for: it opens under exactly this.
struct ObjectAddress {
  std::string account;
  std::string scope;
  // The document or model that it belongs to.
  std::string resource;
};

// An object being stored: encrypted in two layers as it comes, in memory for one segment a layer.
// Gone without a trace unless Keep is called. Not thread-safe.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  virtual absl::Status Append(absl::string_view plaintext) = 0;
  // The end; the ciphertext is durable when it returns OK.
  virtual absl::Status Publish() = 0;
  // A row refers to the blob now.
  virtual void Keep() = 0;

  virtual const std::string& blob() const = 0;
  // The account's access epoch at which the keys were made. An object of an older epoch is lost.
  virtual int64_t access_epoch() const = 0;
  // In hex; after Publish.
  virtual const std::string& ciphertext_sha256() const = 0;
};

// Stores and opens encrypted objects: keys from the encryption service, ciphertext in a blob store.
// Errors are those of EncryptionClient and BlobStore, and DATA_LOSS (STORED_BYTES_ALTERED).
// Thread-safe.
class ObjectVault {
 public:
  ObjectVault(BlobStore& blobs, EncryptionClient& encryption)
      : blobs_(blobs), encryption_(encryption) {}

  absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(const CallOrigin& origin,
                                                       const ObjectAddress& address);

  // Passes the plaintext to `sink` in pieces of at most 1 MiB, each authentic and in its place; all
  // was there if this returns OK. An error of `sink` ends it and comes back.
  absl::Status Read(const CallOrigin& origin, const ObjectAddress& address, absl::string_view blob,
                    absl::FunctionRef<absl::Status(absl::string_view)> sink);

 private:
  BlobStore& blobs_;
  EncryptionClient& encryption_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_OBJECT_VAULT_H_
