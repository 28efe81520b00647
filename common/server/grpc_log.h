#ifndef KEYWARD_COMMON_SERVER_GRPC_LOG_H_
#define KEYWARD_COMMON_SERVER_GRPC_LOG_H_

namespace keyward::server {

// Makes what gRPC itself has to say JSON lines of our log, at warning or below. Idempotent and
// thread-safe.
void RouteGrpcLog();

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_GRPC_LOG_H_
