#include "common/events/event_service.h"

#include <utility>

#include "common/events/errors.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::events {
namespace {

// A service follows under its own name only: another's acknowledgement would end waits too early.
absl::Status CheckStart(const auth::Caller& caller, const v1::SubscribeRequest& first) {
  if (!first.has_start()) return InvalidField("start", "must be the first request");
  const std::string& consumer = first.start().consumer();
  if (caller.kind == auth::Caller::Kind::kService && caller.name == consumer) {
    return absl::OkStatus();
  }
  return NotTheConsumer(consumer);
}

}  // namespace

grpc::Status EventServiceImpl::Subscribe(grpc::ServerContext* context, SubscribeStream* stream) {
  v1::SubscribeRequest first;
  if (!stream->Read(&first)) return grpc::Status::CANCELLED;
  return dispatcher_.Stream(
      context, first,
      [&](server::CallContext& call) -> absl::Status {
        KW_RETURN_IF_ERROR(CheckStart(call.caller, first));
        return ServeFeed(feed_, first.start(), *context, *stream);
      },
      server::Dispatcher::StreamKind::kEndless);
}

grpc::ServerUnaryReactor* EventServiceImpl::WaitForDelivery(
    grpc::CallbackServerContext* context, const v1::WaitForDeliveryRequest* request,
    v1::WaitForDeliveryResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const server::CallContext& call,
                                  const auto& wait) -> absl::StatusOr<v1::WaitForDeliveryResponse> {
                             v1::WaitForDeliveryResponse answer;
                             KW_ASSIGN_OR_RETURN(
                                 *answer.mutable_delivery(),
                                 feed_.WaitForDelivery(wait.sequence(), call.deadline));
                             return answer;
                           });
}

grpc::ServerUnaryReactor* EventServiceImpl::ListEvents(grpc::CallbackServerContext* context,
                                                       const v1::ListEventsRequest* request,
                                                       v1::ListEventsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext&, const auto& list) { return feed_.ListEvents(list); });
}

grpc::ServerUnaryReactor* EventServiceImpl::ListConsumers(grpc::CallbackServerContext* context,
                                                          const v1::ListConsumersRequest* request,
                                                          v1::ListConsumersResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext&, const auto&) { return feed_.ListConsumers(); });
}

}  // namespace keyward::events
