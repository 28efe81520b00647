#include "common/server/testing/echo_service.h"

#include <grpcpp/client_context.h>

#include <optional>
#include <utility>

#include "common/server/client_context.h"
#include "common/server/message_check.h"
#include "common/server/message_stream.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"

namespace keyward::server::testing {
namespace {

EchoResponse Answer(const CallContext& call, const std::string& text) {
  EchoResponse response;
  response.set_text(text);
  response.set_principal(call.caller.principal);
  response.set_tenant(call.caller.tenant);
  response.set_correlation_id(call.correlation_id);
  return response;
}

}  // namespace

void Gate::Pass() {
  absl::MutexLock lock(&mutex_);
  ++waiting_;
  mutex_.Await(absl::Condition(&open_));
  --waiting_;
}

void Gate::AwaitWaiting(int count) {
  absl::MutexLock lock(&mutex_);
  const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_ >= count; };
  mutex_.Await(absl::Condition(&reached));
}

void Gate::Open() {
  absl::MutexLock lock(&mutex_);
  open_ = true;
}

grpc::ServerUnaryReactor* EchoServiceImpl::Echo(grpc::CallbackServerContext* context,
                                                const EchoRequest* request,
                                                EchoResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [](const CallContext& call, const EchoRequest& echo) {
                             call.Note("noted", "by the handler");
                             call.Note("let_in_by", call.rule->permission());
                             call.Note("let_in_for", call.resource);
                             return Answer(call, echo.text());
                           });
}

grpc::ServerUnaryReactor* EchoServiceImpl::CreateThing(grpc::CallbackServerContext* context,
                                                       const CreateThingRequest* request,
                                                       Thing* response) {
  return dispatcher_.Unary(context, request, response,
                           [](const CallContext&, const CreateThingRequest& create) {
                             Thing thing;
                             thing.set_name("things/" + create.thing_id());
                             return thing;
                           });
}

grpc::ServerUnaryReactor* EchoServiceImpl::Wait(grpc::CallbackServerContext* context,
                                                const WaitRequest* request,
                                                EchoResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const CallContext& call, const WaitRequest&) {
                             gate_.Pass();
                             return Answer(call, "waited");
                           });
}

grpc::ServerUnaryReactor* EchoServiceImpl::Fail(grpc::CallbackServerContext* context,
                                                const FailRequest* request,
                                                EchoResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [](const CallContext&, const FailRequest& fail) -> absl::StatusOr<EchoResponse> {
        const auto code = static_cast<absl::StatusCode>(fail.code());
        if (fail.reason().empty()) return absl::Status(code, fail.message());
        return ErrorBuilder(code, fail.reason(), fail.message())
            .With("resource", "things/1")
            .Violation("BROKEN", "things/1", "mend it")
            .RetryAfter(absl::Seconds(3))
            .Build();
      });
}

grpc::ServerUnaryReactor* EchoServiceImpl::Relay(grpc::CallbackServerContext* context,
                                                 const RelayRequest* request,
                                                 EchoResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const CallContext& call, const RelayRequest& relay) -> absl::StatusOr<EchoResponse> {
        grpc::ClientContext next;
        Prepare(next, call);
        EchoRequest echo;
        echo.set_text(relay.text());
        EchoResponse answer;
        KW_RETURN_IF_ERROR(FromGrpcStatus(EchoService::NewStub(next_)->Echo(&next, echo, &answer)));
        return answer;
      });
}

grpc::ServerUnaryReactor* EchoServiceImpl::UseKey(grpc::CallbackServerContext* context,
                                                  const UseKeyRequest* request,
                                                  EchoResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [](const CallContext& call, const UseKeyRequest& use) { return Answer(call, use.name()); });
}

grpc::ServerBidiReactor<TalkRequest, EchoResponse>* EchoServiceImpl::Talk(
    grpc::CallbackServerContext* context) {
  return dispatcher_.Bidirectional<TalkRequest, EchoResponse>(
      context,
      [](const CallContext& call,
         MessageStream<TalkRequest, EchoResponse>& stream) -> absl::Status {
        int patience = 0;
        const auto still = [&]() -> absl::Status {
          if (patience == 0 || --patience > 0) return absl::OkStatus();
          return ErrorBuilder(absl::StatusCode::kAborted, "TALK_OVER", "enough said");
        };
        for (;;) {
          KW_ASSIGN_OR_RETURN(const std::optional<TalkRequest> message, stream.Read(still));
          if (!message.has_value()) return stream.Flush(still);
          if (message->patience() > 0) patience = message->patience();
          KW_RETURN_IF_ERROR(stream.Write(Answer(call, message->text()), still));
        }
      });
}

grpc::Status EchoServiceImpl::Chat(grpc::ServerContext* context,
                                   grpc::ServerReaderWriter<EchoResponse, ChatRequest>* stream) {
  ChatRequest message;
  if (!stream->Read(&message)) message.Clear();
  const auto kind =
      message.endless() ? Dispatcher::StreamKind::kEndless : Dispatcher::StreamKind::kFinite;
  const ChatRequest first = message;
  return dispatcher_.Stream(
      context, first,
      [&](CallContext& call) -> absl::Status {
        do {
          KW_RETURN_IF_ERROR(CheckMessage(message));
          stream->Write(Answer(call, message.text()));
        } while (stream->Read(&message));
        return absl::OkStatus();
      },
      kind);
}

}  // namespace keyward::server::testing
