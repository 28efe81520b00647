#include "services/key_vault/backup_seal.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/status_macros.h"

namespace keyward::key_vault {
namespace {

constexpr absl::string_view kMagic = "KWKB\x01";
// What the sealed key and the content are authenticated with: neither stands in the other's place.
constexpr absl::string_view kKeyContext = "key_vault/backup-key/v1";
constexpr absl::string_view kContentContext = "key_vault/backup-content/v1";
// The sealed key has few bytes, whatever the root key.
constexpr size_t kLengthSize = 2;
constexpr size_t kMaxSealedKey = 65'535;

absl::Status Invalid() { return absl::InvalidArgumentError("not a backup of this installation"); }

}  // namespace

absl::StatusOr<BackupSeal> BackupSeal::Create(const crypto::RootKey& root_key) {
  crypto::AesKey key = crypto::AesKey::Generate();
  KW_ASSIGN_OR_RETURN(std::string sealed_key, root_key.Seal(key.bytes(), kKeyContext));
  if (sealed_key.size() > kMaxSealedKey) return absl::InternalError("the sealed key is too long");
  return BackupSeal(std::move(key), std::move(sealed_key));
}

absl::StatusOr<std::string> BackupSeal::Seal(absl::string_view content) const {
  KW_ASSIGN_OR_RETURN(const std::string body,
                      crypto::AesGcmAead(key_).Seal(content, kContentContext));
  const char length[kLengthSize] = {static_cast<char>(sealed_key_.size() >> 8),
                                    static_cast<char>(sealed_key_.size() & 0xff)};
  std::string sealed =
      absl::StrCat(kMagic, absl::string_view(length, kLengthSize), sealed_key_, body);
  if (sealed.size() > kMaxBackupSize) {
    return absl::OutOfRangeError(absl::StrCat("the backup has ", sealed.size(), " bytes"));
  }
  return sealed;
}

absl::StatusOr<std::string> OpenBackup(const crypto::RootKey& root_key, absl::string_view sealed) {
  if (!absl::ConsumePrefix(&sealed, kMagic) || sealed.size() < kLengthSize) return Invalid();
  const size_t key_size = static_cast<size_t>(static_cast<unsigned char>(sealed[0])) << 8 |
                          static_cast<unsigned char>(sealed[1]);
  sealed.remove_prefix(kLengthSize);
  if (sealed.size() < key_size) return Invalid();
  absl::StatusOr<crypto::SecretBytes> opened =
      root_key.Unseal(sealed.substr(0, key_size), kKeyContext);
  if (absl::IsUnavailable(opened.status())) return opened.status();
  if (!opened.ok()) return Invalid();
  const absl::StatusOr<crypto::AesKey> key = crypto::AesKey::Create(*std::move(opened));
  if (!key.ok()) return Invalid();
  const absl::StatusOr<crypto::SecretBytes> content =
      crypto::AesGcmAead(*key).Open(sealed.substr(key_size), kContentContext);
  if (!content.ok()) return Invalid();
  return std::string(content->ExposeSecret());
}

}  // namespace keyward::key_vault
