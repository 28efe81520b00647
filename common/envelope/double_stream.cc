#include "common/envelope/double_stream.h"

#include <cstring>

#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

absl::Status AnotherObject() {
  return absl::InvalidArgumentError("the header is that of another object");
}

}  // namespace

uint64_t StoredSize(const ObjectHeader& header, uint64_t plaintext_size) {
  return header.bytes().size() + TinkCiphertextSize(TinkCiphertextSize(plaintext_size));
}

absl::StatusOr<ObjectEncryptor> ObjectEncryptor::Create(const ObjectHeader& header,
                                                        const DataKeys& keys) {
  const std::string associated_data = AssociatedData(header.id());
  KW_ASSIGN_OR_RETURN(auto inner, StreamEncryptor::Create(keys.inner, associated_data));
  KW_ASSIGN_OR_RETURN(auto outer, StreamEncryptor::Create(keys.outer, associated_data));
  return ObjectEncryptor(header.bytes(), std::move(inner), std::move(outer));
}

absl::Status ObjectEncryptor::EmitHeader(Sink sink) {
  if (!header_emitted_.has_value()) header_emitted_ = sink(header_);
  return *header_emitted_;
}

absl::Status ObjectEncryptor::Update(absl::string_view plaintext, Sink sink) {
  KW_RETURN_IF_ERROR(EmitHeader(sink));
  return inner_.Update(plaintext,
                       [&](absl::string_view layer) { return outer_.Update(layer, sink); });
}

absl::Status ObjectEncryptor::Finish(Sink sink) {
  KW_RETURN_IF_ERROR(EmitHeader(sink));
  KW_RETURN_IF_ERROR(
      inner_.Finish([&](absl::string_view layer) { return outer_.Update(layer, sink); }));
  return outer_.Finish(sink);
}

absl::StatusOr<ObjectDecryptor> ObjectDecryptor::Create(const ObjectHeader& header,
                                                        const ObjectId& id, const DataKeys& keys) {
  if (header.id() != id) return AnotherObject();
  const std::string associated_data = AssociatedData(id);
  return ObjectDecryptor(StreamDecryptor(keys.inner, associated_data),
                         StreamDecryptor(keys.outer, associated_data));
}

absl::Status ObjectDecryptor::Update(absl::string_view ciphertext, Sink sink) {
  return outer_.Update(ciphertext,
                       [&](absl::string_view layer) { return inner_.Update(layer, sink); });
}

absl::Status ObjectDecryptor::Finish(Sink sink) {
  KW_RETURN_IF_ERROR(
      outer_.Finish([&](absl::string_view layer) { return inner_.Update(layer, sink); }));
  return inner_.Finish(sink);
}

absl::StatusOr<std::string> EncryptSmall(const ObjectHeader& header, const DataKeys& keys,
                                         absl::string_view plaintext) {
  KW_ASSIGN_OR_RETURN(auto encryptor, ObjectEncryptor::Create(header, keys));
  std::string stored;
  stored.reserve(StoredSize(header, plaintext.size()));
  const auto append = [&stored](absl::string_view bytes) {
    stored.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  };
  KW_RETURN_IF_ERROR(encryptor.Update(plaintext, append));
  KW_RETURN_IF_ERROR(encryptor.Finish(append));
  return stored;
}

absl::StatusOr<SplitObject> SplitStored(absl::string_view stored) {
  KW_ASSIGN_OR_RETURN(const size_t size, ObjectHeader::SizeFromPrefix(stored));
  KW_ASSIGN_OR_RETURN(auto header, ObjectHeader::Parse(stored.substr(0, size)));
  return SplitObject{std::move(header), stored.substr(size)};
}

absl::StatusOr<crypto::SecretBytes> DecryptSmall(const ObjectHeader& header, const ObjectId& id,
                                                 const DataKeys& keys, absl::string_view body) {
  KW_ASSIGN_OR_RETURN(auto decryptor, ObjectDecryptor::Create(header, id, keys));
  // The plaintext is never longer than what holds it.
  auto plaintext = crypto::SecretBytes::Zeroed(body.size());
  size_t size = 0;
  const auto append = [&](absl::string_view bytes) {
    std::memcpy(plaintext.MutableSecret().data() + size, bytes.data(), bytes.size());
    size += bytes.size();
    return absl::OkStatus();
  };
  KW_RETURN_IF_ERROR(decryptor.Update(body, append));
  KW_RETURN_IF_ERROR(decryptor.Finish(append));
  plaintext.Truncate(size);
  return plaintext;
}

}  // namespace keyward::envelope
