#include "services/key_vault/cipher_operations.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace keyward::key_vault {
namespace {

constexpr size_t kMaxAssociatedData = 64 << 10;

// What the cipher minds about the size of a plaintext; empty if nothing.
std::string SizeProblem(const KeyMaterial& key, Cipher cipher, size_t size) {
  if (const size_t most = key.MaxPlaintext(cipher); size > most) {
    return absl::StrCat("is longer than this key encrypts with this algorithm: ", most,
                        " bytes at most");
  }
  if (cipher == Cipher::kAesKw && (size < 16 || size % 8 != 0)) {
    return "must have a multiple of 8 bytes, 16 at least, with A256_KW; A256_KWP wraps any size";
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> CipherOperations::Seal(const UsableKey& usable, Cipher cipher,
                                                   absl::string_view plaintext_field,
                                                   absl::string_view plaintext,
                                                   absl::string_view associated_data) {
  if (const std::string problem = SizeProblem(*usable.key, cipher, plaintext.size());
      !problem.empty()) {
    return InvalidField(plaintext_field, problem);
  }
  if (cipher == Cipher::kAesGcm) {
    KW_RETURN_IF_ERROR(limit_.Count(usable.version, *usable.key->message_budget()));
  }
  return usable.key->Encrypt(cipher, plaintext, associated_data);
}

absl::StatusOr<crypto::SecretBytes> CipherOperations::Open(const UsableKey& usable, Cipher cipher,
                                                           absl::string_view ciphertext,
                                                           absl::string_view associated_data) {
  absl::StatusOr<crypto::SecretBytes> plaintext =
      usable.key->Decrypt(cipher, ciphertext, associated_data);
  // A fault of its token, or of this server, says nothing about the ciphertext.
  if (absl::IsInvalidArgument(plaintext.status())) return CiphertextInvalid();
  return plaintext;
}

void CipherOperations::CheckFields(const std::string& name, bool algorithm_is_set,
                                   const char* example_algorithm, const std::string& bytes_field,
                                   const std::string& bytes, FieldErrors& errors) {
  errors.Take("name", KeyReference::Parse(name));
  if (!algorithm_is_set) {
    errors.Add("algorithm", absl::StrCat("must be set, such as to ", example_algorithm));
  }
  if (bytes.empty()) errors.Add(bytes_field, "must not be empty");
}

void CipherOperations::CheckAssociatedData(bool taken, const std::string& associated_data,
                                           FieldErrors& errors) {
  constexpr char kField[] = "additional_authenticated_data";
  if (!taken && !associated_data.empty()) {
    errors.Add(kField, "must be empty: only A256_GCM authenticates such data");
  }
  if (associated_data.size() > kMaxAssociatedData) {
    errors.Add(kField, absl::StrCat("is longer than ", kMaxAssociatedData, " bytes"));
  }
}

}  // namespace keyward::key_vault
