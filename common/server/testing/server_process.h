#ifndef KEYWARD_COMMON_SERVER_TESTING_SERVER_PROCESS_H_
#define KEYWARD_COMMON_SERVER_TESTING_SERVER_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace keyward::server::testing {

// A server as a process of its own, killed when this goes. Reads what it logs. Not thread-safe.
class ServerProcess {
 public:
  // Starts `binary` with these arguments. Any failure ends the test.
  ServerProcess(const std::string& binary, const std::vector<std::string>& arguments);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Reads lines until one has this event, and returns it; "" if the process closes its log first.
  std::string AwaitEvent(absl::string_view event);

  // Sends a signal.
  void Signal(int signal) const;

  // Reads to the end and waits; the exit code, or 128 + the signal that ended it.
  int AwaitExit();

  // All lines read so far.
  const std::string& log() const { return log_; }
  pid_t pid() const { return pid_; }

 private:
  // The next line; nothing at the end.
  std::optional<std::string> ReadLine();

  pid_t pid_ = -1;
  int output_ = -1;
  std::string unread_;
  std::string log_;
};

}  // namespace keyward::server::testing

#endif  // KEYWARD_COMMON_SERVER_TESTING_SERVER_PROCESS_H_
