#include "services/key_vault/key_ring.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"

namespace keyward::key_vault {
namespace {

// What a version's private key is sealed with beside the root key: the place it belongs to.
std::string SealingContext(const KeyVersionName& version) {
  return absl::StrCat("key_vault/private-key/", version.ToString());
}

absl::StatusOr<std::string> ContextOfRow(const std::vector<std::string>& key) {
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(key.at(0)));
  KW_ASSIGN_OR_RETURN(KeyName name, KeyName::FromId(std::move(vault), key.at(1)));
  KW_ASSIGN_OR_RETURN(const KeyVersionName version, KeyVersionName::FromId(name, key.at(2)));
  return SealingContext(version);
}

}  // namespace

server::SealedColumn PrivateKeyColumn() {
  return {.table = "key_versions",
          .key = {{"vault_id"}, {"key_id"}, {"version_id"}},
          .column = "sealed_private_key",
          .context = ContextOfRow};
}

absl::StatusOr<std::string> KeyRing::Seal(const KeyVersionName& version,
                                          const KeyMaterial& key) const {
  return root_key_.Seal(key.ToStored(), SealingContext(version));
}

absl::StatusOr<std::string> KeyRing::SealFor(const KeyVersionName& to, const KeyVersionName& from,
                                             absl::string_view sealed) const {
  const absl::StatusOr<crypto::SecretBytes> opened = root_key_.Unseal(sealed, SealingContext(from));
  if (absl::IsUnavailable(opened.status())) return opened.status();
  if (!opened.ok()) {
    return absl::InternalError(
        absl::StrCat("the private key of ", from.ToString(),
                     " does not unseal: ", std::string(opened.status().message())));
  }
  return root_key_.Seal(*opened, SealingContext(to));
}

absl::StatusOr<KeyRing::InHsm> KeyRing::MakeInHsm(const KeyVersionName& version,
                                                  keyvault::v1::KeyType type) const {
  if (hsm_ == nullptr) return HsmNotConfigured(version.key());
  KW_ASSIGN_OR_RETURN(HsmKeys::Made made, hsm_->Generate(version, type));
  KW_ASSIGN_OR_RETURN(std::string sealed, root_key_.Seal(made.stored, SealingContext(version)));
  return InHsm{std::move(made.material), std::move(sealed)};
}

std::shared_ptr<const KeyMaterial> KeyRing::Find(const KeyVersionName& version) {
  const std::string name = version.ToString();
  absl::MutexLock lock(&mutex_);
  const auto found = index_.find(name);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->key;
}

absl::StatusOr<std::shared_ptr<const KeyMaterial>> KeyRing::Open(const KeyVersionName& version,
                                                                 keyvault::v1::KeyType type,
                                                                 absl::string_view sealed) {
  absl::StatusOr<crypto::SecretBytes> der = root_key_.Unseal(sealed, SealingContext(version));
  if (absl::IsUnavailable(der.status())) return der.status();
  if (!der.ok()) {
    return absl::InternalError(
        absl::StrCat("the private key of ", version.ToString(),
                     " does not unseal: ", std::string(der.status().message())));
  }
  absl::StatusOr<KeyMaterial> parsed = Parse(type, *der);
  if (absl::IsFailedPrecondition(parsed.status())) return HsmNotConfigured(version.key());
  if (!parsed.ok()) {
    return absl::InternalError(
        absl::StrCat("the private key of ", version.ToString(),
                     " does not parse: ", std::string(parsed.status().message())));
  }
  auto key = std::make_shared<const KeyMaterial>(*std::move(parsed));
  const std::string name = version.ToString();
  absl::MutexLock lock(&mutex_);
  const auto found = index_.find(name);
  if (found != index_.end()) return found->second->key;
  entries_.push_front({name, key});
  index_[name] = entries_.begin();
  if (entries_.size() > capacity_) {
    index_.erase(entries_.back().version);
    entries_.pop_back();
  }
  return key;
}

absl::StatusOr<KeyMaterial> KeyRing::Parse(keyvault::v1::KeyType type,
                                           const crypto::SecretBytes& stored) const {
  if (!HsmKeys::IsStored(stored)) return KeyMaterial::FromStored(type, stored);
  if (hsm_ == nullptr) {
    return absl::FailedPreconditionError("the key is in a token, and the server has none");
  }
  return hsm_->Open(type, stored);
}

void KeyRing::Forget(const KeyVersionName& version) {
  absl::MutexLock lock(&mutex_);
  const auto found = index_.find(version.ToString());
  if (found == index_.end()) return;
  entries_.erase(found->second);
  index_.erase(found);
}

void KeyRing::ForgetAllOf(absl::string_view resource) {
  const std::string prefix = absl::StrCat(resource, "/");
  absl::MutexLock lock(&mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (absl::StartsWith(entry->version, prefix)) {
      index_.erase(entry->version);
      entry = entries_.erase(entry);
    } else {
      ++entry;
    }
  }
}

size_t KeyRing::size() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace keyward::key_vault
