#ifndef KEYWARD_COMMON_SERVER_ROOT_KEY_SERVICE_H_
#define KEYWARD_COMMON_SERVER_ROOT_KEY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "common/server/rewrapper.h"
#include "keyward/rootkey/v1/root_keys.grpc.pb.h"

namespace keyward::server {

// The gRPC adapter that tells about a service's root key. Every service that has one registers it.
// Thread-safe.
class RootKeyServiceImpl final : public rootkey::v1::RootKeyService::CallbackService {
 public:
  // Both must outlive this.
  RootKeyServiceImpl(Rewrapper& rewrapper, Dispatcher& dispatcher)
      : rewrapper_(rewrapper), dispatcher_(dispatcher) {}

  grpc::ServerUnaryReactor* GetRootKeyState(grpc::CallbackServerContext* context,
                                            const rootkey::v1::GetRootKeyStateRequest* request,
                                            rootkey::v1::RootKeyState* response) override;

 private:
  Rewrapper& rewrapper_;
  Dispatcher& dispatcher_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_ROOT_KEY_SERVICE_H_
