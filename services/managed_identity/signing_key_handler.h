#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_HANDLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/signing_keys.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/key_succession.h"

namespace keyward::managed_identity {

// What the methods of SigningKeyService do; signing_keys.proto says it in full. Callers are
// authorised already. Thread-safe.
class SigningKeyHandler {
 public:
  SigningKeyHandler(const Changes& changes, const KeySuccession& succession)
      : changes_(changes), succession_(succession) {}

  absl::StatusOr<identity::v1::ListSigningKeysResponse> List(
      const identity::v1::ListSigningKeysRequest& request) const;
  absl::StatusOr<identity::v1::RotateSigningKeyResponse> Rotate(
      const server::CallContext& call, const identity::v1::RotateSigningKeyRequest& request) const;
  absl::StatusOr<identity::v1::RevokeSigningKeyResponse> Revoke(
      const server::CallContext& call, const identity::v1::RevokeSigningKeyRequest& request) const;

 private:
  absl::StatusOr<identity::v1::RevokeSigningKeyResponse> RevokeIn(Change& change,
                                                                  const std::string& key_id,
                                                                  const std::string& by) const;

  const Changes& changes_;
  const KeySuccession& succession_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_HANDLER_H_
