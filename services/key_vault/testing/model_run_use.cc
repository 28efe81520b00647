// ModelRun: calls that use keys.

#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/integrity/crc32c.h"
#include "services/key_vault/testing/model_compare.h"
#include "services/key_vault/testing/model_run.h"
#include "services/key_vault/testing/model_world.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;
using Action = Step::Action;

constexpr std::array kWrapForRsa = {v1::WRAP_ALGORITHM_RSA_OAEP_256, v1::WRAP_ALGORITHM_RSA_OAEP};
constexpr std::array kWrapForAes = {v1::WRAP_ALGORITHM_A256_KW, v1::WRAP_ALGORITHM_A256_KWP,
                                    v1::WRAP_ALGORITHM_A256_GCM};
constexpr std::array kEncryptForRsa = {v1::ENCRYPTION_ALGORITHM_RSA_OAEP_256,
                                       v1::ENCRYPTION_ALGORITHM_RSA_OAEP};
constexpr std::array kEncryptForAes = {v1::ENCRYPTION_ALGORITHM_A256_GCM};
constexpr std::array kSignForRsa = {v1::SIGNATURE_ALGORITHM_RS256, v1::SIGNATURE_ALGORITHM_PS256};
constexpr std::array kSignForEc = {v1::SIGNATURE_ALGORITHM_ES256};

// Mostly one that the key can use.
void PickAlgorithm(bool rsa, Dice& dice, v1::WrapAlgorithm& algorithm) {
  algorithm = rsa != dice.OneIn(20) ? dice.Pick(kWrapForRsa) : dice.Pick(kWrapForAes);
}
void PickAlgorithm(bool rsa, Dice& dice, v1::EncryptionAlgorithm& algorithm) {
  algorithm = rsa != dice.OneIn(20) ? dice.Pick(kEncryptForRsa) : dice.Pick(kEncryptForAes);
}

// The algorithm of that name, if it is one of the enumeration.
bool ParseAlgorithm(const std::string& name, v1::WrapAlgorithm& algorithm) {
  return v1::WrapAlgorithm_Parse("WRAP_ALGORITHM_" + name, &algorithm);
}
bool ParseAlgorithm(const std::string& name, v1::EncryptionAlgorithm& algorithm) {
  return v1::EncryptionAlgorithm_Parse("ENCRYPTION_ALGORITHM_" + name, &algorithm);
}

template <typename Request>
bool TakesData(const Request& request) {
  using Algorithm = decltype(request.algorithm());
  if constexpr (std::is_same_v<Algorithm, v1::EncryptionAlgorithm>) {
    return request.algorithm() == v1::ENCRYPTION_ALGORITHM_A256_GCM;
  } else {
    return request.algorithm() == v1::WRAP_ALGORITHM_A256_GCM;
  }
}

}  // namespace

std::string ModelRun::MakeCryptographyCall(const Step& step, const Caller& caller, Dice& dice) {
  switch (step.action) {
    case Action::kInspectKey: {
      v1::InspectKeyRequest request;
      request.set_name(KeyOrVersionName(step, dice));
      request.set_tenant(dice.OneIn(2) ? kRed : kBlue);
      request.set_principal(dice.Pick(kCallers));
      return Compare(caller, request);
    }
    case Action::kWrapKey:
      return Seal<v1::WrapKeyRequest>(step, caller, dice);
    case Action::kEncrypt:
      return Seal<v1::EncryptRequest>(step, caller, dice);
    case Action::kUnwrapKey:
      return Open<v1::UnwrapKeyRequest>(step, caller, dice);
    case Action::kRewrapKey:
      return Open<v1::RewrapKeyRequest>(step, caller, dice);
    case Action::kDecrypt:
      return Open<v1::DecryptRequest>(step, caller, dice);
    case Action::kSign:
      return Sign(step, caller, dice);
    default:
      return Verify(step, caller, dice);
  }
}

