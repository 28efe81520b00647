#include "services/encryption/value_cipher.h"

#include "common/envelope/data_keys.h"
#include "common/envelope/double_stream.h"
#include "common/envelope/object_header.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {

absl::Status ValueCipher::CheckPlaintext(absl::string_view plaintext) {
  if (plaintext.size() <= kLargestPlaintext) return absl::OkStatus();
  return InvalidField("plaintext", "must have at most 1 MiB; larger objects go by EncryptStream");
}

absl::StatusOr<std::string> ValueCipher::Encrypt(const OpenAccount& open,
                                                 const envelope::ObjectId& id,
                                                 absl::string_view plaintext) {
  const envelope::DataKeys keys = envelope::DataKeys::Generate();
  KW_ASSIGN_OR_RETURN(const envelope::ObjectHeader header, keys_.Seal(open, id, keys));
  return envelope::EncryptSmall(header, keys, plaintext);
}

absl::StatusOr<crypto::SecretBytes> ValueCipher::Decrypt(const OpenAccount& open,
                                                         const envelope::ObjectId& id,
                                                         absl::string_view ciphertext) {
  const absl::StatusOr<envelope::SplitObject> stored = envelope::SplitStored(ciphertext);
  if (!stored.ok()) return CiphertextInvalid();
  KW_ASSIGN_OR_RETURN(const envelope::DataKeys keys, keys_.Open(open, id, stored->header));
  absl::StatusOr<crypto::SecretBytes> plaintext =
      envelope::DecryptSmall(stored->header, id, keys, stored->body);
  if (!plaintext.ok()) return CiphertextInvalid();
  return plaintext;
}

std::string CustomerKeyVersion(const OpenAccount& open) {
  return open.account->customer_managed() ? open.account->binding->version : "";
}

}  // namespace keyward::encryption
