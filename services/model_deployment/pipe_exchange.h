#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_PIPE_EXCHANGE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_PIPE_EXCHANGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/model_deployment/file_descriptor.h"

namespace keyward::model_deployment {

// Talks to a program through its standard input and output, reading while it writes, so that
// neither side can block the other for ever. UNAVAILABLE when the program ends before its time,
// DEADLINE_EXCEEDED when for `silence_limit` nothing moves, RESOURCE_EXHAUSTED when it says more
// than the limit; the exchange is useless after an error. Not thread-safe.
class PipeExchange {
 public:
  // `to` and `from` are our ends of the pipes.
  PipeExchange(FileDescriptor to, FileDescriptor from);

  // Writes `input`, closes the program's input and returns all that it says until it ends.
  absl::StatusOr<std::string> WriteAndReadToEnd(absl::string_view input, size_t output_limit,
                                                absl::Duration silence_limit);

  // Writes `input` and returns the next `count` answers, each ended by a NUL that is left out. More
  // bytes than that are an error too: the program is out of step.
  absl::StatusOr<std::vector<std::string>> WriteAndReadAnswers(absl::string_view input,
                                                               size_t count, size_t output_limit,
                                                               absl::Duration silence_limit);

 private:
  // Moves bytes until `done`, which looks at what has been read so far, says so.
  absl::Status Move(
      absl::string_view input, bool close_after, absl::Duration silence_limit,
      absl::FunctionRef<absl::StatusOr<bool>(absl::string_view piece, bool ended)> done);

  FileDescriptor to_;
  FileDescriptor from_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_PIPE_EXCHANGE_H_
