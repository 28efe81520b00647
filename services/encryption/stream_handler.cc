#include "services/encryption/stream_handler.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/envelope/double_stream.h"
#include "common/envelope/object_header.h"
#include "common/integrity/checksums.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"
#include "services/encryption/named_object.h"
#include "services/encryption/object_reader.h"
#include "services/encryption/stream_access.h"
#include "services/encryption/stream_session.h"

namespace keyward::encryption {
namespace {

// What the first message says, and the object that it names.
template <typename Start>
struct Beginning {
  Start start;
  NamedObject object;
};

template <typename Request, typename Response>
absl::StatusOr<Beginning<typename Request::Start>> Begin(
    server::MessageStream<Request, Response>& stream) {
  KW_ASSIGN_OR_RETURN(const std::optional<Request> first,
                      stream.Read([] { return absl::OkStatus(); }));
  if (!first.has_value() || !first->has_start()) {
    return InvalidField("start", "is required in the first message");
  }
  const auto& start = first->start();
  KW_ASSIGN_OR_RETURN(NamedObject object,
                      NamedObject::Parse(start.account(), start.scope(), start.object()));
  return Beginning<typename Request::Start>{start, std::move(object)};
}

v1::EncryptStreamResponse Ciphertext(absl::string_view bytes) {
  v1::EncryptStreamResponse response;
  response.set_ciphertext(bytes.data(), bytes.size());
  integrity::SetChecksum(bytes, *response.mutable_ciphertext_crc32c());
  return response;
}

v1::DecryptStreamResponse Plaintext(absl::string_view bytes) {
  v1::DecryptStreamResponse response;
  response.set_plaintext(bytes.data(), bytes.size());
  integrity::SetChecksum(bytes, *response.mutable_plaintext_crc32c());
  return response;
}

}  // namespace

absl::Status StreamHandler::Encrypt(const server::CallContext& call, EncryptStream& stream) {
  KW_ASSIGN_OR_RETURN(const auto beginning, Begin(stream));
  StreamSize size("start.plaintext_size", beginning.start.has_plaintext_size(),
                  beginning.start.plaintext_size());
  StreamAccess access(gate_, keys_, clock_, call, beginning.object);
  std::string key_version;
  std::optional<envelope::ObjectEncryptor> encryptor;
  {
    KW_ASSIGN_OR_RETURN(StreamAccess::NewObject created, access.Create());
    KW_ASSIGN_OR_RETURN(encryptor, envelope::ObjectEncryptor::Create(created.header, created.keys));
    key_version = std::move(created.customer_key_version);
  }
  StreamSession session(stream, access, clock_, options_);
  const auto send = [&](absl::string_view bytes) {
    v1::EncryptStreamResponse response = Ciphertext(bytes);
    response.set_customer_key_version(std::exchange(key_version, ""));
    return session.Write(std::move(response));
  };
  for (;;) {
    KW_ASSIGN_OR_RETURN(const auto message, session.Read());
    if (!message.has_value()) break;
    KW_RETURN_IF_ERROR(integrity::CheckChecksums(
        {{"plaintext", message->plaintext(), message->has_plaintext_crc32c(),
          message->plaintext_crc32c()}}));
    KW_RETURN_IF_ERROR(size.Add("plaintext", message->plaintext().size()));
    KW_RETURN_IF_ERROR(encryptor->Update(message->plaintext(), send));
  }
  KW_RETURN_IF_ERROR(size.CheckWhole());
  KW_RETURN_IF_ERROR(encryptor->Finish(send));
  call.Note("bytes", absl::StrCat(size.counted()));
  return session.Finish();
}

absl::Status StreamHandler::Decrypt(const server::CallContext& call, DecryptStream& stream) {
  KW_ASSIGN_OR_RETURN(const auto beginning, Begin(stream));
  StreamSize size("start.ciphertext_size", beginning.start.has_ciphertext_size(),
                  beginning.start.ciphertext_size());
  StreamAccess access(gate_, keys_, clock_, call, beginning.object);
  KW_RETURN_IF_ERROR(access.Enter());
  StreamSession session(stream, access, clock_, options_);
  ObjectReader reader(access);
  const auto send = [&](absl::string_view bytes) { return session.Write(Plaintext(bytes)); };
  for (;;) {
    KW_ASSIGN_OR_RETURN(const auto message, session.Read());
    if (!message.has_value()) break;
    KW_RETURN_IF_ERROR(integrity::CheckChecksums(
        {{"ciphertext", message->ciphertext(), message->has_ciphertext_crc32c(),
          message->ciphertext_crc32c()}}));
    KW_RETURN_IF_ERROR(size.Add("ciphertext", message->ciphertext().size()));
    KW_RETURN_IF_ERROR(reader.Update(message->ciphertext(), send));
  }
  KW_RETURN_IF_ERROR(size.CheckWhole());
  KW_RETURN_IF_ERROR(reader.Finish(send));
  call.Note("bytes", absl::StrCat(size.counted()));
  return session.Finish();
}

}  // namespace keyward::encryption
