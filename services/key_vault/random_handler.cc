#include "services/key_vault/random_handler.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/integrity/checksums.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/lookup.h"

namespace keyward::key_vault {
namespace {

// What google.cloud.kms.v1 gives; Azure gives 128. More can be derived from it.
constexpr int kMaxBytes = 1024;

}  // namespace

absl::StatusOr<keyvault::v1::GenerateRandomBytesResponse> RandomHandler::Generate(
    const server::CallContext&, const keyvault::v1::GenerateRandomBytesRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName vault, ReadVaultName("vault", request.vault()));
  if (request.length_bytes() < 1 || request.length_bytes() > kMaxBytes) {
    return InvalidField("length_bytes", absl::StrCat("is ", request.length_bytes(), "; 1-",
                                                     kMaxBytes, " are possible"));
  }
  KW_RETURN_IF_ERROR(
      database_.Read([&](storage::Transaction& tx) { return FindLiveVault(tx, vault).status(); }));
  // They may become a key.
  const crypto::SecretBytes bytes = crypto::SecretBytes::Random(request.length_bytes());
  keyvault::v1::GenerateRandomBytesResponse answer;
  answer.set_data(std::string(bytes.ExposeSecret()));
  integrity::SetChecksum(answer.data(), *answer.mutable_data_crc32c());
  return answer;
}

}  // namespace keyward::key_vault
