#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/resource_hierarchy.h"
#include "common/server/application.h"
#include "common/server/testing/echo_service.h"

namespace keyward::server::testing {
namespace {

class EchoApplication final : public Application {
 public:
  explicit EchoApplication(Foundation& foundation)
      : echo_(foundation.MakeDispatcher(hierarchy_), gate_, nullptr) {
    foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
  }

  std::vector<grpc::Service*> services() override { return {&echo_}; }

 private:
  auth::FlatHierarchy hierarchy_;
  Gate gate_;
  EchoServiceImpl echo_;
};

}  // namespace
}  // namespace keyward::server::testing

// A server of Keyward as small as one can be, for the tests of what all of them have in common.
int main(int argc, char** argv) {
  using keyward::server::Foundation;
  return keyward::server::Main(
      argc, argv, "echo", {},
      [](Foundation& foundation) -> absl::StatusOr<std::unique_ptr<keyward::server::Application>> {
        return std::make_unique<keyward::server::testing::EchoApplication>(foundation);
      });
}
