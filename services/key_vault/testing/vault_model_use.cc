// VaultModel: the use of keys.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/integrity/crc32c.h"
#include "services/key_vault/testing/model_messages.h"
#include "services/key_vault/testing/outcome.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

bool ProtectsNewData(const std::string& operation) {
  return operation == "encrypt" || operation == "wrapKey" || operation == "sign";
}

std::string AlgorithmName(v1::WrapAlgorithm algorithm) {
  return v1::WrapAlgorithm_Name(algorithm).substr(sizeof("WRAP_ALGORITHM"));
}
std::string AlgorithmName(v1::EncryptionAlgorithm algorithm) {
  return v1::EncryptionAlgorithm_Name(algorithm).substr(sizeof("ENCRYPTION_ALGORITHM"));
}
std::string AlgorithmName(v1::SignatureAlgorithm algorithm) {
  return v1::SignatureAlgorithm_Name(algorithm).substr(sizeof("SIGNATURE_ALGORITHM"));
}

absl::Status CiphertextInvalid() {
  return Refusal(absl::StatusCode::kInvalidArgument, "CIPHERTEXT_INVALID");
}

}  // namespace

absl::StatusOr<VaultModel::Version*> VaultModel::Usable(const std::string& name,
                                                        const std::string& operation) {
  Vault* const vault = Find(name);
  if (vault == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const auto key = vault->keys.find(parts[3]);
  if (key == vault->keys.end()) return Refusal(absl::StatusCode::kNotFound, "KEY_NOT_FOUND");
  Version* const version = VersionOf(key->second, name);
  if (version == nullptr) return Refusal(absl::StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND");
  std::vector<std::string> obstacles;
  if (vault->delete_time) obstacles.push_back("VAULT_DELETED");
  if (key->second.delete_time) obstacles.push_back("KEY_DELETED");
  if (!version->enabled) obstacles.push_back("KEY_DISABLED");
  if (version->operations.count(operation) == 0) obstacles.push_back("OPERATION_NOT_PERMITTED");
  if (ProtectsNewData(operation)) {
    if (version->not_before && clock_.Now() < *version->not_before) {
      obstacles.push_back("KEY_NOT_YET_VALID");
    }
    if (version->expire_time && clock_.Now() >= *version->expire_time) {
      obstacles.push_back("KEY_EXPIRED");
    }
  }
  if (!obstacles.empty()) return Unmet(obstacles);
  return version;
}

absl::Status VaultModel::CheckSuitable(const std::string& name, const std::string& algorithm) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const v1::KeyType type = vaults_.at(parts[1]).keys.at(parts[3]).type;
  const bool suits = type == v1::KEY_TYPE_OCT_256   ? absl::StartsWith(algorithm, "A256_")
                     : type == v1::KEY_TYPE_EC_P256 ? algorithm == "ES256"
                                                    : absl::StartsWith(algorithm, "RSA_") ||
                                                          absl::StartsWith(algorithm, "RS") ||
                                                          absl::StartsWith(algorithm, "PS");
  if (suits) return absl::OkStatus();
  return Refusal(absl::StatusCode::kInvalidArgument, "ALGORITHM_UNSUITABLE");
}

const VaultModel::Made* VaultModel::Open(const Version& version, const std::string& algorithm,
                                         const std::string& associated_data,
                                         const std::string& ciphertext) const {
  for (const Made& made : encrypted_) {
    if (made.made == ciphertext && made.version == version.name && made.algorithm == algorithm &&
        made.associated_data == associated_data) {
      return &made;
    }
  }
  return nullptr;
}

template <typename Response, typename Request>
absl::StatusOr<Response> VaultModel::Encrypt(const Caller& caller, const Request& request,
                                             const std::string& operation,
                                             const std::string& algorithm, const Response* answer) {
  if (Error no = MayUse(caller, request.name(), operation); !no.ok()) return no;
  const absl::StatusOr<Version*> version = Usable(request.name(), operation);
  if (!version.ok()) return version.status();
  if (Error no = CheckSuitable(request.name(), algorithm); !no.ok()) return no;
  Response response;
  response.set_key_version((*version)->name);
  if (answer != nullptr) response.set_ciphertext(answer->ciphertext());
  response.mutable_ciphertext_crc32c()->set_value(integrity::Crc32c(response.ciphertext()));
  response.set_verified_plaintext_crc32c(request.has_plaintext_crc32c());
  encrypted_.push_back({(*version)->name, algorithm, request.plaintext(),
                        request.additional_authenticated_data(), response.ciphertext()});
  return response;
}

template <typename Response, typename Request>
absl::StatusOr<Response> VaultModel::Decrypt(const Caller& caller, const Request& request,
                                             const std::string& operation,
                                             const std::string& algorithm) {
  if (Error no = MayUse(caller, request.name(), operation); !no.ok()) return no;
  const absl::StatusOr<Version*> version = Usable(request.name(), operation);
  if (!version.ok()) return version.status();
  if (Error no = CheckSuitable(request.name(), algorithm); !no.ok()) return no;
  const Made* const made =
      Open(**version, algorithm, request.additional_authenticated_data(), request.ciphertext());
  if (made == nullptr) return CiphertextInvalid();
  Response response;
  response.set_key_version((*version)->name);
  response.set_plaintext(made->secret);
  response.mutable_plaintext_crc32c()->set_value(integrity::Crc32c(made->secret));
  return response;
}

absl::StatusOr<v1::WrapKeyResponse> VaultModel::Call(const Caller& caller,
                                                     const v1::WrapKeyRequest& request,
                                                     const v1::WrapKeyResponse* answer) {
  return Encrypt(caller, request, "wrapKey", AlgorithmName(request.algorithm()), answer);
}

absl::StatusOr<v1::EncryptResponse> VaultModel::Call(const Caller& caller,
                                                     const v1::EncryptRequest& request,
                                                     const v1::EncryptResponse* answer) {
  return Encrypt(caller, request, "encrypt", AlgorithmName(request.algorithm()), answer);
}

absl::StatusOr<v1::UnwrapKeyResponse> VaultModel::Call(const Caller& caller,
                                                       const v1::UnwrapKeyRequest& request,
                                                       const v1::UnwrapKeyResponse*) {
  return Decrypt<v1::UnwrapKeyResponse>(caller, request, "unwrapKey",
                                        AlgorithmName(request.algorithm()));
}

absl::StatusOr<v1::DecryptResponse> VaultModel::Call(const Caller& caller,
                                                     const v1::DecryptRequest& request,
                                                     const v1::DecryptResponse*) {
  return Decrypt<v1::DecryptResponse>(caller, request, "decrypt",
                                      AlgorithmName(request.algorithm()));
}

absl::StatusOr<v1::RewrapKeyResponse> VaultModel::Call(const Caller& caller,
                                                       const v1::RewrapKeyRequest& request,
                                                       const v1::RewrapKeyResponse* answer) {
  if (Error no = MayUse(caller, request.name(), "unwrapKey"); !no.ok()) return no;
  if (Error no = MayUse(caller, request.name(), "wrapKey"); !no.ok()) return no;
  const std::string algorithm = AlgorithmName(request.algorithm());
  const absl::StatusOr<Version*> source = Usable(request.name(), "unwrapKey");
  if (!source.ok()) return source.status();
  const std::string target_name = request.name().substr(0, request.name().find("/versions/"));
  const absl::StatusOr<Version*> target = Usable(target_name, "wrapKey");
  if (!target.ok()) return target.status();
  if (Error no = CheckSuitable(request.name(), algorithm); !no.ok()) return no;
  const std::string& data = request.additional_authenticated_data();
  const Made* const found = Open(**source, algorithm, data, request.ciphertext());
  if (found == nullptr) return CiphertextInvalid();
  v1::RewrapKeyResponse response;
  response.set_source_key_version((*source)->name);
  response.set_key_version((*target)->name);
  if (answer != nullptr) response.set_ciphertext(answer->ciphertext());
  response.mutable_ciphertext_crc32c()->set_value(integrity::Crc32c(response.ciphertext()));
  const std::string secret = found->secret;
  encrypted_.push_back({(*target)->name, algorithm, secret, data, response.ciphertext()});
  return response;
}

absl::StatusOr<v1::SignResponse> VaultModel::Call(const Caller& caller,
                                                  const v1::SignRequest& request,
                                                  const v1::SignResponse* answer) {
  if (Error no = MayUse(caller, request.name(), "sign"); !no.ok()) return no;
  const absl::StatusOr<Version*> version = Usable(request.name(), "sign");
  if (!version.ok()) return version.status();
  const std::string algorithm = AlgorithmName(request.algorithm());
  if (Error no = CheckSuitable(request.name(), algorithm); !no.ok()) return no;
  v1::SignResponse response;
  response.set_key_version((*version)->name);
  if (answer != nullptr) response.set_signature(answer->signature());
  response.mutable_signature_crc32c()->set_value(integrity::Crc32c(response.signature()));
  signed_.push_back({(*version)->name, algorithm, request.digest(), /*associated_data=*/"",
                     response.signature()});
  return response;
}

absl::StatusOr<v1::VerifyResponse> VaultModel::Call(const Caller& caller,
                                                    const v1::VerifyRequest& request,
                                                    const v1::VerifyResponse*) {
  if (Error no = MayUse(caller, request.name(), "verify"); !no.ok()) return no;
  const absl::StatusOr<Version*> version = Usable(request.name(), "verify");
  if (!version.ok()) return version.status();
  const std::string algorithm = AlgorithmName(request.algorithm());
  if (Error no = CheckSuitable(request.name(), algorithm); !no.ok()) return no;
  v1::VerifyResponse response;
  response.set_key_version((*version)->name);
  for (const Made& made : signed_) {
    if (made.version == (*version)->name && made.algorithm == algorithm &&
        made.secret == request.digest() && made.made == request.signature()) {
      response.set_valid(true);
    }
  }
  return response;
}

absl::StatusOr<v1::InspectKeyResponse> VaultModel::Call(const Caller& caller,
                                                        const v1::InspectKeyRequest& request,
                                                        const v1::InspectKeyResponse* answer) {
  if (Error no = Authenticate(caller); !no.ok()) return no;
  if (caller.kind != Caller::Kind::kService ||
      !absl::EndsWith(caller.principal, "/service/encryption")) {
    return Refusal(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED");
  }
  v1::InspectKeyResponse response;
  if (answer != nullptr) response.set_sequence(answer->sequence());
  Vault* const vault = Find(request.name());
  if (vault == nullptr || vault->delete_time || vault->tenant != request.tenant()) return response;
  response.set_vault_found(true);
  response.set_vault_region(vault->region);
  response.set_soft_delete_retention_days(vault->retention_days);
  response.set_purge_protection(vault->purge_protection);
  if (const auto entry = vault->policy.find(request.principal()); entry != vault->policy.end()) {
    AddPermissions(entry->second, response.mutable_key_permissions());
  }
  const absl::StatusOr<Found> found = FindLiveKey(request.name());
  if (!found.ok()) return response;
  const Version* const version = VersionOf(*found->key, request.name());
  if (version == nullptr) return response;
  response.set_key_found(true);
  response.set_key_type(found->key->type);
  *response.mutable_version() = ShowVersion(*version);
  return response;
}

}  // namespace keyward::key_vault::testing
