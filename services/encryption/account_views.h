#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_VIEWS_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_VIEWS_H_

#include <string>

#include "keyward/encryption/v1/access.pb.h"
#include "keyward/encryption/v1/accounts.pb.h"
#include "keyward/encryption/v1/settings.pb.h"
#include "services/encryption/account.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/key_unlocker.h"

namespace keyward::encryption {

// Accounts as callers see them: the stored verdict, and UNVERIFIED where it cannot be confirmed.
// Thread-safe.
class AccountViews {
 public:
  // Both must outlive this.
  AccountViews(const KeyGate& gate, const KeyUnlocker& unlocker)
      : gate_(gate), unlocker_(unlocker) {}

  v1::Access AccessOf(const Account& account) const;
  v1::Account AccountOf(const Account& account) const;
  // `principal` is the identity's at present; may be empty.
  v1::EncryptionSettings SettingsOf(const Account& account, const std::string& principal) const;

 private:
  const KeyGate& gate_;
  const KeyUnlocker& unlocker_;
};

// The etag of an account.
std::string EtagOf(const Account& account);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_VIEWS_H_
