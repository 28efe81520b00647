#include "common/server/client_context.h"

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace keyward::server {
namespace {

void AddMetadata(grpc::ClientContext& context, absl::string_view correlation_id,
                 absl::string_view bearer_token) {
  context.AddMetadata(kCorrelationIdMetadata, std::string(correlation_id));
  if (!bearer_token.empty()) {
    context.AddMetadata(kAuthorizationMetadata, absl::StrCat("Bearer ", bearer_token));
  }
}

}  // namespace

void Prepare(grpc::ClientContext& context, const CallContext& call,
             absl::string_view bearer_token) {
  if (call.deadline != absl::InfiniteFuture()) {
    context.set_deadline(absl::ToChronoTime(call.deadline));
  }
  AddMetadata(context, call.correlation_id, bearer_token);
}

void Prepare(grpc::ClientContext& context, absl::string_view correlation_id, absl::Duration timeout,
             absl::string_view bearer_token) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  AddMetadata(context, correlation_id, bearer_token);
}

std::string NewCorrelationId() {
  thread_local absl::BitGen generator;
  const auto time = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  return absl::StrCat(absl::Hex(time << 16 | absl::Uniform<uint16_t>(generator), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16));
}

}  // namespace keyward::server
