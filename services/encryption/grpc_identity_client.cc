#include "services/encryption/grpc_identity_client.h"

#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/peer_call.h"

namespace keyward::encryption {
namespace {

using identity::v1::Identity;
using Identities = identity::v1::IdentityService::StubInterface;
using Tokens = identity::v1::TokenService::StubInterface;

absl::StatusOr<AccountIdentity> IdentityFrom(const absl::StatusOr<Identity>& response) {
  KW_RETURN_IF_ERROR(response.status());
  const bool enabled = response->state() == Identity::STATE_ENABLED;
  return AccountIdentity{response->name(), response->resource(), response->subscription(),
                         response->tenant(), enabled ? response->principal_id() : ""};
}

}  // namespace

GrpcIdentityClient::GrpcIdentityClient(const std::shared_ptr<grpc::Channel>& channel)
    : identities_(identity::v1::IdentityService::NewStub(channel)),
      tokens_(identity::v1::TokenService::NewStub(channel)) {}

absl::StatusOr<AccountIdentity> GrpcIdentityClient::Create(const server::CallContext& call,
                                                           const AccountName& account,
                                                           const std::string& subscription) {
  identity::v1::CreateIdentityRequest request;
  request.set_identity_id(account.id());
  request.set_resource(account.ToString());
  request.set_subscription(subscription);
  return IdentityFrom(CallPeer(call, "", *identities_, &Identities::CreateIdentity, request));
}

absl::StatusOr<AccountIdentity> GrpcIdentityClient::Get(const server::CallContext& call,
                                                        const AccountName& account) {
  identity::v1::GetIdentityRequest request;
  request.set_name(account.Identity());
  return IdentityFrom(CallPeer(call, "", *identities_, &Identities::GetIdentity, request));
}

absl::StatusOr<AccountIdentity> GrpcIdentityClient::Enable(const server::CallContext& call,
                                                           const AccountName& account) {
  identity::v1::EnableIdentityRequest request;
  request.set_name(account.Identity());
  return IdentityFrom(CallPeer(call, "", *identities_, &Identities::EnableIdentity, request));
}

absl::Status GrpcIdentityClient::Delete(const server::CallContext& call,
                                        const AccountName& account) {
  identity::v1::DeleteIdentityRequest request;
  request.set_name(account.Identity());
  request.set_async(true);
  return CallPeer(call, "", *identities_, &Identities::DeleteIdentity, request).status();
}

absl::StatusOr<AccountIdentity> GrpcIdentityClient::Select(const server::CallContext& call,
                                                           const AccountName& account,
                                                           const std::string& identity) {
  identity::v1::SelectIdentityRequest request;
  request.set_resource(account.ToString());
  request.set_identity(identity);
  return IdentityFrom(CallPeer(call, "", *identities_, &Identities::SelectIdentity, request));
}

absl::StatusOr<IdentityToken> GrpcIdentityClient::IssueToken(const server::CallContext& call,
                                                             const KeyUser& user) {
  identity::v1::IssueTokenRequest request;
  request.set_identity(user.identity);
  request.set_resource(user.account.ToString());
  request.set_audience(kKeyVault);
  KW_ASSIGN_OR_RETURN(const identity::v1::IssueTokenResponse response,
                      CallPeer(call, "", *tokens_, &Tokens::IssueToken, request));
  return IdentityToken{response.token(), response.principal_id(),
                       absl::FromUnixSeconds(response.expire_time().seconds())};
}

}  // namespace keyward::encryption
