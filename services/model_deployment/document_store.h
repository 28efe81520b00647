#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/storage/page_token.h"
#include "common/storage/transaction.h"
#include "keyward/deployment/v1/documents.pb.h"

namespace keyward::model_deployment {

// A document and where its bytes are. Those that are being destroyed are not seen by Get and List.
struct StoredDocument {
  deployment::v1::Document document;
  // The blob with its ciphertext; also part of the object's name under which it is encrypted.
  std::string blob;
  std::string ciphertext_sha256;
  // The account's access epoch in which its keys were made.
  int64_t epoch = 0;
};

// The name that a blob's bytes are bound to when they are encrypted.
std::string ObjectName(absl::string_view resource, absl::string_view blob);

// ALREADY_EXISTS (DOCUMENT_EXISTS).
absl::Status InsertDocument(storage::Transaction& tx, const StoredDocument& document);

// NOT_FOUND (DOCUMENT_NOT_FOUND).
absl::StatusOr<StoredDocument> GetDocument(storage::Transaction& tx, absl::string_view name);

// By name; one more than the page's size if there is a next page.
absl::StatusOr<std::vector<deployment::v1::Document>> ListDocuments(storage::Transaction& tx,
                                                                    absl::string_view workspace,
                                                                    const storage::Page& page);

// Removes the row and notes its blob as garbage; returns the blob. NOT_FOUND.
absl::StatusOr<std::string> DeleteDocument(storage::Transaction& tx, absl::string_view name);

// How many documents an account has, and their bytes.
struct DocumentUsage {
  int64_t documents = 0;
  int64_t bytes = 0;
};
absl::StatusOr<DocumentUsage> UsageOfDocuments(storage::Transaction& tx, absl::string_view account);

// For losses of access; `loss` is the id of the event that told of it.

// Documents with keys of an epoch before `epoch` are to be destroyed, or with `sealed` to wait.
absl::Status CondemnDocuments(storage::Transaction& tx, absl::string_view account, int64_t epoch,
                              absl::string_view loss, bool sealed);
// How many that would be.
absl::StatusOr<int64_t> CountDocumentsBefore(storage::Transaction& tx, absl::string_view account,
                                             int64_t epoch);
// Sealed documents with keys of an epoch before `epoch` are to be destroyed.
absl::Status CondemnSealedDocuments(storage::Transaction& tx, absl::string_view account,
                                    int64_t epoch);
// Sealed documents come back.
absl::Status UnsealDocuments(storage::Transaction& tx, absl::string_view account);
// At most `limit` documents that a loss condemned, and how they go for good.
absl::StatusOr<std::vector<StoredDocument>> CondemnedDocuments(storage::Transaction& tx,
                                                               absl::string_view loss, int limit);
absl::Status EraseCondemnedDocument(storage::Transaction& tx, absl::string_view blob);

// Blobs that no row needs any more.
absl::Status AddGarbage(storage::Transaction& tx, absl::string_view blob);
absl::StatusOr<std::vector<std::string>> Garbage(storage::Transaction& tx, int limit);
absl::Status ForgetGarbage(storage::Transaction& tx, absl::string_view blob);

// Whether a document, a model or the garbage has this blob.
absl::StatusOr<bool> BlobIsKnown(storage::Transaction& tx, absl::string_view blob);
// The blobs of all documents and models after `after`, in order, at most `limit`.
absl::StatusOr<std::vector<std::string>> BlobsInUse(storage::Transaction& tx,
                                                    absl::string_view after, int limit);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_STORE_H_
