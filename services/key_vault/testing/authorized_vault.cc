#include "services/key_vault/testing/authorized_vault.h"

#include "common/server/message_check.h"
#include "common/server/method_rules.h"
#include "common/status/status_macros.h"

namespace keyward::key_vault::testing {
namespace {

absl::Status AlwaysFresh() { return absl::OkStatus(); }

}  // namespace

AuthorizedVault::AuthorizedVault(const VaultEnv::Options& options)
    : env(options),
      permissions_(env.gate, env.limiter),
      hierarchy_(*env.database),
      tokens_("key_vault", env.principals, env.clock),
      authenticator_("keyward.local", tokens_, AlwaysFresh),
      authorizer_(env.principals, hierarchy_, &permissions_, AlwaysFresh),
      identities(*env.database, env.principals, env.clock),
      purger(*env.database, env.clock, env.purges) {
  env.principals.AddHandler(subscriptions_);
}

absl::Status AuthorizedVault::Admit(const auth::Credentials& who,
                                    const google::protobuf::Message& request,
                                    server::CallContext& call) const {
  const auto* const method = server::FindMethodByRequest(*request.GetDescriptor());
  const auth::v1::Authorization* const rule =
      method == nullptr ? nullptr : server::FindRule(*method);
  if (rule == nullptr) return absl::InternalError("a request that no method takes");
  KW_ASSIGN_OR_RETURN(call.caller, authenticator_.Authenticate(who).caller);
  KW_RETURN_IF_ERROR(authorizer_.Authorize(call.caller, *rule, server::ResourceOf(*rule, request)));
  return server::CheckMessage(request);
}

}  // namespace keyward::key_vault::testing
