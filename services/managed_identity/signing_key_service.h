#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/signing_keys.grpc.pb.h"
#include "services/managed_identity/signing_key_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of SigningKeyService. Thread-safe.
class SigningKeyService final : public identity::v1::SigningKeyService::CallbackService {
 public:
  SigningKeyService(server::Dispatcher& dispatcher, const SigningKeyHandler& keys)
      : dispatcher_(dispatcher), keys_(keys) {}

  grpc::ServerUnaryReactor* ListSigningKeys(
      grpc::CallbackServerContext* context, const identity::v1::ListSigningKeysRequest* request,
      identity::v1::ListSigningKeysResponse* response) override;
  grpc::ServerUnaryReactor* RotateSigningKey(
      grpc::CallbackServerContext* context, const identity::v1::RotateSigningKeyRequest* request,
      identity::v1::RotateSigningKeyResponse* response) override;
  grpc::ServerUnaryReactor* RevokeSigningKey(
      grpc::CallbackServerContext* context, const identity::v1::RevokeSigningKeyRequest* request,
      identity::v1::RevokeSigningKeyResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const SigningKeyHandler& keys_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_SERVICE_H_
