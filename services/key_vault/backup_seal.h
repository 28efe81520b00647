#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKUP_SEAL_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKUP_SEAL_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/root_key.h"

namespace keyward::key_vault {

// More than a message of gRPC takes is not sealed.
inline constexpr size_t kMaxBackupSize = 3'670'016;

// A key of its own for one backup, which the root key seals. The format is in docs/formats.md. Made
// before the transaction that reads what goes in, for the root key may be slow. A value.
class BackupSeal {
 public:
  // Errors are the root key's.
  static absl::StatusOr<BackupSeal> Create(const crypto::RootKey& root_key);

  // The sealed form. OUT_OF_RANGE if that is longer than kMaxBackupSize.
  absl::StatusOr<std::string> Seal(absl::string_view content) const;

 private:
  BackupSeal(crypto::AesKey key, std::string sealed_key)
      : key_(std::move(key)), sealed_key_(std::move(sealed_key)) {}

  crypto::AesKey key_;
  std::string sealed_key_;
};

// What was sealed. INVALID_ARGUMENT, with nothing to tell the causes apart, if a bit of it was
// changed, or another installation made it; UNAVAILABLE if the root key cannot be reached.
absl::StatusOr<std::string> OpenBackup(const crypto::RootKey& root_key, absl::string_view sealed);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKUP_SEAL_H_
