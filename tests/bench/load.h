#ifndef KEYWARD_TESTS_BENCH_LOAD_H_
#define KEYWARD_TESTS_BENCH_LOAD_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/measuring.h"

namespace keyward::bench {

// The first half of the cores, for servers, and the other half, for those that call them, who are
// elsewhere as a rule. FAILED_PRECONDITION with a single core.
struct Halves {
  Cores servers;
  Cores callers;
};
absl::StatusOr<Halves> SplitCores();

// How often `operation` succeeds a second with so many threads at it; -1 if it ever fails.
double PerSecond(int threads, absl::Duration duration, const std::function<bool()>& operation);

// A call that is started: it calls `done` once, from any thread, with whether it succeeded.
using AsyncCall = std::function<void(std::function<void(bool)> done)>;

// How many calls succeed a second with `in_flight` of them under way all the time, and no thread
// for each; -1 if one fails.
double CallsPerSecond(int in_flight, absl::Duration duration, const AsyncCall& call);

// Calls of a unary method with one request: AsyncUnary<WrapKeyResponse>(*stub->async(),
// &CryptographyService::Stub::async::WrapKey, request). The stub must outlive it.
template <typename Response, typename Async, typename Request>
AsyncCall AsyncUnary(Async& async,
                     void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                           std::function<void(grpc::Status)>),
                     Request request) {
  struct Call {
    grpc::ClientContext context;
    Response response;
  };
  return [&async, method, request = std::make_shared<const Request>(std::move(request))](
             std::function<void(bool)> done) {
    auto call = std::make_shared<Call>();
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    grpc::ClientContext* const context = &call->context;
    Response* const response = &call->response;
    (async.*method)(
        context, request.get(), response,
        [call = std::move(call), done = std::move(done)](const grpc::Status& status) mutable {
          // First, for it holds the channel, which must not end on a thread of gRPC.
          call.reset();
          done(status.ok());
        });
  };
}

}  // namespace keyward::bench

#endif  // KEYWARD_TESTS_BENCH_LOAD_H_
