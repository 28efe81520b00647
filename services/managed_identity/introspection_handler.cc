#include "services/managed_identity/introspection_handler.h"

#include <string>

#include "common/auth/token.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/messages.h"

namespace keyward::managed_identity {

absl::StatusOr<identity::v1::IntrospectTokenResponse> IntrospectionHandler::Introspect(
    const server::CallContext& call, const identity::v1::IntrospectTokenRequest& request) const {
  if (request.token().empty()) return InvalidField("token", "is required");
  KW_RETURN_IF_ERROR(directory_.CatchUp());
  const absl::StatusOr<auth::TokenClaims> claims = verifier_.VerifyForAnyAudience(request.token());
  identity::v1::IntrospectTokenResponse response;
  call.Note("active", claims.ok() ? "true" : "false");
  if (!claims.ok()) {
    // Why, is for the log alone: the answer is the same for every cause.
    server::Log(server::Severity::kInfo, "token.introspected_inactive",
                {{"cause", std::string(claims.status().message())},
                 {"correlation_id", call.correlation_id}});
    return response;
  }
  call.Note("token_id", claims->id);
  response.set_active(true);
  response.set_issuer(claims->issuer);
  response.set_subject(claims->subject);
  response.set_audience(claims->audience);
  response.set_tenant(claims->tenant);
  response.set_identity(claims->app_id);
  response.set_resource(claims->resource);
  response.set_token_id(claims->id);
  *response.mutable_issue_time() = ToProto(claims->issued_at);
  *response.mutable_not_before() = ToProto(claims->not_before);
  *response.mutable_expire_time() = ToProto(claims->expires);
  return response;
}

}  // namespace keyward::managed_identity
