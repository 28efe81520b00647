#include "services/encryption/object_reader.h"

#include <utility>

#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

// Runs `work` with a sink that tells its errors from those of the decryptor.
template <typename Work>
absl::Status Decrypting(envelope::Sink sink, Work work) {
  absl::Status refused;
  const absl::Status status = work([&](absl::string_view bytes) {
    refused = sink(bytes);
    return refused;
  });
  if (!refused.ok()) return refused;
  return status.ok() ? status : CiphertextInvalid();
}

}  // namespace

absl::Status ObjectReader::Update(absl::string_view ciphertext, envelope::Sink sink) {
  std::string rest;
  if (!decryptor_.has_value()) {
    front_.append(ciphertext.data(), ciphertext.size());
    KW_RETURN_IF_ERROR(OpenHeader());
    if (!decryptor_.has_value()) return absl::OkStatus();
    rest = std::exchange(front_, std::string());
    ciphertext = rest;
  }
  return Decrypting(sink, [&](envelope::Sink out) { return decryptor_->Update(ciphertext, out); });
}

absl::Status ObjectReader::OpenHeader() {
  if (front_.size() < envelope::ObjectHeader::kPrefixSize) return absl::OkStatus();
  const absl::StatusOr<size_t> size = envelope::ObjectHeader::SizeFromPrefix(front_);
  if (!size.ok()) return CiphertextInvalid();
  if (front_.size() < *size) return absl::OkStatus();
  const auto header = envelope::ObjectHeader::Parse(absl::string_view(front_).substr(0, *size));
  if (!header.ok()) return CiphertextInvalid();
  KW_ASSIGN_OR_RETURN(const envelope::DataKeys keys, access_.Open(*header));
  auto decryptor = envelope::ObjectDecryptor::Create(*header, access_.id(), keys);
  if (!decryptor.ok()) return CiphertextInvalid();
  decryptor_ = *std::move(decryptor);
  front_.erase(0, *size);
  return absl::OkStatus();
}

absl::Status ObjectReader::Finish(envelope::Sink sink) {
  if (!decryptor_.has_value()) return CiphertextInvalid();
  return Decrypting(sink, [&](envelope::Sink out) { return decryptor_->Finish(out); });
}

}  // namespace keyward::encryption
