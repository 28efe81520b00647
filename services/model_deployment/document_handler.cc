#include "services/model_deployment/document_handler.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/encoding/hex.h"
#include "common/status/error.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "common/storage/page_token.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/document_parser.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/timestamps.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Document;
using Start = deployment::v1::UploadDocumentRequest::Start;

constexpr size_t kSha256HexSize = 64;

CallOrigin OriginOf(const server::CallContext& call) {
  return {call.correlation_id, call.deadline};
}

void CheckStart(const Start& start, FieldErrors& errors) {
  errors.Check(CheckId("start.document_id", start.document_id()));
  const Document& document = start.document();
  if (document.type() == deployment::v1::DOCUMENT_TYPE_UNSPECIFIED) {
    errors.Add("start.document.type", "is required, such as DOCUMENT_TYPE_TRAINING");
  }
  if (document.format() == deployment::v1::DOCUMENT_FORMAT_UNSPECIFIED) {
    errors.Add("start.document.format", "is required, such as DOCUMENT_FORMAT_TMX");
  }
  errors.Check(CheckLanguage("start.document.source_language", document.source_language()));
  errors.Check(CheckLanguage("start.document.target_language", document.target_language()));
  if (!document.source_language().empty() &&
      document.source_language() == document.target_language()) {
    errors.Add("start.document.target_language", "must differ from source_language");
  }
  if (start.size_bytes() <= 0) {
    errors.Add("start.size_bytes", "is required: how many bytes will follow");
  }
  if (!start.sha256().empty() &&
      (start.sha256().size() != kSha256HexSize || !HexToBytes(start.sha256()).has_value())) {
    errors.Add("start.sha256", "must be 64 hexadecimal digits");
  }
}

// Reads all pieces through the hash and the parser into the writer; fills in what is known of the
// document then.
absl::Status Receive(const Start& start, ChunkSource next, const AccessPass& pass,
                     ObjectWriter& writer, Document& document) {
  int64_t pairs = 0;
  KW_ASSIGN_OR_RETURN(
      std::unique_ptr<DocumentParser> parser,
      MakeDocumentParser(document.format(),
                         {document.source_language(), document.target_language()},
                         [&pairs](absl::string_view, absl::string_view) { ++pairs; }));
  crypto::Hasher hasher;
  int64_t received = 0;
  while (true) {
    KW_ASSIGN_OR_RETURN(std::optional<std::string> chunk, next());
    if (!chunk.has_value()) break;
    KW_RETURN_IF_ERROR(pass.Confirm());
    received += static_cast<int64_t>(chunk->size());
    if (received > start.size_bytes()) return UploadOverrun(start.size_bytes());
    hasher.Update(*chunk);
    KW_RETURN_IF_ERROR(parser->Feed(*chunk));
    KW_RETURN_IF_ERROR(writer.Append(*chunk));
  }
  if (received != start.size_bytes()) return UploadTruncated(start.size_bytes(), received);
  std::string sha256 = absl::BytesToHexString(hasher.Finish());
  if (!start.sha256().empty() && absl::AsciiStrToLower(start.sha256()) != sha256) {
    return ChecksumMismatch(start.sha256(), sha256);
  }
  KW_RETURN_IF_ERROR(parser->Finish());
  document.set_size_bytes(received);
  document.set_sha256(sha256);
  document.set_pair_count(pairs);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Document> DocumentHandler::Upload(const server::CallContext& call,
                                                 const Start& start, ChunkSource next) {
  absl::StatusOr<WorkspaceName> parent = WorkspaceName::Parse("start.parent", start.parent());
  FieldErrors errors;
  errors.Check(parent.status());
  CheckStart(start, errors);
  KW_RETURN_IF_ERROR(errors.ToStatus());
  if (start.size_bytes() > options_.largest_document) {
    return DocumentTooLarge(options_.largest_document);
  }
  StoredDocument stored;
  Document& document = stored.document;
  document = start.document();
  document.set_name(absl::StrCat(start.parent(), "/documents/", start.document_id()));
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(GetWorkspace(tx, parent->ToString()).status());
    absl::Status status = GetDocument(tx, document.name()).status();
    if (status.ok()) return DocumentExists(document.name());
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }));
  KW_ASSIGN_OR_RETURN(AccessPass pass, gates_.Enter(parent->account()));
  KW_ASSIGN_OR_RETURN(
      std::unique_ptr<ObjectWriter> writer,
      vault_.Create(OriginOf(call), {parent->account(), kUploadsScope, document.name()}));
  KW_RETURN_IF_ERROR(Receive(start, next, pass, *writer, document));
  KW_RETURN_IF_ERROR(writer->Publish());
  stored.blob = writer->blob();
  stored.ciphertext_sha256 = writer->ciphertext_sha256();
  stored.epoch = writer->access_epoch();
  *document.mutable_create_time() = ToProto(clock_.Now());
  KW_FAULT_POINT("upload.before_commit");
  absl::Status status = Commit(parent->account(), stored);
  // Whether an interrupted commit happened nobody knows: the blob stays, and a sweep decides.
  if (status.ok() || ErrorReason(status) == "DEPENDENCY_UNAVAILABLE") writer->Keep();
  KW_RETURN_IF_ERROR(status);
  KW_FAULT_POINT("upload.after_commit");
  usage_.ChangedNow(OriginOf(call), parent->account());
  call.Note("created", document.name());
  return document;
}

