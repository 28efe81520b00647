#ifndef KEYWARD_COMMON_EVENTS_TESTING_FEED_SERVER_H_
#define KEYWARD_COMMON_EVENTS_TESTING_FEED_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/server.h>

#include <memory>

#include "common/events/feed.h"

namespace keyward::events::testing {

// Serves a feed to followers in the same process over a real gRPC channel without a port, a
// certificate or a dispatcher. Thread-safe.
class FeedServer {
 public:
  // Serves `feed`, which must live until the next call of Serve or the end of this; nobody if null.
  explicit FeedServer(Feed* feed = nullptr);
  ~FeedServer();

  // For Follower::Options; stays the same whatever feed is served, as an address does over a
  // restart.
  std::shared_ptr<grpc::Channel> channel();

  // Shuts the feed served so far down, ends its streams, and serves another.
  void Serve(Feed* feed);

 private:
  class Service;

  const std::unique_ptr<Service> service_;
  const std::unique_ptr<grpc::Server> server_;
};

}  // namespace keyward::events::testing

#endif  // KEYWARD_COMMON_EVENTS_TESTING_FEED_SERVER_H_
