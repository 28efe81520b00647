#include "services/key_vault/cryptography_handler.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/field_errors.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_rules.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// What is wrong with a request whatever the key.
absl::Status CheckRequest(const std::string& name, v1::WrapAlgorithm algorithm,
                          const std::string& bytes_field, const std::string& bytes) {
  FieldErrors errors;
  errors.Take("name", KeyReference::Parse(name));
  if (algorithm == v1::WRAP_ALGORITHM_UNSPECIFIED) {
    errors.Add("algorithm", "must be set, such as to WRAP_ALGORITHM_RSA_OAEP_256");
  }
  if (bytes.empty()) errors.Add(bytes_field, "must not be empty");
  return errors.ToStatus();
}

}  // namespace

absl::StatusOr<v1::WrapKeyResponse> CryptographyHandler::Wrap(const server::CallContext& call,
                                                              const v1::WrapKeyRequest& request) {
  KW_RETURN_IF_ERROR(
      CheckRequest(request.name(), request.algorithm(), "plaintext", request.plaintext()));
  KW_ASSIGN_OR_RETURN(const UsableKey usable,
                      FindUsableKey(call, request.name(), KeyOperation::kWrapKey));
  const size_t most = usable.key->MaxPlaintext(request.algorithm());
  if (request.plaintext().size() > most) {
    return InvalidField("plaintext", absl::StrCat("is longer than this key wraps with this "
                                                  "algorithm: ",
                                                  most, " bytes at most"));
  }
  v1::WrapKeyResponse answer;
  KW_ASSIGN_OR_RETURN(*answer.mutable_ciphertext(),
                      usable.key->Wrap(request.algorithm(), request.plaintext()));
  answer.set_key_version(usable.version.ToString());
  return answer;
}

absl::StatusOr<v1::UnwrapKeyResponse> CryptographyHandler::Unwrap(
    const server::CallContext& call, const v1::UnwrapKeyRequest& request) {
  KW_RETURN_IF_ERROR(
      CheckRequest(request.name(), request.algorithm(), "ciphertext", request.ciphertext()));
  KW_ASSIGN_OR_RETURN(const UsableKey usable,
                      FindUsableKey(call, request.name(), KeyOperation::kUnwrapKey));
  const absl::StatusOr<crypto::SecretBytes> plaintext =
      usable.key->Unwrap(request.algorithm(), request.ciphertext());
  if (absl::IsUnavailable(plaintext.status())) return plaintext.status();
  if (!plaintext.ok()) return CiphertextInvalid();
  v1::UnwrapKeyResponse answer;
  answer.set_plaintext(std::string(plaintext->ExposeSecret()));
  answer.set_key_version(usable.version.ToString());
  return answer;
}

absl::StatusOr<CryptographyHandler::UsableKey> CryptographyHandler::FindUsableKey(
    const server::CallContext& call, const std::string& name, KeyOperation operation) {
  KW_ASSIGN_OR_RETURN(const KeyReference reference, ReadKeyReference("name", name));
  std::optional<KeyAccess> access;
  std::shared_ptr<const KeyMaterial> key;
  std::optional<std::string> sealed;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(access, FindKeyAccess(tx, reference));
    if (!access.has_value() || !access->version.has_value()) return absl::OkStatus();
    key = key_ring_.Find(*access->version);
    if (key != nullptr) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(sealed, FindSealedPrivateKey(tx, *access->version));
    return absl::OkStatus();
  }));
  if (!access.has_value()) return VaultNotFound(reference.key.vault());
  if (!access->key_found) return KeyNotFound(reference.key);
  if (!access->version.has_value()) {
    KW_ASSIGN_OR_RETURN(const KeyVersionName version,
                        KeyVersionName::FromId(reference.key, reference.version));
    return KeyVersionNotFound(version);
  }
  const KeyVersionName& version = *access->version;
  call.Note("key_version", version.ToString());
  const std::vector<Obstacle> obstacles = ObstaclesTo(operation, access->state, clock_.Now());
  if (!obstacles.empty()) {
    if (!access->state.enabled || access->state.key_deleted || access->state.vault_deleted) {
      // Another replica may have taken it away, which this one did not hear of until now.
      key_ring_.Forget(version);
    }
    return OperationRefused(operation, version, access->state, obstacles);
  }
  if (key == nullptr) {
    if (!sealed.has_value()) return KeyVersionNotFound(version);
    KW_ASSIGN_OR_RETURN(key, key_ring_.Open(version, access->key_type, *sealed));
  }
  return UsableKey{version, std::move(key)};
}

}  // namespace keyward::key_vault
