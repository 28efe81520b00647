#include "services/model_deployment/destroyer.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/receipt_store.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Receipt;
using deployment::v1::ReceiptStatement;

constexpr int kBatch = 256;
constexpr absl::Duration kRetry = absl::Seconds(1);
// As receipts.proto says; a JWS has a limit.
constexpr size_t kListedModels = 16;

// The same loss and the same upload always have the same receipt.
std::string ReceiptNameFor(const Loss& loss, absl::string_view upload) {
  std::string digest = crypto::Sha256(absl::StrCat(loss.access_event, "\n", upload));
  return absl::StrCat(loss.account, "/receipts/r", absl::BytesToHexString(digest.substr(0, 16)));
}

ReceiptStatement Begin(const Loss& loss, Receipt::Kind kind, absl::string_view upload) {
  ReceiptStatement statement;
  statement.set_receipt(ReceiptNameFor(loss, upload));
  statement.set_account(loss.account);
  statement.set_kind(kind);
  statement.set_cause(loss.cause);
  statement.set_loss_event(loss.loss_event);
  statement.set_access_event(loss.access_event);
  statement.set_access_epoch(loss.epoch);
  *statement.mutable_loss_time() = ToProto(loss.loss_time);
  *statement.mutable_gate_closed_time() = ToProto(loss.gate_closed_time);
  if (loss.scope_destroyed_time.has_value()) {
    *statement.mutable_scope_destroyed_time() = ToProto(*loss.scope_destroyed_time);
  }
  return statement;
}

}  // namespace

Destroyer::Destroyer(storage::Database& database, BlobStore& blobs, EncryptionClient& encryption,
                     const ReceiptSigner& signer, const clock::Clock& clock)
    : database_(database),
      blobs_(blobs),
      encryption_(encryption),
      signer_(signer),
      clock_(clock),
      worker_(clock) {}

absl::Duration Destroyer::Step() {
  const absl::Status status = RunOnce();
  if (status.ok()) return absl::InfiniteDuration();
  server::Log(server::Severity::kWarning, "destroyer.retry", {{"error", status.ToString()}});
  return kRetry;
}

absl::Status Destroyer::RunOnce() {
  std::vector<Loss> losses;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(losses, UnfinishedLosses(tx));
    return absl::OkStatus();
  }));
  // One loss that cannot go on does not hold up the others.
  absl::Status failure;
  for (const Loss& loss : losses) {
    absl::Status status = Carry(loss);
    if (!status.ok()) failure = status;
  }
  absl::Status status = RemoveGarbage();
  return status.ok() ? failure : status;
}

absl::Status Destroyer::Carry(Loss loss) {
  if (loss.state == Loss::State::kDestroying) {
    KW_RETURN_IF_ERROR(ConfirmKeys(loss));
    bool more = true;
    while (more) {
      if (worker_.stopping()) return absl::OkStatus();
      KW_ASSIGN_OR_RETURN(more, DestroyBatch(loss));
    }
  }
  return SignRevocation(loss);
}

absl::Status Destroyer::ConfirmKeys(Loss& loss) {
  if (loss.scope_confirmed) return absl::OkStatus();
  KW_FAULT_POINT("destroyer.before_confirm");
  KW_ASSIGN_OR_RETURN(absl::Time time,
                      encryption_.DestroyScope({server::NewCorrelationId()}, loss.account,
                                               kUploadsScope, loss.epoch - 1));
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) {
    return ConfirmScopeDestroyed(tx, loss.access_event, time);
  }));
  if (!loss.scope_destroyed_time.has_value()) loss.scope_destroyed_time = time;
  KW_FAULT_POINT("destroyer.after_confirm");
  return absl::OkStatus();
}

