#include "common/auth/foreign_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/crypto/hash.h"
#include "common/crypto/key_import.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"

namespace keyward::auth {
namespace {

constexpr size_t kMaxKeys = 100;
constexpr size_t kMaxKeyIdSize = 256;

// Whether a member is absent, or a string that equals `wanted`.
bool IsOrMissing(const nlohmann::json& object, const char* name, absl::string_view wanted) {
  const auto member = object.find(name);
  return member == object.end() || (member->is_string() && *member == std::string(wanted));
}

bool AllowsVerify(const nlohmann::json& jwk) {
  const auto key_ops = jwk.find("key_ops");
  return key_ops == jwk.end() || (key_ops->is_array() && std::find(key_ops->begin(), key_ops->end(),
                                                                   "verify") != key_ops->end());
}

std::string KeyIdOf(const nlohmann::json& jwk) {
  if (!jwk.is_object()) return "";
  const auto key_id = jwk.find("kid");
  if (key_id == jwk.end() || !key_id->is_string()) return "";
  const auto& text = key_id->get_ref<const std::string&>();
  return text.size() > kMaxKeyIdSize ? "" : text;
}

bool VerifyRsa(const crypto::RsaPublicKey& key, absl::string_view algorithm,
               absl::string_view input, absl::string_view signature) {
  const auto padding = algorithm == "PS256" ? crypto::RsaSignaturePadding::kPss
                                            : crypto::RsaSignaturePadding::kPkcs1;
  return key.Verify(padding, crypto::HashAlgorithm::kSha256, crypto::Sha256(input), signature).ok();
}

bool VerifyEc(const crypto::EcPublicKey& key, absl::string_view input,
              absl::string_view signature) {
  return key.Verify(crypto::Digest(crypto::HashFor(key.curve()), input), signature).ok();
}

bool IsFor(const crypto::EcPublicKey& key, absl::string_view algorithm) {
  return (algorithm == "ES256" && key.curve() == crypto::EcCurve::kP256) ||
         (algorithm == "ES384" && key.curve() == crypto::EcCurve::kP384);
}

}  // namespace

std::optional<ForeignKeys::Key> ForeignKeys::ParseKey(const std::string& jwk) {
  const auto imported = crypto::ImportJwk(crypto::SecretBytes::CopyOf(jwk));
  if (!imported.ok()) return std::nullopt;
  if (const auto* rsa = std::get_if<crypto::RsaPublicKey>(&imported->key)) return Key{*rsa, ""};
  if (const auto* ec = std::get_if<crypto::EcPublicKey>(&imported->key)) return Key{*ec, ""};
  return std::nullopt;
}

absl::StatusOr<ForeignKeys> ForeignKeys::Parse(absl::string_view jwk_set) {
  KW_ASSIGN_OR_RETURN(const nlohmann::json object, crypto::ParseStrictJsonObject(jwk_set));
  const auto entries = object.find("keys");
  if (entries == object.end() || !entries->is_array()) {
    return absl::InvalidArgumentError("no JWK Set: the array 'keys' is missing");
  }
  Keys keys;
  bool any = false;
  for (size_t i = 0; i < std::min(entries->size(), kMaxKeys); ++i) {
    const nlohmann::json& jwk = (*entries)[i];
    const std::string key_id = KeyIdOf(jwk);
    if (key_id.empty()) continue;
    if (const auto [slot, first] = keys.try_emplace(key_id, std::nullopt); !first) {
      slot->second.reset();
      continue;
    }
    // A private key that was published is no secret any longer, whatever it is for.
    if (!IsOrMissing(jwk, "use", "sig") || !AllowsVerify(jwk) || jwk.contains("d")) continue;
    std::optional<Key> key = ParseKey(jwk.dump());
    if (!key.has_value()) continue;
    if (const auto algorithm = jwk.find("alg"); algorithm != jwk.end()) {
      if (!algorithm->is_string()) continue;
      key->algorithm = algorithm->get<std::string>();
    }
    keys[key_id] = *std::move(key);
    any = true;
  }
  if (!any) return absl::InvalidArgumentError("the JWK Set has no key that verifies signatures");
  return ForeignKeys(std::move(keys));
}

ForeignKeys::Verdict ForeignKeys::Verify(absl::string_view key_id, absl::string_view algorithm,
                                         absl::string_view input,
                                         absl::string_view signature) const {
  if (std::find(std::begin(kForeignAlgorithms), std::end(kForeignAlgorithms), algorithm) ==
      std::end(kForeignAlgorithms)) {
    return Verdict::kWrongAlgorithm;
  }
  const auto found = keys_.find(std::string(key_id));
  if (found == keys_.end()) return Verdict::kUnknownKey;
  if (!found->second.has_value()) return Verdict::kUnusableKey;
  const Key& key = *found->second;
  if (!key.algorithm.empty() && key.algorithm != algorithm) return Verdict::kWrongAlgorithm;
  bool valid = false;
  if (const auto* rsa = std::get_if<crypto::RsaPublicKey>(&key.key)) {
    if (algorithm != "RS256" && algorithm != "PS256") return Verdict::kWrongAlgorithm;
    valid = VerifyRsa(*rsa, algorithm, input, signature);
  } else {
    const auto& ec = std::get<crypto::EcPublicKey>(key.key);
    if (!IsFor(ec, algorithm)) return Verdict::kWrongAlgorithm;
    valid = VerifyEc(ec, input, signature);
  }
  return valid ? Verdict::kValid : Verdict::kBadSignature;
}

}  // namespace keyward::auth
