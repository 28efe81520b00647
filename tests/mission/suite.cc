#include "tests/mission/suite.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/status_macros.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace keyward::mission {
namespace {

constexpr char kTrustDomain[] = "keyward.local";
constexpr absl::Duration kStartLimit = absl::Seconds(60);

// Where Bazel put what the test depends on.
std::string Runfile(const std::string& path) {
  const char* root = std::getenv("TEST_SRCDIR");
  return root == nullptr ? path : absl::StrCat(root, "/keyward/", path);
}

// A socket of its own on a free port, to be kept as long as the port shall be nobody else's: it
// never listens, so a server, whose socket may be reused too, can beside it.
absl::StatusOr<int> ReservePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "socket");
  const int reuse = 1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) == 0 &&
      bind(fd, generic, length) == 0) {
    return fd;
  }
  const absl::Status failed = absl::ErrnoToStatus(errno, "bind");
  close(fd);
  return failed;
}

int PortOf(int fd) {
  sockaddr_in address = {};
  socklen_t length = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

// Starts a program whose output goes to `log`; it dies with this process.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, const std::string& log,
                            const std::string& fault_point) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // All that allocates comes before the fork: other threads may hold malloc's lock at that moment.
  std::string fault = absl::StrCat("KEYWARD_FAULT_POINT=", fault_point);
  std::vector<char*> env;
  for (char** entry = environ; *entry != nullptr; ++entry) env.push_back(*entry);
  if (!fault_point.empty()) env.push_back(fault.data());
  env.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid > 0) return pid;
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(fd, STDOUT_FILENO);
  dup2(fd, STDERR_FILENO);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  execve(argv[0], argv.data(), env.data());
  _exit(127);
}

absl::Status Run(const std::vector<std::string>& arguments, const std::string& log) {
  KW_ASSIGN_OR_RETURN(const pid_t pid, Spawn(arguments, log, ""));
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return absl::ErrnoToStatus(errno, "waitpid");
  if (status == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(arguments[0], " failed; see ", log));
}

}  // namespace

const std::vector<std::string>& Suite::Services() {
  static const auto* const services = new std::vector<std::string>{
      "managed_identity", "key_vault", "encryption", "model_deployment"};
  return *services;
}

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(const std::string& dir) {
  std::unique_ptr<Suite> suite(new Suite());
  suite->dir_ = dir;
  suite->data_dir_ = dir + "/data";
  suite->pki_dir_ = dir + "/pki";
  for (const std::string& service : Services()) {
    std::filesystem::create_directories(absl::StrCat(suite->data_dir_, "/", service));
    KW_ASSIGN_OR_RETURN(const int reserved, ReservePort());
    suite->reserved_.push_back(reserved);
    suite->port_[service] = PortOf(reserved);
  }
  std::filesystem::create_directories(suite->data_dir_ + "/model_deployment/blobs");
  KW_RETURN_IF_ERROR(Run({"/bin/bash", Runfile("deploy/local/pki.sh"), suite->pki_dir_,
                          kTrustDomain, "admin", "nobody"},
                         dir + "/pki.log"));
  for (const std::string& service : Services()) KW_RETURN_IF_ERROR(suite->StartServer(service));
  for (const std::string& service : Services()) {
    KW_RETURN_IF_ERROR(suite->WaitUntilServing(service));
  }
  return suite;
}

Suite::~Suite() {
  for (const std::string& service : Services()) Kill(service).IgnoreError();
  for (const int reserved : reserved_) close(reserved);
}

Endpoints Suite::EndpointsFor(const std::string& operator_name) const {
  auto address = [&](const char* service) { return absl::StrCat("127.0.0.1:", port_.at(service)); };
  Endpoints endpoints;
  endpoints.managed_identity = address("managed_identity");
  endpoints.key_vault = address("key_vault");
  endpoints.encryption = address("encryption");
  endpoints.model_deployment = address("model_deployment");
  const std::string stem = absl::StrCat(pki_dir_, "/operator-", operator_name);
  endpoints.operator_tls = {stem + ".crt", stem + ".key", pki_dir_ + "/ca.crt"};
  endpoints.trust_domain = kTrustDomain;
  return endpoints;
}

std::vector<std::string> Suite::Arguments(const std::string& service) const {
  auto flag = [](const char* name, const std::string& value) {
    return absl::StrCat("--", name, "=", value);
  };
  auto address = [&](const std::string& peer) {
    return absl::StrCat("127.0.0.1:", port_.at(peer));
  };
  const std::string home = absl::StrCat(data_dir_, "/", service);
  std::vector<std::string> arguments = {
      Runfile(absl::StrCat("services/", service, "/", service)),
      flag("listen", address(service)),
      flag("metrics_listen", "127.0.0.1:0"),
      flag("health_listen", "127.0.0.1:0"),
      flag("tls_certificate", absl::StrCat(pki_dir_, "/", service, ".crt")),
      flag("tls_private_key", absl::StrCat(pki_dir_, "/", service, ".key")),
      flag("tls_ca", pki_dir_ + "/ca.crt"),
      flag("trust_domain", kTrustDomain),
      flag("database", absl::StrCat("sqlite:", home, "/", service, ".db")),
      flag("root_key_file", home + "/root.key"),
  };
  if (service == "managed_identity") {
    arguments.push_back(flag("bootstrap_administrator",
                             absl::StrCat("spiffe://", kTrustDomain, "/operator/admin")));
  } else {
    arguments.push_back(flag("managed_identity", address("managed_identity")));
  }
  if (service == "encryption") arguments.push_back(flag("key_vault", address("key_vault")));
  if (service == "model_deployment") {
    arguments.push_back(flag("encryption", address("encryption")));
    arguments.push_back(flag("blob_dir", home + "/blobs"));
  }
  return arguments;
}

absl::Status Suite::Kill(const std::string& service) {
  const pid_t pid = std::exchange(pid_[service], 0);
  if (pid <= 0) return absl::FailedPreconditionError(absl::StrCat(service, " does not run"));
  if (kill(pid, SIGKILL) != 0) return absl::ErrnoToStatus(errno, "kill");
  if (waitpid(pid, nullptr, 0) != pid) return absl::ErrnoToStatus(errno, "waitpid");
  return absl::OkStatus();
}

absl::Status Suite::StartServer(const std::string& service, const std::string& fault_point) {
  KW_ASSIGN_OR_RETURN(pid_[service], Spawn(Arguments(service),
                                           absl::StrCat(dir_, "/", service, ".log"), fault_point));
  return absl::OkStatus();
}

absl::Status Suite::WaitUntilServing(const std::string& service) const {
  const Endpoints endpoints = EndpointsFor();
  auto stub = grpc::health::v1::Health::NewStub(
      server::MakeChannel(absl::StrCat("127.0.0.1:", port_.at(service)), endpoints.operator_tls,
                          absl::StrCat("spiffe://", kTrustDomain, "/service/", service)));
  const absl::Time give_up = absl::Now() + kStartLimit;
  while (absl::Now() < give_up) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(absl::ToChronoTime(give_up));
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = stub->Check(&context, {}, &response);
    if (status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING) {
      return absl::OkStatus();
    }
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(20));
  }
  return absl::DeadlineExceededError(
      absl::StrCat(service, " does not serve; see ", dir_, "/", service, ".log"));
}

}  // namespace keyward::mission
