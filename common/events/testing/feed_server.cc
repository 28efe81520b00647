#include "common/events/testing/feed_server.h"

#include <grpcpp/server_builder.h>

#include "absl/synchronization/mutex.h"
#include "common/events/feed_stream.h"
#include "common/status/grpc_status.h"
#include "keyward/events/v1/events.grpc.pb.h"

namespace keyward::events::testing {

class FeedServer::Service : public v1::EventService::Service {
 public:
  explicit Service(Feed* feed) : feed_(feed) {}

  void Serve(Feed* feed) {
    absl::MutexLock lock(&mutex_);
    if (feed_ != nullptr) feed_->Shutdown();
    feed_ = nullptr;
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_ == 0; };
    mutex_.Await(absl::Condition(&idle));
    feed_ = feed;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, SubscribeStream* stream) override {
    v1::SubscribeRequest first;
    if (!stream->Read(&first)) return grpc::Status::CANCELLED;
    Feed* feed = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      feed = feed_;
      if (feed == nullptr) return {grpc::StatusCode::UNAVAILABLE, "no feed is served"};
      ++streams_;
    }
    const absl::Status status = ServeFeed(*feed, first.start(), *context, *stream);
    absl::MutexLock lock(&mutex_);
    --streams_;
    return ToGrpcStatus(status);
  }

 private:
  absl::Mutex mutex_;
  Feed* feed_ ABSL_GUARDED_BY(mutex_);
  int streams_ ABSL_GUARDED_BY(mutex_) = 0;
};

FeedServer::FeedServer(Feed* feed)
    : service_(std::make_unique<Service>(feed)),
      server_(grpc::ServerBuilder().RegisterService(service_.get()).BuildAndStart()) {}

FeedServer::~FeedServer() {
  Serve(nullptr);
  server_->Shutdown(std::chrono::system_clock::now());
}

std::shared_ptr<grpc::Channel> FeedServer::channel() { return server_->InProcessChannel({}); }

void FeedServer::Serve(Feed* feed) { service_->Serve(feed); }

}  // namespace keyward::events::testing
