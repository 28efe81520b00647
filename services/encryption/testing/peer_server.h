#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVER_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVER_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "common/auth/resource_hierarchy.h"
#include "common/server/application.h"
#include "common/server/testing/test_authority.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::encryption::testing {

// A real server over mutual TLS that stands where another service stands: with a real feed, into
// which a test puts events, and gRPC services that the test brings. A fault ends the test.
class PeerServer {
 public:
  PeerServer(server::testing::TestAuthority& authority, const std::string& service,
             std::vector<grpc::Service*> services);

  // host:port.
  std::string target() const;

  // Publishes an event with the type, subject and data of this one.
  void Publish(const events::v1::Event& event);

  // Whether a consumer has a lease.
  bool Followed();

 private:
  server::testing::TestFolder folder_;
  auth::FlatHierarchy hierarchy_;
  std::unique_ptr<server::RunningService> running_;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVER_H_
