#ifndef KEYWARD_SERVICES_ENCRYPTION_IDENTITY_CLIENT_H_
#define KEYWARD_SERVICES_ENCRYPTION_IDENTITY_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// A token that lets its bearer act as an account's identity. A secret.
struct IdentityToken {
  std::string value;
  // The principal it speaks for.
  std::string principal;
  absl::Time expire_time;
};

// The identity of an account as managed_identity knows it now.
struct AccountIdentity {
  std::string name;
  std::string resource;
  std::string subscription;
  std::string tenant;
  // Empty unless it is enabled.
  std::string principal;
};

// What this service asks of managed_identity. Each call ends within a short time of its own, or
// earlier with the deadline of `call`. Errors are those of managed_identity, with its reasons.
// Thread-safe.
class IdentityClient {
 public:
  virtual ~IdentityClient() = default;

  // Registers the identity of an account; returns the one that exists if it was registered before.
  virtual absl::StatusOr<AccountIdentity> Create(const server::CallContext& call,
                                                 const AccountName& account,
                                                 const std::string& subscription) = 0;
  virtual absl::StatusOr<AccountIdentity> Get(const server::CallContext& call,
                                              const AccountName& account) = 0;
  // Gives it a principal, unless it has one.
  virtual absl::StatusOr<AccountIdentity> Enable(const server::CallContext& call,
                                                 const AccountName& account) = 0;
  // Deletes the identity of an account that is gone; NOT_FOUND if there is none, PERMISSION_DENIED
  // if that is for administrators. Does not wait until it has taken effect everywhere.
  virtual absl::Status Delete(const server::CallContext& call, const AccountName& account) = 0;
  // As which identity the account acts: as `identity` if that is named, which must be its own or
  // attached to it. FAILED_PRECONDITION (IDENTITY_AMBIGUOUS, IDENTITY_NOT_ATTACHED).
  virtual absl::StatusOr<AccountIdentity> Select(const server::CallContext& call,
                                                 const AccountName& account,
                                                 const std::string& identity) = 0;
  // A new token for key_vault.
  virtual absl::StatusOr<IdentityToken> IssueToken(const server::CallContext& call,
                                                   const KeyUser& user) = 0;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_IDENTITY_CLIENT_H_
