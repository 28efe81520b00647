#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_INTROSPECTION_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_INTROSPECTION_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/auth/token_verifier.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/tokens.pb.h"
#include "services/managed_identity/directory_catch_up.h"

namespace keyward::managed_identity {

// Says for callers that cannot verify tokens themselves whether one is good now; tokens.proto says
// it in full. Callers are authorised already. Thread-safe.
class IntrospectionHandler {
 public:
  // Both must outlive this.
  IntrospectionHandler(DirectoryCatchUp& directory, const auth::TokenVerifier& verifier)
      : directory_(directory), verifier_(verifier) {}

  absl::StatusOr<identity::v1::IntrospectTokenResponse> Introspect(
      const server::CallContext& call, const identity::v1::IntrospectTokenRequest& request) const;

 private:
  DirectoryCatchUp& directory_;
  const auth::TokenVerifier& verifier_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_INTROSPECTION_HANDLER_H_
