// encryption.encrypt_1k: Encrypt of 1 KiB a second with 64 calls under way, beside an echo of as
// many bytes by a server with the same TLS, dispatch and audit, in the same run. The servers have
// the first half of the cores, who calls has the other. One line of JSON.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/process.h"
#include "common/server/testing/echo_server.h"
#include "common/server/testing/test_authority.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/roles.pb.h"
#include "tests/bench/account.h"
#include "tests/bench/load.h"
#include "tests/bench/measuring.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

constexpr absl::Duration kMeasured = absl::Seconds(2);
constexpr int kTurns = 7;
constexpr int kCallers = 64;
constexpr size_t kSize = 1 << 10;

using encryption::v1::DataService;
using server::testing::EchoService;

// The echo, on the cores of the thread that makes it.
struct Echo {
  Echo() : server(authority, Options()) {}

  // As every server has it.
  static server::testing::EchoServer::Options Options() {
    server::testing::EchoServer::Options options;
    options.dispatcher = {};
    return options;
  }

  absl::Status Start() {
    KW_RETURN_IF_ERROR(server.Start());
    const server::TlsFiles alice = authority.IssueOperator("alice");
    server.identities().Grant("spiffe://keyward.local/operator/alice",
                              identity::v1::ROLE_ADMINISTRATOR, "/");
    stub = server.Stub(alice);
    return absl::OkStatus();
  }

  server::testing::TestAuthority authority;
  server::testing::EchoServer server;
  std::unique_ptr<EchoService::Stub> stub;
};

AsyncCall Echoed(Echo& echo) {
  server::testing::EchoRequest request;
  request.mutable_target()->set_name("things/1");
  request.set_text(std::string(kSize, 'x'));
  return AsyncUnary<server::testing::EchoResponse>(*echo.stub->async(),
                                                   &EchoService::Stub::async::Echo, request);
}

AsyncCall Encrypted(mission::Customer& customer) {
  encryption::v1::EncryptRequest request;
  request.set_account(customer.account());
  request.set_scope("uploads");
  request.set_object("value");
  request.set_plaintext(std::string(kSize, 'x'));
  return AsyncUnary<encryption::v1::EncryptResponse>(*customer.client().data->async(),
                                                     &DataService::Stub::async::Encrypt, request);
}

absl::Status Measure(const std::string& dir) {
  KW_ASSIGN_OR_RETURN(const Halves cores, SplitCores());
  KW_RETURN_IF_ERROR(RunOn(cores.servers));
  KW_ASSIGN_OR_RETURN(const auto suite, mission::Suite::Start(dir));
  Echo echo;
  KW_RETURN_IF_ERROR(echo.Start());
  KW_RETURN_IF_ERROR(RunOn(cores.callers));
  mission::Client client(suite->EndpointsFor());
  mission::Customer customer(client, "bench");
  KW_RETURN_IF_ERROR(MakeAccount(customer));
  const AsyncCall echoed = Echoed(echo), encrypted = Encrypted(customer);
  std::vector<double> limits, values;
  for (int turn = 0; turn < kTurns; ++turn) {
    limits.push_back(CallsPerSecond(kCallers, kMeasured, echoed));
    values.push_back(CallsPerSecond(kCallers, kMeasured, encrypted));
    if (limits.back() < 0 || values.back() < 0) {
      return absl::InternalError("a measured operation failed");
    }
  }
  Print("encryption.encrypt_1k", "1/s", Median(values), Median(limits));
  return absl::OkStatus();
}

// The echo logs its calls to this process's standard error, as every server does: that goes to a
// file for the time being.
absl::Status MeasureWithLog(const std::string& dir) {
  const int kept = dup(STDERR_FILENO);
  const int log = open((dir + "/echo.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (kept < 0 || log < 0) return absl::ErrnoToStatus(errno, "cannot open a log");
  dup2(log, STDERR_FILENO);
  const absl::Status measured = Measure(dir);
  dup2(kept, STDERR_FILENO);
  close(log);
  close(kept);
  return measured;
}

}  // namespace
}  // namespace keyward::bench

int main() {
  keyward::server::StopSearchForDeadlocks();
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const absl::Status measured = keyward::bench::MeasureWithLog(dir);
  std::filesystem::remove_all(dir);
  if (!measured.ok()) std::cerr << measured << "\n";
  return measured.ok() ? 0 : 1;
}
