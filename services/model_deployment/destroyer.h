#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DESTROYER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DESTROYER_H_

#include "absl/status/status.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/model_deployment/blob_store.h"
#include "services/model_deployment/encryption_client.h"
#include "services/model_deployment/loss_store.h"
#include "services/model_deployment/receipt_signer.h"

namespace keyward::model_deployment {

// Carries out what losses of access have condemned: has the encryption service confirm that the
// keys are gone, removes blobs, signs a receipt an upload, removes its row, and at last signs the
// receipt of the revocation. What is left to do stands in the database alone, so it goes on after a
// crash where it was: a receipt is added in the transaction that removes the row, and has a name
// that follows from the loss and the upload, so there is exactly one each. Also removes blobs that
// are garbage. Destroys nothing but what the database says so of. Thread-safe.
class Destroyer {
 public:
  Destroyer(storage::Database& database, BlobStore& blobs, EncryptionClient& encryption,
            const ReceiptSigner& signer, const clock::Clock& clock);

  void Start() {
    worker_.Start([this] { return Step(); });
  }
  void Stop() { worker_.Stop(); }
  // There may be something to do.
  void Wake() { worker_.Wake(); }

  // Does all there is to do; an error means that it has to be called again.
  absl::Status RunOnce();

 private:
  absl::Duration Step();
  absl::Status Carry(Loss loss);
  absl::Status ConfirmKeys(Loss& loss);
  // Destroys a batch of uploads; returns whether there were any.
  absl::StatusOr<bool> DestroyBatch(const Loss& loss);
  absl::Status SignRevocation(const Loss& loss);
  absl::Status RemoveGarbage();

  storage::Database& database_;
  BlobStore& blobs_;
  EncryptionClient& encryption_;
  const ReceiptSigner& signer_;
  const clock::Clock& clock_;
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DESTROYER_H_
