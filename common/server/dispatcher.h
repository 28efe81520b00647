#ifndef KEYWARD_COMMON_SERVER_DISPATCHER_H_
#define KEYWARD_COMMON_SERVER_DISPATCHER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/audit/audit_log.h"
#include "common/auth/authenticator.h"
#include "common/auth/authorizer.h"
#include "common/clock/clock.h"
#include "common/server/blocking_stream.h"
#include "common/server/call_context.h"
#include "common/server/message_stream.h"
#include "common/server/metrics.h"
#include "google/protobuf/message.h"

namespace keyward::server {

// The one way into a service: every adapter method goes through it. It authenticates the caller,
// authorises it by the method's option (a method without one is refused), refuses fields and enum
// values it does not know, runs the handler on a worker of its gRPC service, makes the audit entry
// durable before the answer leaves, measures, logs one line, and turns errors into what callers may
// see: an error without a reason becomes INTERNAL, and its cause stays in the log. Handlers may
// block. Thread-safe.
class Dispatcher {
 public:
  struct Options {
    // Handlers of one gRPC service that run at the same time.
    int workers = 32;
    // Calls of one gRPC service that may wait besides, for a worker or for their audit entry; more
    // are refused with reason OVERLOADED.
    int queue = 1024;
    // Streams of Bidirectional that one gRPC service serves at the same time, each on a thread;
    // more are refused with reason OVERLOADED.
    int streams = 64;
    // For callers that set no deadline, or a later one. Streams may outlast it: their handlers
    // bound them.
    absl::Duration longest_call = absl::Seconds(60);
  };

  // Everything given must outlive this.
  Dispatcher(Options options, const auth::Authenticator& authenticator,
             const auth::Authorizer& authorizer, audit::AuditSink& audit, Metrics& metrics,
             const clock::Clock& clock);
  // Waits for the calls that run.
  ~Dispatcher();

  // Says that handlers of this gRPC service, such as "keyward.keyvault.v1.CryptographyService",
  // compute and seldom wait: no more workers than ComputingWorkers (lane.h). Before its first call.
  void LimitToCores(absl::string_view service);

  template <typename Request, typename Response>
  using Handler =
      std::function<absl::StatusOr<Response>(const CallContext& call, const Request& request)>;

  // Serves a unary method of the callback API; the adapter returns what this returns. The request's
  // type names the method: each RPC has a request of its own, in the file of its service.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response,
                                  std::type_identity_t<Handler<Request, Response>> handler) {
    return Start(
        context, *request, *response,
        [request, response, handler = std::move(handler)](const CallContext& call) -> absl::Status {
          absl::StatusOr<Response> result = handler(call, *request);
          if (!result.ok()) return std::move(result).status();
          *response = *std::move(result);
          return absl::OkStatus();
        });
  }

  enum class StreamKind {
    // Ends by itself; a draining server waits for it.
    kFinite,
    // Goes on for ever, such as a feed; a draining server cancels it.
    kEndless,
  };

  // Serves a streaming method of the sync API, on gRPC's thread. `method` is its full name, such as
  // "keyward.events.v1.EventService/Subscribe"; `resource` what its option's resource field holds
  // in the first message, which the adapter has read already. Further messages must
  // pass CheckMessage (message_check.h).
  grpc::Status Stream(grpc::ServerContext* context, absl::string_view method,
                      absl::string_view resource,
                      absl::FunctionRef<absl::Status(CallContext& call)> body,
                      StreamKind kind = StreamKind::kFinite);

  // The same with the first message that the client sent, which names the method and the resource
  // as a unary request does, and is checked.
  grpc::Status Stream(grpc::ServerContext* context, const google::protobuf::Message& first,
                      absl::FunctionRef<absl::Status(CallContext& call)> body,
                      StreamKind kind = StreamKind::kFinite);

  template <typename Request, typename Response>
  using StreamHandler = std::function<absl::Status(const CallContext& call,
                                                   MessageStream<Request, Response>& stream)>;

  // Serves a bidirectional method of the callback API on a thread of the service's streams; the
  // adapter returns what this returns. The first message names the method and the resource, as a
  // unary request does; the handler reads it, too. Such streams end by themselves.
  template <typename Request, typename Response>
  grpc::ServerBidiReactor<Request, Response>* Bidirectional(
      grpc::CallbackServerContext* context, StreamHandler<Request, Response> handler) {
    using Serving = BlockingStream<Request, Response>;
    return new Serving(*context, clock_, [=, this](Serving& stream) {
      StartStream(
          context, stream.first(),
          [&stream, handler](CallContext& call) { return handler(call, stream); },
          [&stream](const grpc::Status& status) { stream.Close(status); });
    });
  }

  // Waits until no call runs but endless streams, or `deadline` (on the wall clock) comes; returns
  // whether it did. For a server that drains.
  bool AwaitFiniteCalls(absl::Time deadline);

  // Cancels endless streams, those that come later too. For a server that drains.
  void CancelEndlessStreams();

 private:
  class Impl;

  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message& response,
                                  std::function<absl::Status(const CallContext&)> run);

  void StartStream(grpc::CallbackServerContext* context, const google::protobuf::Message& first,
                   std::function<absl::Status(CallContext&)> body,
                   std::function<void(const grpc::Status&)> close);

  const clock::Clock& clock_;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_DISPATCHER_H_
