#ifndef KEYWARD_COMMON_EVENTS_EVENT_SERVICE_H_
#define KEYWARD_COMMON_EVENTS_EVENT_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "common/events/feed.h"
#include "common/events/feed_stream.h"
#include "common/server/dispatcher.h"
#include "keyward/events/v1/events.grpc.pb.h"

namespace keyward::events {

// The gRPC adapter of a service's feed. Every service registers one. Thread-safe.
class EventServiceImpl final
    : public v1::EventService::WithCallbackMethod_WaitForDelivery<
          v1::EventService::WithCallbackMethod_ListEvents<
              v1::EventService::WithCallbackMethod_ListConsumers<v1::EventService::Service>>> {
 public:
  // Both must outlive this.
  EventServiceImpl(Feed& feed, server::Dispatcher& dispatcher)
      : feed_(feed), dispatcher_(dispatcher) {}

  grpc::Status Subscribe(grpc::ServerContext* context, SubscribeStream* stream) override;
  grpc::ServerUnaryReactor* WaitForDelivery(grpc::CallbackServerContext* context,
                                            const v1::WaitForDeliveryRequest* request,
                                            v1::WaitForDeliveryResponse* response) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerUnaryReactor* ListConsumers(grpc::CallbackServerContext* context,
                                          const v1::ListConsumersRequest* request,
                                          v1::ListConsumersResponse* response) override;

 private:
  Feed& feed_;
  server::Dispatcher& dispatcher_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_EVENT_SERVICE_H_
