#include "services/encryption/testing/peer_server.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "google/protobuf/message.h"

namespace keyward::encryption::testing {
namespace {

class GivenServices final : public server::Application {
 public:
  explicit GivenServices(std::vector<grpc::Service*> services) : services_(std::move(services)) {}

  std::vector<grpc::Service*> services() override { return services_; }

 private:
  const std::vector<grpc::Service*> services_;
};

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::abort();
}

}  // namespace

PeerServer::PeerServer(server::testing::TestAuthority& authority, const std::string& service,
                       std::vector<grpc::Service*> services) {
  server::ServerOptions options;
  options.tls = authority.IssueService(service);
  options.database = absl::StrCat("sqlite:", folder_.path(), "/peer.db");
  auto running = server::RunningService::Start(
      service, options, {},
      [&](server::Foundation& foundation) -> absl::StatusOr<std::unique_ptr<server::Application>> {
        foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
        foundation.MakeDispatcher(hierarchy_);
        return std::make_unique<GivenServices>(std::move(services));
      },
      clock::RealClock());
  Require(running.status());
  running_ = *std::move(running);
}

std::string PeerServer::target() const {
  return absl::StrCat("127.0.0.1:", running_->server().port());
}

void PeerServer::Publish(const events::v1::Event& event) {
  // The outbox packs a message; this one is unpacked for it.
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      event.data().type_url().substr(event.data().type_url().rfind('/') + 1));
  std::unique_ptr<google::protobuf::Message> data(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  event.data().UnpackTo(data.get());
  server::Foundation& foundation = running_->foundation();
  Require(foundation.database().Write([&](storage::Transaction& tx) {
    return foundation.outbox()
        .Append(tx, {.type = event.type(),
                     .subject = event.subject(),
                     .data = *data,
                     .correlation_id = event.correlation_id()})
        .status();
  }));
}

bool PeerServer::Followed() {
  const auto consumers = running_->foundation().feed().ListConsumers();
  return consumers.ok() && consumers->consumers_size() > 0 && consumers->consumers(0).fresh();
}

}  // namespace keyward::encryption::testing
