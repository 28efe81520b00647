#ifndef KEYWARD_SERVICES_KEY_VAULT_CIPHER_OPERATIONS_H_
#define KEYWARD_SERVICES_KEY_VAULT_CIPHER_OPERATIONS_H_

#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"
#include "common/integrity/checksums.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/algorithms.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/message_limit.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// What Encrypt and WrapKey, Decrypt and UnwrapKey have in common: all but the names of their
// messages and what they ask of the key. Thread-safe.
class CipherOperations {
 public:
  explicit CipherOperations(storage::Database& database) : limit_(database) {}

  // Answers a request that encrypts.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Encrypt(const Request& request, KeyOperation operation, KeyFinder find);

  // Answers a request that decrypts. CIPHERTEXT_INVALID for every cryptographic failure.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Decrypt(const Request& request, KeyOperation operation, KeyFinder find);

  // The ciphertext; what the cipher minds about the size of the plaintext is told for
  // `plaintext_field`. The cipher suits the key.
  absl::StatusOr<std::string> Seal(const UsableKey& usable, Cipher cipher,
                                   absl::string_view plaintext_field, absl::string_view plaintext,
                                   absl::string_view associated_data);
  // The plaintext, or CIPHERTEXT_INVALID.
  static absl::StatusOr<crypto::SecretBytes> Open(const UsableKey& usable, Cipher cipher,
                                                  absl::string_view ciphertext,
                                                  absl::string_view associated_data);

  // Notes what is wrong with the fields that every request on a key has, whatever the key.
  static void CheckFields(const std::string& name, bool algorithm_is_set,
                          const char* example_algorithm, const std::string& bytes_field,
                          const std::string& bytes, FieldErrors& errors);
  // Notes associated data that are too long or that no algorithm takes.
  static void CheckAssociatedData(bool taken, const std::string& associated_data,
                                  FieldErrors& errors);

 private:
  template <typename Request>
  static absl::Status CheckRequest(const Request& request, const std::string& bytes_field,
                                   const std::string& bytes);
  template <typename Request>
  static absl::StatusOr<UsableKey> FindSuitable(const Request& request, KeyOperation operation,
                                                KeyFinder find);

  MessageLimit limit_;
};

template <typename Response, typename Request>
absl::StatusOr<Response> CipherOperations::Encrypt(const Request& request, KeyOperation operation,
                                                   KeyFinder find) {
  const std::string& data = request.additional_authenticated_data();
  KW_RETURN_IF_ERROR(integrity::CheckChecksums(
      {{"plaintext", request.plaintext(), request.has_plaintext_crc32c(),
        request.plaintext_crc32c()},
       {"additional_authenticated_data", data, request.has_additional_authenticated_data_crc32c(),
        request.additional_authenticated_data_crc32c()}}));
  KW_RETURN_IF_ERROR(CheckRequest(request, "plaintext", request.plaintext()));
  KW_ASSIGN_OR_RETURN(const UsableKey usable, FindSuitable(request, operation, find));
  Response answer;
  KW_ASSIGN_OR_RETURN(*answer.mutable_ciphertext(), Seal(usable, *MeaningOf(request.algorithm()),
                                                         "plaintext", request.plaintext(), data));
  answer.set_key_version(usable.version.ToString());
  integrity::SetChecksum(answer.ciphertext(), *answer.mutable_ciphertext_crc32c());
  answer.set_verified_plaintext_crc32c(request.has_plaintext_crc32c());
  answer.set_verified_additional_authenticated_data_crc32c(
      request.has_additional_authenticated_data_crc32c());
  return answer;
}

template <typename Response, typename Request>
absl::StatusOr<Response> CipherOperations::Decrypt(const Request& request, KeyOperation operation,
                                                   KeyFinder find) {
  const std::string& data = request.additional_authenticated_data();
  KW_RETURN_IF_ERROR(integrity::CheckChecksums(
      {{"ciphertext", request.ciphertext(), request.has_ciphertext_crc32c(),
        request.ciphertext_crc32c()},
       {"additional_authenticated_data", data, request.has_additional_authenticated_data_crc32c(),
        request.additional_authenticated_data_crc32c()}}));
  KW_RETURN_IF_ERROR(CheckRequest(request, "ciphertext", request.ciphertext()));
  KW_ASSIGN_OR_RETURN(const UsableKey usable, FindSuitable(request, operation, find));
  KW_ASSIGN_OR_RETURN(const crypto::SecretBytes plaintext,
                      Open(usable, *MeaningOf(request.algorithm()), request.ciphertext(), data));
  Response answer;
  answer.set_plaintext(std::string(plaintext.ExposeSecret()));
  answer.set_key_version(usable.version.ToString());
  integrity::SetChecksum(plaintext.ExposeSecret(), *answer.mutable_plaintext_crc32c());
  answer.set_verified_ciphertext_crc32c(request.has_ciphertext_crc32c());
  answer.set_verified_additional_authenticated_data_crc32c(
      request.has_additional_authenticated_data_crc32c());
  return answer;
}

template <typename Request>
absl::Status CipherOperations::CheckRequest(const Request& request, const std::string& bytes_field,
                                            const std::string& bytes) {
  const auto cipher = MeaningOf(request.algorithm());
  FieldErrors errors;
  CheckFields(request.name(), cipher.has_value(),
              std::is_same_v<decltype(request.algorithm()), keyvault::v1::WrapAlgorithm>
                  ? "WRAP_ALGORITHM_RSA_OAEP_256"
                  : "ENCRYPTION_ALGORITHM_RSA_OAEP_256",
              bytes_field, bytes, errors);
  CheckAssociatedData(!cipher.has_value() || TakesAssociatedData(*cipher),
                      request.additional_authenticated_data(), errors);
  return errors.ToStatus();
}

template <typename Request>
absl::StatusOr<UsableKey> CipherOperations::FindSuitable(const Request& request,
                                                         KeyOperation operation, KeyFinder find) {
  KW_ASSIGN_OR_RETURN(UsableKey usable, find(request.name(), operation));
  KW_RETURN_IF_ERROR(CheckSuitable(usable, request.algorithm()));
  return usable;
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CIPHER_OPERATIONS_H_
