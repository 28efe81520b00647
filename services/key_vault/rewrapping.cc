#include "services/key_vault/rewrapping.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/integrity/checksums.h"
#include "common/status/status_macros.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

v1::WrapAlgorithm TargetAlgorithm(const v1::RewrapKeyRequest& request) {
  return request.target_algorithm() == v1::WRAP_ALGORITHM_UNSPECIFIED ? request.algorithm()
                                                                      : request.target_algorithm();
}

bool TakesAssociatedData(v1::WrapAlgorithm algorithm) {
  const std::optional<Cipher> cipher = MeaningOf(algorithm);
  return !cipher.has_value() || TakesAssociatedData(*cipher);
}

// The name of the target: the one given, or the key that the source belongs to.
absl::StatusOr<std::string> CheckRequest(const v1::RewrapKeyRequest& request) {
  FieldErrors errors;
  CipherOperations::CheckFields(request.name(), MeaningOf(request.algorithm()).has_value(),
                                "WRAP_ALGORITHM_RSA_OAEP_256", "ciphertext", request.ciphertext(),
                                errors);
  CipherOperations::CheckAssociatedData(
      TakesAssociatedData(request.algorithm()) || TakesAssociatedData(TargetAlgorithm(request)),
      request.additional_authenticated_data(), errors);
  const absl::StatusOr<KeyReference> source = KeyReference::Parse(request.name());
  if (!request.target().empty()) {
    const auto target = errors.Take("target", KeyReference::Parse(request.target()));
    if (target.has_value() && source.ok() && target->key.vault() != source->key.vault()) {
      errors.Add("target",
                 absl::StrCat("must be in the same vault, ", source->key.vault().ToString()));
    }
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return request.target().empty() ? source->key.ToString() : request.target();
}

// The associated data, for an algorithm that takes them.
absl::string_view DataFor(v1::WrapAlgorithm algorithm, const v1::RewrapKeyRequest& request) {
  return TakesAssociatedData(algorithm) ? absl::string_view(request.additional_authenticated_data())
                                        : absl::string_view();
}

}  // namespace

absl::StatusOr<v1::RewrapKeyResponse> Rewrap(CipherOperations& ciphers,
                                             const v1::RewrapKeyRequest& request,
                                             KeyFinder find_source, KeyFinder find_target) {
  KW_RETURN_IF_ERROR(integrity::CheckChecksums(
      {{"ciphertext", request.ciphertext(), request.has_ciphertext_crc32c(),
        request.ciphertext_crc32c()},
       {"additional_authenticated_data", request.additional_authenticated_data(),
        request.has_additional_authenticated_data_crc32c(),
        request.additional_authenticated_data_crc32c()}}));
  KW_ASSIGN_OR_RETURN(const std::string target_name, CheckRequest(request));
  const v1::WrapAlgorithm target_algorithm = TargetAlgorithm(request);
  KW_ASSIGN_OR_RETURN(const UsableKey source,
                      find_source(request.name(), KeyOperation::kUnwrapKey));
  KW_ASSIGN_OR_RETURN(const UsableKey target, find_target(target_name, KeyOperation::kWrapKey));
  KW_RETURN_IF_ERROR(CheckSuitable(source, request.algorithm()));
  KW_RETURN_IF_ERROR(CheckSuitable(target, target_algorithm));
  KW_ASSIGN_OR_RETURN(
      const crypto::SecretBytes secret,
      CipherOperations::Open(source, *MeaningOf(request.algorithm()), request.ciphertext(),
                             DataFor(request.algorithm(), request)));
  v1::RewrapKeyResponse answer;
  KW_ASSIGN_OR_RETURN(*answer.mutable_ciphertext(),
                      ciphers.Seal(target, *MeaningOf(target_algorithm), "target_algorithm",
                                   secret.ExposeSecret(), DataFor(target_algorithm, request)));
  answer.set_key_version(target.version.ToString());
  answer.set_source_key_version(source.version.ToString());
  integrity::SetChecksum(answer.ciphertext(), *answer.mutable_ciphertext_crc32c());
  answer.set_verified_ciphertext_crc32c(request.has_ciphertext_crc32c());
  answer.set_verified_additional_authenticated_data_crc32c(
      request.has_additional_authenticated_data_crc32c());
  return answer;
}

}  // namespace keyward::key_vault
