#include "services/model_deployment/document_store.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

// The column `state`. The schema knows 3 too: a name is free again once its document is condemned.
constexpr int64_t kStored = 1;
constexpr int64_t kSealed = 2;
constexpr int64_t kCondemned = 3;

StoredDocument FromRow(const storage::Row& row) {
  StoredDocument stored;
  stored.blob = row.GetString(0);
  deployment::v1::Document& document = stored.document;
  document.set_name(row.GetString(1));
  document.set_type(static_cast<deployment::v1::DocumentType>(row.GetInt64(2)));
  document.set_format(static_cast<deployment::v1::DocumentFormat>(row.GetInt64(3)));
  document.set_source_language(row.GetString(4));
  document.set_target_language(row.GetString(5));
  document.set_size_bytes(row.GetInt64(6));
  document.set_sha256(row.GetString(7));
  stored.ciphertext_sha256 = row.GetString(8);
  document.set_pair_count(row.GetInt64(9));
  *document.mutable_create_time() = ToProto(row.GetTime(10));
  stored.epoch = row.GetInt64(11);
  return stored;
}

absl::StatusOr<std::vector<std::string>> FirstColumn(
    absl::StatusOr<std::vector<storage::Row>> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<std::string> values;
  for (const storage::Row& row : *rows) values.push_back(row.GetString(0));
  return values;
}

}  // namespace

std::string ObjectName(absl::string_view resource, absl::string_view blob) {
  return absl::StrCat(resource, "#", blob);
}

absl::Status InsertDocument(storage::Transaction& tx, const StoredDocument& stored) {
  const deployment::v1::Document& document = stored.document;
  KW_ASSIGN_OR_RETURN(DocumentName name, DocumentName::Parse("name", document.name()));
  absl::Status status =
      tx.Execute(
            "INSERT INTO documents (blob, name, account, workspace, type, format, "
            "source_language, target_language, size_bytes, sha256, ciphertext_sha256, pair_count, "
            "create_time, epoch, state, loss) VALUES (:blob, :name, :account, :workspace, :type, "
            ":format, :source_language, :target_language, :size_bytes, :sha256, "
            ":ciphertext_sha256, :pair_count, :create_time, :epoch, :state, '')",
            {{"blob", stored.blob},
             {"name", document.name()},
             {"account", name.account()},
             {"workspace", name.workspace()},
             {"type", static_cast<int64_t>(document.type())},
             {"format", static_cast<int64_t>(document.format())},
             {"source_language", document.source_language()},
             {"target_language", document.target_language()},
             {"size_bytes", document.size_bytes()},
             {"sha256", document.sha256()},
             {"ciphertext_sha256", stored.ciphertext_sha256},
             {"pair_count", document.pair_count()},
             {"create_time", FromProto(document.create_time())},
             {"epoch", stored.epoch},
             {"state", kStored}})
          .status();
  return absl::IsAlreadyExists(status) ? DocumentExists(document.name()) : status;
}

absl::StatusOr<StoredDocument> GetDocument(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT blob, name, type, format, source_language, target_language, size_bytes, "
                  "sha256, ciphertext_sha256, pair_count, create_time, epoch FROM documents "
                  "WHERE name = :name AND state = 1",
                  {{"name", std::string(name)}}));
  if (!row.has_value()) return DocumentNotFound(name);
  return FromRow(*row);
}

absl::StatusOr<std::vector<deployment::v1::Document>> ListDocuments(storage::Transaction& tx,
                                                                    absl::string_view workspace,
                                                                    const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query("SELECT blob, name, type, format, source_language, target_language, size_bytes, "
               "sha256, ciphertext_sha256, pair_count, create_time, epoch FROM documents "
               "WHERE workspace = :workspace AND state = 1 AND name > :after ORDER BY name "
               "LIMIT :limit",
               {{"workspace", std::string(workspace)},
                {"after", page.after},
                {"limit", page.size + 1}}));
  std::vector<deployment::v1::Document> documents;
  for (const storage::Row& row : rows) documents.push_back(FromRow(row).document);
  return documents;
}

absl::StatusOr<std::string> DeleteDocument(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("DELETE FROM documents WHERE name = :name AND state = 1 RETURNING blob",
                  {{"name", std::string(name)}}));
  if (!row.has_value()) return DocumentNotFound(name);
  KW_RETURN_IF_ERROR(AddGarbage(tx, row->GetString(0)));
  return row->GetString(0);
}

