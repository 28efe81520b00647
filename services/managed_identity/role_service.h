#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "services/managed_identity/role_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of RoleService. Thread-safe.
class RoleService final : public identity::v1::RoleService::CallbackService {
 public:
  RoleService(server::Dispatcher& dispatcher, const RoleHandler& roles)
      : dispatcher_(dispatcher), roles_(roles) {}

  grpc::ServerUnaryReactor* CreateRoleAssignment(
      grpc::CallbackServerContext* context,
      const identity::v1::CreateRoleAssignmentRequest* request,
      identity::v1::RoleAssignment* response) override;
  grpc::ServerUnaryReactor* ListRoleAssignments(
      grpc::CallbackServerContext* context, const identity::v1::ListRoleAssignmentsRequest* request,
      identity::v1::ListRoleAssignmentsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteRoleAssignment(
      grpc::CallbackServerContext* context,
      const identity::v1::DeleteRoleAssignmentRequest* request,
      identity::v1::DeleteRoleAssignmentResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const RoleHandler& roles_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_SERVICE_H_
