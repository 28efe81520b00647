#include "services/key_vault/signature_handler.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/integrity/checksums.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/algorithms.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// Notes what is wrong with what both requests have, whatever the key.
void CheckRequest(const std::string& name, v1::SignatureAlgorithm algorithm,
                  const std::string& digest, FieldErrors& errors) {
  errors.Take("name", KeyReference::Parse(name));
  const std::optional<SignatureScheme> scheme = MeaningOf(algorithm);
  if (!scheme.has_value()) {
    errors.Add("algorithm", "must be set, such as to SIGNATURE_ALGORITHM_ES256");
  } else if (const size_t size = crypto::DigestSize(scheme->hash); digest.size() != size) {
    errors.Add("digest", absl::StrCat("has ", digest.size(), " bytes; a digest by the hash of ",
                                      v1::SignatureAlgorithm_Name(algorithm), " has ", size));
  }
}

}  // namespace

absl::StatusOr<v1::SignResponse> SignatureHandler::Sign(const server::CallContext& call,
                                                        const v1::SignRequest& request) {
  KW_RETURN_IF_ERROR(integrity::CheckChecksums(
      {{"digest", request.digest(), request.has_digest_crc32c(), request.digest_crc32c()}}));
  FieldErrors errors;
  CheckRequest(request.name(), request.algorithm(), request.digest(), errors);
  KW_RETURN_IF_ERROR(errors.ToStatus());
  KW_ASSIGN_OR_RETURN(const UsableKey usable,
                      keys_.Find(call, request.name(), KeyOperation::kSign));
  KW_RETURN_IF_ERROR(CheckSuitable(usable, request.algorithm()));
  v1::SignResponse answer;
  KW_ASSIGN_OR_RETURN(*answer.mutable_signature(),
                      usable.key->Sign(*MeaningOf(request.algorithm()), request.digest()));
  answer.set_key_version(usable.version.ToString());
  integrity::SetChecksum(answer.signature(), *answer.mutable_signature_crc32c());
  answer.set_verified_digest_crc32c(request.has_digest_crc32c());
  return answer;
}

absl::StatusOr<v1::VerifyResponse> SignatureHandler::Verify(const server::CallContext& call,
                                                            const v1::VerifyRequest& request) {
  KW_RETURN_IF_ERROR(integrity::CheckChecksums(
      {{"digest", request.digest(), request.has_digest_crc32c(), request.digest_crc32c()},
       {"signature", request.signature(), request.has_signature_crc32c(),
        request.signature_crc32c()}}));
  FieldErrors errors;
  CheckRequest(request.name(), request.algorithm(), request.digest(), errors);
  if (request.signature().empty()) errors.Add("signature", "must not be empty");
  KW_RETURN_IF_ERROR(errors.ToStatus());
  KW_ASSIGN_OR_RETURN(const UsableKey usable,
                      keys_.Find(call, request.name(), KeyOperation::kVerify));
  KW_RETURN_IF_ERROR(CheckSuitable(usable, request.algorithm()));
  v1::VerifyResponse answer;
  answer.set_valid(
      usable.key->Verify(*MeaningOf(request.algorithm()), request.digest(), request.signature()));
  answer.set_key_version(usable.version.ToString());
  answer.set_verified_digest_crc32c(request.has_digest_crc32c());
  answer.set_verified_signature_crc32c(request.has_signature_crc32c());
  call.Note("valid", answer.valid() ? "true" : "false");
  return answer;
}

}  // namespace keyward::key_vault
