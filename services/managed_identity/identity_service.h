#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "services/managed_identity/attachment_handler.h"
#include "services/managed_identity/identity_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of IdentityService. Thread-safe.
class IdentityService final : public identity::v1::IdentityService::CallbackService {
 public:
  IdentityService(server::Dispatcher& dispatcher, const IdentityHandler& identities,
                  const AttachmentHandler& attachments)
      : dispatcher_(dispatcher), identities_(identities), attachments_(attachments) {}

  grpc::ServerUnaryReactor* CreateIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::CreateIdentityRequest* request,
                                           identity::v1::Identity* response) override;
  grpc::ServerUnaryReactor* GetIdentity(grpc::CallbackServerContext* context,
                                        const identity::v1::GetIdentityRequest* request,
                                        identity::v1::Identity* response) override;
  grpc::ServerUnaryReactor* ListIdentities(grpc::CallbackServerContext* context,
                                           const identity::v1::ListIdentitiesRequest* request,
                                           identity::v1::ListIdentitiesResponse* response) override;
  grpc::ServerUnaryReactor* EnableIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::EnableIdentityRequest* request,
                                           identity::v1::Identity* response) override;
  grpc::ServerUnaryReactor* DisableIdentity(
      grpc::CallbackServerContext* context, const identity::v1::DisableIdentityRequest* request,
      identity::v1::DisableIdentityResponse* response) override;
  grpc::ServerUnaryReactor* DeleteIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::DeleteIdentityRequest* request,
                                           identity::v1::DeleteIdentityResponse* response) override;
  grpc::ServerUnaryReactor* CreateUserAssignedIdentity(
      grpc::CallbackServerContext* context,
      const identity::v1::CreateUserAssignedIdentityRequest* request,
      identity::v1::Identity* response) override;
  grpc::ServerUnaryReactor* AttachIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::AttachIdentityRequest* request,
                                           identity::v1::Identity* response) override;
  grpc::ServerUnaryReactor* DetachIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::DetachIdentityRequest* request,
                                           identity::v1::DetachIdentityResponse* response) override;
  grpc::ServerUnaryReactor* SelectIdentity(grpc::CallbackServerContext* context,
                                           const identity::v1::SelectIdentityRequest* request,
                                           identity::v1::Identity* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const IdentityHandler& identities_;
  const AttachmentHandler& attachments_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_SERVICE_H_
