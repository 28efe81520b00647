#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SIGNER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SIGNER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/root_key.h"
#include "common/server/sealed_column.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/receipts.pb.h"

namespace keyward::model_deployment {

// Where the sealed receipt keys are.
server::SealedColumn ReceiptKeyColumn();

// Signs receipts with a P-256 key that is made at the first start and lies in the database, sealed
// under the service's root key. Immutable once made; thread-safe.
class ReceiptSigner {
 public:
  // Reads the key, or makes it. Errors of the database, and of RootKey::Unseal if the root key is
  // another than the one that sealed it.
  static absl::StatusOr<std::unique_ptr<ReceiptSigner>> Open(storage::Database& database,
                                                             const crypto::RootKey& root_key,
                                                             absl::Time now);

  // The receipt with this statement: its `receipt` is the name, its `kind` the kind, and `jws`
  // signs the JSON of the statement (protobuf's, with the proto's field names). A statement that
  // lists more than a JWS holds is INVALID_ARGUMENT.
  absl::StatusOr<deployment::v1::Receipt> Sign(
      const deployment::v1::ReceiptStatement& statement) const;

  // Every key that ever signed, for those who verify.
  const std::vector<deployment::v1::ReceiptKey>& keys() const { return published_; }

 private:
  ReceiptSigner(crypto::EcPrivateKey key, std::string key_id)
      : key_(std::move(key)), key_id_(std::move(key_id)) {}

  const crypto::EcPrivateKey key_;
  const std::string key_id_;
  std::vector<deployment::v1::ReceiptKey> published_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SIGNER_H_
