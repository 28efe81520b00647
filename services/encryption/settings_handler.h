#ifndef KEYWARD_SERVICES_ENCRYPTION_SETTINGS_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_SETTINGS_HANDLER_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/settings.pb.h"
#include "services/encryption/access_restorer.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/account_views.h"
#include "services/encryption/customer_keys.h"
#include "services/encryption/key_examiner.h"
#include "services/encryption/rekeyer.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// The methods of EncryptionSettingsService but PreviewRevocation. Thread-safe.
class SettingsHandler {
 public:
  // What it works with; all must outlive it.
  struct Parts {
    storage::Database& database;
    const AccountDirectory& directory;
    const Replica& replica;
    KeyExaminer& examiner;
    CustomerKeys& customer_keys;
    Rekeyer& rekeyer;
    AccessRestorer& restorer;
    const AccountViews& views;
    const clock::Clock& clock;
  };

  explicit SettingsHandler(const Parts& parts) : parts_(parts) {}

  absl::StatusOr<v1::EncryptionSettings> Get(const server::CallContext& call,
                                             const v1::GetEncryptionSettingsRequest& request);
  absl::StatusOr<v1::ValidateCustomerManagedKeyResponse> Validate(
      const server::CallContext& call, const v1::ValidateCustomerManagedKeyRequest& request);
  absl::StatusOr<v1::EncryptionSettings> Enable(const server::CallContext& call,
                                                const v1::EnableCustomerManagedKeyRequest& request);
  absl::StatusOr<v1::EncryptionSettings> Revert(const server::CallContext& call,
                                                const v1::RevertToPlatformManagedRequest& request);
  absl::StatusOr<v1::EncryptionSettings> Revalidate(const server::CallContext& call,
                                                    const v1::RevalidateAccessRequest& request);

 private:
  // The account, if its tier has encryption settings.
  absl::StatusOr<AccountPtr> FindWithSettings(const std::string& name) const;
  // The identity's principal, asked where it is known best; as last heard if nobody answers.
  std::string PresentPrincipal(const server::CallContext& call, const Account& account) const;
  // Plans and carries out, once for each request_id; none if the plan did not hold.
  template <typename Request>
  absl::StatusOr<std::optional<v1::EncryptionSettings>> CarryOut(const server::CallContext& call,
                                                                 const Request& request,
                                                                 const Rekeyer::Plan& plan,
                                                                 const std::string& principal);
  absl::StatusOr<std::optional<v1::EncryptionSettings>> EnableOnce(
      const server::CallContext& call, const v1::EnableCustomerManagedKeyRequest& request,
      const AccountName& name, const CustomerKeyName& key);
  // Empties the journal of what was overwritten. The worker does it again if it fails.
  void Scrub();

  const Parts parts_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_SETTINGS_HANDLER_H_
