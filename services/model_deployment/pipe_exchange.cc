#include "services/model_deployment/pipe_exchange.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {

// A write to a pipe without a reader must be an error, not the end of this process; gRPC ignores
// the signal too, but not before its first channel.
void IgnoreBrokenPipes() {
  static const bool ignored = [] {
    signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  static_cast<void>(ignored);
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

PipeExchange::PipeExchange(FileDescriptor to, FileDescriptor from)
    : to_(std::move(to)), from_(std::move(from)) {
  IgnoreBrokenPipes();
  SetNonBlocking(to_);
  SetNonBlocking(from_);
}

absl::StatusOr<std::string> PipeExchange::WriteAndReadToEnd(absl::string_view input,
                                                            size_t output_limit,
                                                            absl::Duration silence_limit) {
  std::string output;
  KW_RETURN_IF_ERROR(Move(input, /*close_after=*/true, silence_limit,
                          [&](absl::string_view piece, bool ended) -> absl::StatusOr<bool> {
                            output.append(piece.data(), piece.size());
                            if (output.size() > output_limit) {
                              return absl::ResourceExhaustedError("the program says too much");
                            }
                            return ended;
                          }));
  return output;
}

absl::StatusOr<std::vector<std::string>> PipeExchange::WriteAndReadAnswers(
    absl::string_view input, size_t count, size_t output_limit, absl::Duration silence_limit) {
  std::vector<std::string> answers;
  std::string partial;
  size_t total = 0;
  KW_RETURN_IF_ERROR(Move(input, /*close_after=*/false, silence_limit,
                          [&](absl::string_view piece, bool ended) -> absl::StatusOr<bool> {
                            if (ended) return absl::UnavailableError("the program ended");
                            total += piece.size();
                            if (total > output_limit) {
                              return absl::ResourceExhaustedError("the program says too much");
                            }
                            for (size_t end; (end = piece.find('\0')) != absl::string_view::npos;) {
                              partial.append(piece.data(), end);
                              answers.push_back(std::exchange(partial, {}));
                              piece.remove_prefix(end + 1);
                            }
                            partial.append(piece.data(), piece.size());
                            if (answers.size() > count ||
                                (answers.size() == count && !partial.empty())) {
                              return absl::UnavailableError("the program is out of step");
                            }
                            return answers.size() == count;
                          }));
  return answers;
}

absl::Status PipeExchange::Move(
    absl::string_view input, bool close_after, absl::Duration silence_limit,
    absl::FunctionRef<absl::StatusOr<bool>(absl::string_view piece, bool ended)> done) {
  std::array<char, 64 * 1024> buffer;
  while (true) {
    if (input.empty() && close_after) to_.Close();
    pollfd fds[2] = {{from_.get(), POLLIN, 0}, {input.empty() ? -1 : to_.get(), POLLOUT, 0}};
    int ready = poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(silence_limit)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return absl::UnavailableError("cannot wait for the program");
    if (ready == 0) return absl::DeadlineExceededError("the program does not answer");
    if (fds[1].revents != 0) {
      ssize_t size = write(to_.get(), input.data(), std::min<size_t>(input.size(), 64 * 1024));
      if (size < 0 && !WouldBlock()) return absl::UnavailableError("the program reads no more");
      if (size > 0) input.remove_prefix(static_cast<size_t>(size));
    }
    if (fds[0].revents != 0) {
      ssize_t size = read(from_.get(), buffer.data(), buffer.size());
      if (size < 0 && WouldBlock()) continue;
      if (size < 0) return absl::UnavailableError("the program cannot be heard");
      KW_ASSIGN_OR_RETURN(
          bool finished,
          done(absl::string_view(buffer.data(), static_cast<size_t>(size)), size == 0));
      if (finished && input.empty()) return absl::OkStatus();
      if (size == 0) return absl::UnavailableError("the program ended");
    }
  }
}

}  // namespace keyward::model_deployment
