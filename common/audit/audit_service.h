#ifndef KEYWARD_COMMON_AUDIT_AUDIT_SERVICE_H_
#define KEYWARD_COMMON_AUDIT_AUDIT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "common/storage/database.h"
#include "keyward/audit/v1/audit.grpc.pb.h"

namespace keyward::audit {

// The gRPC adapter that shows a service's audit log. Every service registers one. Thread-safe.
class AuditServiceImpl final : public v1::AuditService::CallbackService {
 public:
  // Both must outlive this.
  AuditServiceImpl(storage::Database& database, server::Dispatcher& dispatcher)
      : database_(database), dispatcher_(dispatcher) {}

  grpc::ServerUnaryReactor* ListAuditEntries(grpc::CallbackServerContext* context,
                                             const v1::ListAuditEntriesRequest* request,
                                             v1::ListAuditEntriesResponse* response) override;

 private:
  storage::Database& database_;
  server::Dispatcher& dispatcher_;
};

}  // namespace keyward::audit

#endif  // KEYWARD_COMMON_AUDIT_AUDIT_SERVICE_H_