absl::StatusOr<bool> Destroyer::DestroyBatch(const Loss& loss) {
  std::vector<StoredDocument> documents;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(documents, CondemnedDocuments(tx, loss.access_event, kBatch));
    return absl::OkStatus();
  }));
  if (documents.empty()) return false;
  std::vector<std::string> blobs;
  for (const StoredDocument& stored : documents) blobs.push_back(stored.blob);
  KW_FAULT_POINT("destroyer.before_blobs");
  KW_RETURN_IF_ERROR(blobs_.Remove(blobs));
  KW_FAULT_POINT("destroyer.after_blobs");
  absl::Time destroyed = clock_.Now();
  std::vector<Receipt> receipts;
  int64_t bytes = 0;
  for (const StoredDocument& stored : documents) {
    ReceiptStatement statement = Begin(loss, Receipt::KIND_UPLOAD, stored.blob);
    statement.set_document(stored.document.name());
    statement.set_plaintext_sha256(stored.document.sha256());
    statement.set_ciphertext_sha256(stored.ciphertext_sha256);
    *statement.mutable_destroyed_time() = ToProto(destroyed);
    KW_ASSIGN_OR_RETURN(Receipt receipt, signer_.Sign(statement));
    receipts.push_back(std::move(receipt));
    bytes += stored.document.size_bytes();
  }
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    for (const Receipt& receipt : receipts) KW_RETURN_IF_ERROR(AddReceipt(tx, receipt));
    for (const std::string& blob : blobs) KW_RETURN_IF_ERROR(EraseCondemnedDocument(tx, blob));
    return CountDestroyed(tx, loss.access_event, static_cast<int64_t>(blobs.size()), bytes);
  }));
  KW_FAULT_POINT("destroyer.after_rows");
  return true;
}

absl::Status Destroyer::SignRevocation(const Loss& loss) {
  Loss now;
  std::vector<std::string> models;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Loss> found, FindLoss(tx, loss.access_event));
    if (!found.has_value()) return absl::InternalError("a loss is gone");
    now = *std::move(found);
    KW_ASSIGN_OR_RETURN(models, ModelsUndeployedBy(tx, loss.access_event));
    return absl::OkStatus();
  }));
  ReceiptStatement statement = Begin(now, Receipt::KIND_REVOCATION, "");
  std::string names;
  for (const std::string& model : models) {
    absl::StrAppend(&names, model, "\n");
    if (static_cast<size_t>(statement.undeployed_models_size()) < kListedModels) {
      statement.add_undeployed_models(model);
    }
  }
  statement.set_undeployed_model_count(static_cast<int64_t>(models.size()));
  statement.set_undeployed_models_sha256(absl::BytesToHexString(crypto::Sha256(names)));
  statement.set_uploads_destroyed(now.uploads_destroyed);
  statement.set_upload_bytes_destroyed(now.upload_bytes_destroyed);
  *statement.mutable_destroyed_time() = ToProto(clock_.Now());
  KW_ASSIGN_OR_RETURN(Receipt receipt, signer_.Sign(statement));
  KW_FAULT_POINT("destroyer.before_revocation");
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(AddReceipt(tx, receipt));
    return FinishLoss(tx, loss.access_event);
  }));
  KW_FAULT_POINT("destroyer.after_revocation");
  server::Log(server::Severity::kInfo, "revocation.complete",
              {{"account", loss.account},
               {"access_event", loss.access_event},
               {"cause", CauseName(loss.cause)},
               {"uploads_destroyed", now.uploads_destroyed},
               {"receipt", statement.receipt()}});
  return absl::OkStatus();
}

absl::Status Destroyer::RemoveGarbage() {
  while (true) {
    std::vector<std::string> blobs;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(blobs, Garbage(tx, kBatch));
      return absl::OkStatus();
    }));
    if (blobs.empty()) return absl::OkStatus();
    KW_RETURN_IF_ERROR(blobs_.Remove(blobs));
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      for (const std::string& blob : blobs) KW_RETURN_IF_ERROR(ForgetGarbage(tx, blob));
      return absl::OkStatus();
    }));
  }
}

}  // namespace keyward::model_deployment
