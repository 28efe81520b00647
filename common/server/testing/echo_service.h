#ifndef KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVICE_H_
#define KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVICE_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/server/dispatcher.h"
#include "common/server/testing/echo.grpc.pb.h"

namespace keyward::server::testing {

// Handlers that block in Wait until the test lets them go. Thread-safe.
class Gate {
 public:
  // A handler comes by.
  void Pass();
  // Until so many handlers wait.
  void AwaitWaiting(int count);
  // Lets all go, now and later.
  void Open();

 private:
  absl::Mutex mutex_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

// Unary methods and Talk by the callback API, Chat by the sync API: what every service's adapter
// with streams looks like.
using EchoServiceBase = EchoService::WithCallbackMethod_Echo<EchoService::WithCallbackMethod_Wait<
    EchoService::WithCallbackMethod_Fail<EchoService::WithCallbackMethod_Relay<
        EchoService::WithCallbackMethod_UseKey<EchoService::WithCallbackMethod_CreateThing<
            EchoService::WithCallbackMethod_Talk<EchoService::Service>>>>>>>;

// The adapter of EchoService. Thread-safe.
class EchoServiceImpl final : public EchoServiceBase {
 public:
  // `next` is where Relay goes; may be null in tests that do not call it.
  EchoServiceImpl(Dispatcher& dispatcher, Gate& gate, std::shared_ptr<grpc::Channel> next)
      : dispatcher_(dispatcher), gate_(gate), next_(std::move(next)) {}

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override;
  grpc::ServerUnaryReactor* CreateThing(grpc::CallbackServerContext* context,
                                        const CreateThingRequest* request,
                                        Thing* response) override;
  grpc::ServerUnaryReactor* Wait(grpc::CallbackServerContext* context, const WaitRequest* request,
                                 EchoResponse* response) override;
  grpc::ServerUnaryReactor* Fail(grpc::CallbackServerContext* context, const FailRequest* request,
                                 EchoResponse* response) override;
  grpc::ServerUnaryReactor* Relay(grpc::CallbackServerContext* context, const RelayRequest* request,
                                  EchoResponse* response) override;
  grpc::ServerUnaryReactor* UseKey(grpc::CallbackServerContext* context,
                                   const UseKeyRequest* request, EchoResponse* response) override;
  grpc::ServerBidiReactor<TalkRequest, EchoResponse>* Talk(
      grpc::CallbackServerContext* context) override;
  grpc::Status Chat(grpc::ServerContext* context,
                    grpc::ServerReaderWriter<EchoResponse, ChatRequest>* stream) override;

 private:
  Dispatcher& dispatcher_;
  Gate& gate_;
  const std::shared_ptr<grpc::Channel> next_;
};

}  // namespace keyward::server::testing

#endif  // KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVICE_H_