absl::StatusOr<DocumentUsage> UsageOfDocuments(storage::Transaction& tx,
                                               absl::string_view account) {
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> row,
                      tx.QueryOne("SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM documents "
                                  "WHERE account = :account AND state = 1",
                                  {{"account", std::string(account)}}));
  return DocumentUsage{row->GetInt64(0), row->GetInt64(1)};
}

absl::Status CondemnDocuments(storage::Transaction& tx, absl::string_view account, int64_t epoch,
                              absl::string_view loss, bool sealed) {
  return tx
      .Execute(
          "UPDATE documents SET state = :state, loss = :loss "
          "WHERE account = :account AND state = 1 AND epoch < :epoch",
          {{"state", sealed ? kSealed : kCondemned},
           {"loss", std::string(loss)},
           {"account", std::string(account)},
           {"epoch", epoch}})
      .status();
}

absl::StatusOr<int64_t> CountDocumentsBefore(storage::Transaction& tx, absl::string_view account,
                                             int64_t epoch) {
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> row,
                      tx.QueryOne("SELECT COUNT(*) FROM documents "
                                  "WHERE account = :account AND state = 1 AND epoch < :epoch",
                                  {{"account", std::string(account)}, {"epoch", epoch}}));
  return row->GetInt64(0);
}

absl::Status CondemnSealedDocuments(storage::Transaction& tx, absl::string_view account,
                                    int64_t epoch) {
  return tx
      .Execute(
          "UPDATE documents SET state = 3 "
          "WHERE account = :account AND state = 2 AND epoch < :epoch",
          {{"account", std::string(account)}, {"epoch", epoch}})
      .status();
}

absl::Status UnsealDocuments(storage::Transaction& tx, absl::string_view account) {
  return tx
      .Execute("UPDATE documents SET state = 1, loss = '' WHERE account = :account AND state = 2",
               {{"account", std::string(account)}})
      .status();
}

absl::StatusOr<std::vector<StoredDocument>> CondemnedDocuments(storage::Transaction& tx,
                                                               absl::string_view loss, int limit) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query("SELECT blob, name, type, format, source_language, target_language, size_bytes, "
               "sha256, ciphertext_sha256, pair_count, create_time, epoch FROM documents "
               "WHERE loss = :loss AND state = 3 ORDER BY blob LIMIT :limit",
               {{"loss", std::string(loss)}, {"limit", limit}}));
  std::vector<StoredDocument> documents;
  for (const storage::Row& row : rows) documents.push_back(FromRow(row));
  return documents;
}

absl::Status EraseCondemnedDocument(storage::Transaction& tx, absl::string_view blob) {
  return tx
      .Execute("DELETE FROM documents WHERE blob = :blob AND state = 3",
               {{"blob", std::string(blob)}})
      .status();
}

absl::Status AddGarbage(storage::Transaction& tx, absl::string_view blob) {
  return tx
      .Execute("INSERT INTO garbage (blob) VALUES (:blob) ON CONFLICT (blob) DO NOTHING",
               {{"blob", std::string(blob)}})
      .status();
}

absl::StatusOr<std::vector<std::string>> Garbage(storage::Transaction& tx, int limit) {
  return FirstColumn(
      tx.Query("SELECT blob FROM garbage ORDER BY blob LIMIT :limit", {{"limit", limit}}));
}

absl::Status ForgetGarbage(storage::Transaction& tx, absl::string_view blob) {
  return tx.Execute("DELETE FROM garbage WHERE blob = :blob", {{"blob", std::string(blob)}})
      .status();
}

absl::StatusOr<bool> BlobIsKnown(storage::Transaction& tx, absl::string_view blob) {
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> row,
                      tx.QueryOne("SELECT 1 FROM documents WHERE blob = :blob "
                                  "UNION ALL SELECT 1 FROM models WHERE artifact = :blob "
                                  "UNION ALL SELECT 1 FROM garbage WHERE blob = :blob",
                                  {{"blob", std::string(blob)}}));
  return row.has_value();
}

absl::StatusOr<std::vector<std::string>> BlobsInUse(storage::Transaction& tx,
                                                    absl::string_view after, int limit) {
  return FirstColumn(
      tx.Query("SELECT blob FROM (SELECT blob FROM documents WHERE state <> 3 UNION ALL "
               "SELECT artifact AS blob FROM models WHERE artifact <> '') AS used "
               "WHERE blob > :after ORDER BY blob LIMIT :limit",
               {{"after", std::string(after)}, {"limit", limit}}));
}

}  // namespace keyward::model_deployment