const VaultModel::Made* ModelRun::PickMade(const std::vector<VaultModel::Made>& all,
                                           const Step& step, Dice& dice) const {
  if (all.empty()) return nullptr;
  std::vector<const VaultModel::Made*> recent;
  for (auto made = all.rbegin(); made != all.rend() && recent.size() < 12; ++made) {
    if (absl::StartsWith(made->version, VaultName(step) + "/")) recent.push_back(&*made);
  }
  return recent.empty() || dice.OneIn(8) ? &dice.Pick(all) : dice.Pick(recent);
}

template <typename Request>
std::string ModelRun::Seal(const Step& step, const Caller& caller, Dice& dice) {
  Request request;
  request.set_name(KeyOrVersionName(step, dice));
  const VaultModel::Key* const key = FindKey(step);
  decltype(request.algorithm()) algorithm = {};
  PickAlgorithm(key != nullptr && key->type == v1::KEY_TYPE_RSA_2048, dice, algorithm);
  request.set_algorithm(algorithm);
  // A length that every algorithm takes.
  request.set_plaintext(absl::StrFormat("secret %09d", dice.Roll(1000)));
  if (dice.OneIn(4)) {
    request.mutable_plaintext_crc32c()->set_value(integrity::Crc32c(request.plaintext()));
  }
  if (TakesData(request) && dice.OneIn(2)) request.set_additional_authenticated_data("data");
  return Compare(caller, request);
}

template <typename Request>
std::string ModelRun::Open(const Step& step, const Caller& caller, Dice& dice) {
  Request request;
  request.set_name(KeyOrVersionName(step, dice));
  decltype(request.algorithm()) algorithm = {};
  PickAlgorithm(/*rsa=*/false, dice, algorithm);
  request.set_algorithm(algorithm);
  request.set_ciphertext("never made, and as long as something that was");
  if (const VaultModel::Made* const made = PickMade(model_.encrypted(), step, dice)) {
    request.set_ciphertext(made->made);
    // Mostly as it was made, whatever became of its version since.
    if (!dice.OneIn(8)) request.set_name(made->version);
    if (ParseAlgorithm(made->algorithm, algorithm)) request.set_algorithm(algorithm);
    if (TakesData(request) && !dice.OneIn(10)) {
      request.set_additional_authenticated_data(made->associated_data);
    }
  }
  return Compare(caller, request);
}

std::string ModelRun::Sign(const Step& step, const Caller& caller, Dice& dice) {
  v1::SignRequest request;
  request.set_name(KeyOrVersionName(step, dice));
  const VaultModel::Key* const key = FindKey(step);
  const bool rsa = key != nullptr && key->type == v1::KEY_TYPE_RSA_2048;
  request.set_algorithm(rsa != dice.OneIn(20) ? dice.Pick(kSignForRsa) : dice.Pick(kSignForEc));
  request.set_digest(absl::StrFormat("a digest of thirty-two bytes %03d", dice.Roll(10)));
  return Compare(caller, request);
}

std::string ModelRun::Verify(const Step& step, const Caller& caller, Dice& dice) {
  v1::VerifyRequest request;
  request.set_name(KeyOrVersionName(step, dice));
  request.set_algorithm(v1::SIGNATURE_ALGORITHM_ES256);
  request.set_digest(absl::StrFormat("a digest of thirty-two bytes %03d", dice.Roll(10)));
  request.set_signature(std::string(64, 's'));
  if (const VaultModel::Made* const made = PickMade(model_.signed_digests(), step, dice)) {
    request.set_signature(made->made);
    if (!dice.OneIn(8)) request.set_name(made->version);
    if (!dice.OneIn(8)) request.set_digest(made->secret);
    v1::SignatureAlgorithm algorithm = v1::SIGNATURE_ALGORITHM_ES256;
    v1::SignatureAlgorithm_Parse("SIGNATURE_ALGORITHM_" + made->algorithm, &algorithm);
    request.set_algorithm(algorithm);
  }
  return Compare(caller, request);
}

}  // namespace keyward::key_vault::testing
