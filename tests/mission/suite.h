#ifndef KEYWARD_TESTS_MISSION_SUITE_H_
#define KEYWARD_TESTS_MISSION_SUITE_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/mission/client.h"

namespace keyward::mission {

// The four servers as four processes on loopback, with mTLS and SQLite under a directory of their
// own, for tests that cross services. Not thread-safe, except that Kill and Start may be called by
// one thread while others use clients.
class Suite {
 public:
  // Names of the servers, in the order in which they depend on each other.
  static const std::vector<std::string>& Services();

  // Makes certificates and starts all four; returns once each says that it is serving.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(const std::string& dir);

  // Ends them.
  ~Suite();

  // Where they listen. `operator_name` has a certificate: "admin", or "nobody", who has no role.
  Endpoints EndpointsFor(const std::string& operator_name = "admin") const;

  const std::string& data_dir() const { return data_dir_; }
  const std::string& pki_dir() const { return pki_dir_; }

  // kill -9.
  absl::Status Kill(const std::string& service);
  // Starts a server that is not running, on the same data. `fault_point`, if not empty, makes it
  // die there.
  absl::Status StartServer(const std::string& service, const std::string& fault_point = "");
  // Returns once the server says that it is serving.
  absl::Status WaitUntilServing(const std::string& service) const;

 private:
  Suite() = default;

  std::vector<std::string> Arguments(const std::string& service) const;

  std::string dir_;
  std::string data_dir_;
  std::string pki_dir_;
  // Sockets that keep the ports for the servers, also while one is down.
  std::vector<int> reserved_;
  std::map<std::string, int> port_;
  std::map<std::string, pid_t> pid_;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_SUITE_H_
