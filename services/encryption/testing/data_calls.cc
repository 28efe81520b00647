#include "services/encryption/testing/data_calls.h"

#include <algorithm>
#include <utility>

#include "common/server/call_context.h"
#include "common/status/error_details.h"

namespace keyward::encryption::testing {
namespace {

server::CallContext NewCall() {
  server::CallContext call;
  call.caller.principal = "spiffe://keyward.local/service/model_deployment";
  call.correlation_id = "test-call";
  return call;
}

void SetTarget(const Target& target, auto& request) {
  request.set_account(target.account);
  request.set_scope(target.scope);
  request.set_object(target.object);
}

// Adds the first message and the chunks, each set by `set`.
template <typename Client, typename Set>
void Fill(Client& client, const Target& target, absl::string_view bytes, size_t chunk, Set set) {
  SetTarget(target, *client.sends.emplace_back().mutable_start());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(chunk, bytes.size()))) {
    set(client.sends.emplace_back(), std::string(bytes.substr(0, chunk)));
  }
}

}  // namespace

EncryptingClient Encrypting(const Target& target, absl::string_view plaintext, size_t chunk) {
  EncryptingClient client;
  Fill(client, target, plaintext, chunk,
       [](auto& message, std::string bytes) { message.set_plaintext(std::move(bytes)); });
  return client;
}

DecryptingClient Decrypting(const Target& target, absl::string_view ciphertext, size_t chunk) {
  DecryptingClient client;
  Fill(client, target, ciphertext, chunk,
       [](auto& message, std::string bytes) { message.set_ciphertext(std::move(bytes)); });
  return client;
}

std::string Received(const EncryptingClient& client) {
  std::string all;
  for (const auto& message : client.taken) all += message.ciphertext();
  return all;
}

std::string Received(const DecryptingClient& client) {
  std::string all;
  for (const auto& message : client.taken) all += message.plaintext();
  return all;
}

size_t ReceivedSize(const EncryptingClient& client) {
  size_t size = 0;
  for (const auto& message : client.taken) size += message.ciphertext().size();
  return size;
}

size_t ReceivedSize(const DecryptingClient& client) {
  size_t size = 0;
  for (const auto& message : client.taken) size += message.plaintext().size();
  return size;
}

Decrypted DecryptAlone(EncryptionCore& core, const Target& target, const std::string& ciphertext) {
  v1::DecryptRequest request;
  SetTarget(target, request);
  request.set_ciphertext(ciphertext);
  const auto answer = core.data().Decrypt(NewCall(), request);
  if (!answer.ok()) return {answer.status(), ""};
  return {absl::OkStatus(), answer->plaintext()};
}

Decrypted DecryptInBatch(EncryptionCore& core, const Target& target,
                         const std::string& ciphertext) {
  v1::BatchDecryptRequest request;
  request.set_account(target.account);
  request.set_scope(target.scope);
  auto& item = *request.add_items();
  item.set_object(target.object);
  item.set_ciphertext(ciphertext);
  const auto answer = core.batches().Decrypt(NewCall(), request);
  if (!answer.ok()) return {answer.status(), ""};
  const auto& result = answer->results(0);
  return {result.has_error() ? ToStatus(result.error()) : absl::OkStatus(),
          result.response().plaintext()};
}

Decrypted DecryptAsStream(EncryptionCore& core, const Target& target, const std::string& ciphertext,
                          size_t chunk) {
  DecryptingClient client = Decrypting(target, ciphertext, chunk);
  const absl::Status status = core.streams().Decrypt(NewCall(), client);
  return {status, Received(client)};
}

absl::Status ToStatus(const google::rpc::Status& error) {
  absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
  google::rpc::Status details;
  *details.mutable_details() = error.details();
  SetErrorDetails(status, details);
  return status;
}

}  // namespace keyward::encryption::testing
