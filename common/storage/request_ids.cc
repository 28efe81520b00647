#include "common/storage/request_ids.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/message_hash.h"

namespace keyward::storage {
namespace {

constexpr char kCreateTable[] = R"sql(
CREATE TABLE request_ids (
  principal TEXT NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  response TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  PRIMARY KEY (principal, request_id)
);
CREATE INDEX request_ids_by_create_time ON request_ids (create_time);
)sql";

const google::protobuf::FieldDescriptor* RequestIdField(const google::protobuf::Message& request) {
  return request.GetDescriptor()->FindFieldByName("request_id");
}

std::string RequestId(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field = RequestIdField(request);
  if (field == nullptr) return "";
  return absl::AsciiStrToLower(request.GetReflection()->GetString(request, field));
}

// Of everything but the request id, whose case does not matter.
std::string RequestHash(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  rest->GetReflection()->ClearField(rest.get(), RequestIdField(request));
  return MessageHash(*rest);
}

bool IsUuid(absl::string_view id) {
  if (id.size() != 36) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? id[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(id[i]))) {
      return false;
    }
  }
  return true;
}

absl::Status RequestIdReused(absl::string_view request_id, absl::string_view method) {
  return ErrorBuilder(
             absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
             absl::StrCat("request_id ", request_id, " was used before with another request (a ",
                          method, "); send a new UUID with each new request"))
      .With("request_id", std::string(request_id));
}

struct Key {
  std::string principal;
  std::string request_id;
  std::string method;
  std::string hash;
};

// Whether the request is new. On PostgreSQL a second one under the same id waits here for the
// first.
absl::StatusOr<bool> Claim(Transaction& transaction, const Key& key, absl::Time now) {
  KW_RETURN_IF_ERROR(transaction
                         .Execute("DELETE FROM request_ids WHERE create_time < :before",
                                  {{"before", now - kRequestIdRetention}})
                         .status());
  KW_ASSIGN_OR_RETURN(
      const int64_t inserted,
      transaction.Execute(
          "INSERT INTO request_ids (principal, request_id, method, request_hash, response, "
          "create_time) VALUES (:principal, :request_id, :method, :request_hash, '', :now) "
          "ON CONFLICT DO NOTHING",
          {{"principal", key.principal},
           {"request_id", key.request_id},
           {"method", key.method},
           {"request_hash", Blob(key.hash)},
           {"now", now}}));
  return inserted == 1;
}

absl::Status FirstAnswer(Transaction& transaction, const Key& key,
                         google::protobuf::Message& response) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<Row> row,
      transaction.QueryOne(
          "SELECT method, request_hash, response FROM request_ids "
          "WHERE principal = :principal AND request_id = :request_id",
          {{"principal", std::string(key.principal)}, {"request_id", key.request_id}}));
  if (!row.has_value()) return absl::InternalError("a claimed request_id has no row");
  if (row->GetString(0) != key.method || row->GetBlob(1) != key.hash) {
    return RequestIdReused(key.request_id, row->GetString(0));
  }
  if (!response.ParseFromString(row->GetBlob(2))) {
    return absl::DataLossError("the answer stored for a request_id does not parse");
  }
  return absl::OkStatus();
}

absl::Status StoreAnswer(Transaction& transaction, const Key& key,
                         const google::protobuf::Message& response) {
  return transaction
      .Execute(
          "UPDATE request_ids SET response = :response "
          "WHERE principal = :principal AND request_id = :request_id",
          {{"response", Blob(response.SerializeAsString())},
           {"principal", std::string(key.principal)},
           {"request_id", key.request_id}})
      .status();
}

}  // namespace

Schema RequestIdsSchema() { return {"request_ids", {{1, "request ids", kCreateTable}}}; }

absl::Status IdempotentWriteTo(Database& database, absl::Time now, absl::string_view principal,
                               const google::protobuf::Message& request,
                               google::protobuf::Message& response,
                               absl::FunctionRef<absl::Status(Transaction&)> write) {
  const std::string request_id = RequestId(request);
  if (request_id.empty()) return database.Write(write);
  if (!IsUuid(request_id)) {
    return InvalidField("request_id",
                        "must be a UUID, such as 7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10");
  }
  const Key key = {std::string(principal), request_id, request.GetDescriptor()->full_name(),
                   RequestHash(request)};
  return database.Write([&](Transaction& transaction) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const bool is_new, Claim(transaction, key, now));
    if (!is_new) return FirstAnswer(transaction, key, response);
    KW_RETURN_IF_ERROR(write(transaction));
    return StoreAnswer(transaction, key, response);
  });
}

}  // namespace keyward::storage
