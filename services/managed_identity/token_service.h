#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/managed_identity/exchange_handler.h"
#include "services/managed_identity/introspection_handler.h"
#include "services/managed_identity/token_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of TokenService. Thread-safe.
class TokenService final : public identity::v1::TokenService::CallbackService {
 public:
  TokenService(server::Dispatcher& dispatcher, const TokenHandler& tokens,
               const ExchangeHandler& exchanges, const IntrospectionHandler& introspection)
      : dispatcher_(dispatcher),
        tokens_(tokens),
        exchanges_(exchanges),
        introspection_(introspection) {}

  grpc::ServerUnaryReactor* IssueToken(grpc::CallbackServerContext* context,
                                       const identity::v1::IssueTokenRequest* request,
                                       identity::v1::IssueTokenResponse* response) override;
  grpc::ServerUnaryReactor* ExchangeToken(grpc::CallbackServerContext* context,
                                          const identity::v1::ExchangeTokenRequest* request,
                                          identity::v1::ExchangeTokenResponse* response) override;
  grpc::ServerUnaryReactor* GetSigningKeys(grpc::CallbackServerContext* context,
                                           const identity::v1::GetSigningKeysRequest* request,
                                           identity::v1::GetSigningKeysResponse* response) override;
  grpc::ServerUnaryReactor* IntrospectToken(
      grpc::CallbackServerContext* context, const identity::v1::IntrospectTokenRequest* request,
      identity::v1::IntrospectTokenResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const TokenHandler& tokens_;
  const ExchangeHandler& exchanges_;
  const IntrospectionHandler& introspection_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SERVICE_H_
