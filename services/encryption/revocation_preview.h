#ifndef KEYWARD_SERVICES_ENCRYPTION_REVOCATION_PREVIEW_H_
#define KEYWARD_SERVICES_ENCRYPTION_REVOCATION_PREVIEW_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/settings.pb.h"
#include "services/encryption/account_directory.h"

namespace keyward::encryption {

// PreviewRevocation of EncryptionSettingsService: who would lose what. Thread-safe.
class RevocationPreview {
 public:
  // Both must outlive this.
  RevocationPreview(storage::Database& database, const AccountDirectory& directory)
      : database_(database), directory_(directory) {}

  absl::StatusOr<v1::PreviewRevocationResponse> Preview(
      const server::CallContext& call, const v1::PreviewRevocationRequest& request);

 private:
  storage::Database& database_;
  const AccountDirectory& directory_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_REVOCATION_PREVIEW_H_