absl::Status DocumentHandler::Commit(const std::string& account, const StoredDocument& stored) {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Account> known, FindAccount(tx, account));
    if (!known.has_value()) return AccountUnknown(account);
    if (known->verdict == encryption::v1::VERDICT_DENIED) {
      return AccessDenied(account, known->denial, known->message);
    }
    // Access was lost meanwhile, and is back: the keys of this upload are gone, but another one
    // will do.
    if (known->epoch != stored.epoch) return AccessUnverified(account);
    return InsertDocument(tx, stored);
  });
}

absl::Status DocumentHandler::Download(const server::CallContext& call,
                                       const deployment::v1::DownloadDocumentRequest& request,
                                       ChunkSink sink) {
  KW_ASSIGN_OR_RETURN(DocumentName name, DocumentName::Parse("name", request.name()));
  KW_ASSIGN_OR_RETURN(AccessPass pass, gates_.Enter(name.account()));
  StoredDocument stored;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, GetDocument(tx, name.ToString()));
    return absl::OkStatus();
  }));
  absl::Status status =
      vault_.Read(OriginOf(call), {name.account(), kUploadsScope, name.ToString()}, stored.blob,
                  [&](absl::string_view bytes) -> absl::Status {
                    KW_RETURN_IF_ERROR(pass.Confirm());
                    return sink(bytes);
                  });
  // A blob that a loss took away under our hands is no alteration.
  if (absl::IsDataLoss(status)) KW_RETURN_IF_ERROR(pass.Confirm());
  return status;
}

absl::StatusOr<Document> DocumentHandler::Get(const deployment::v1::GetDocumentRequest& request) {
  KW_ASSIGN_OR_RETURN(DocumentName name, DocumentName::Parse("name", request.name()));
  absl::StatusOr<AccessPass> pass = gates_.Enter(name.account());
  if (ErrorReason(pass.status()) == "ACCOUNT_UNKNOWN") return DocumentNotFound(name.ToString());
  if (!pass.ok()) return pass.status();
  StoredDocument stored;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, GetDocument(tx, name.ToString()));
    return absl::OkStatus();
  }));
  KW_RETURN_IF_ERROR(pass->Confirm());
  return stored.document;
}

absl::StatusOr<deployment::v1::ListDocumentsResponse> DocumentHandler::List(
    const deployment::v1::ListDocumentsRequest& request) {
  KW_ASSIGN_OR_RETURN(WorkspaceName parent, WorkspaceName::Parse("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(storage::Page page, storage::ParsePage(request));
  deployment::v1::ListDocumentsResponse response;
  if (gates_.Denied(parent.account())) return response;
  std::vector<Document> documents;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(documents, ListDocuments(tx, parent.ToString(), page));
    return absl::OkStatus();
  }));
  if (gates_.Denied(parent.account())) return response;
  response.set_next_page_token(
      storage::CutPage(request, page, documents, [](const Document& last) { return last.name(); }));
  for (Document& document : documents) *response.add_documents() = std::move(document);
  return response;
}

absl::StatusOr<deployment::v1::DeleteDocumentResponse> DocumentHandler::Delete(
    const server::CallContext& call, const deployment::v1::DeleteDocumentRequest& request) {
  KW_ASSIGN_OR_RETURN(DocumentName name, DocumentName::Parse("name", request.name()));
  std::string blob;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(blob, DeleteDocument(tx, name.ToString()));
    return absl::OkStatus();
  }));
  KW_FAULT_POINT("delete.after_commit");
  // If one of these fails, the blob is known as garbage and goes with the next destruction.
  if (blobs_.Remove({blob}).ok()) {
    KW_RETURN_IF_ERROR(
        database_.Write([&](storage::Transaction& tx) { return ForgetGarbage(tx, blob); }));
  }
  usage_.ChangedNow(OriginOf(call), name.account());
  return deployment::v1::DeleteDocumentResponse();
}

}  // namespace keyward::model_deployment
