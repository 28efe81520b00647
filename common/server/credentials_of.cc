#include "common/server/credentials_of.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/server/client_context.h"

namespace keyward::server {
namespace {

constexpr size_t kMaxCorrelationIdSize = 64;

// The value of a metadata key; "" if it was sent more than once, so that nobody can mean two
// things.
std::optional<std::string> SingleMetadata(const grpc::ServerContextBase& context, const char* key) {
  const auto [begin, end] = context.client_metadata().equal_range(key);
  if (begin == end) return std::nullopt;
  if (std::next(begin) != end) return "";
  return std::string(begin->second.data(), begin->second.size());
}

bool IsCorrelationId(const std::string& text) {
  return !text.empty() && text.size() <= kMaxCorrelationIdSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

auth::Credentials CredentialsOf(const grpc::ServerContextBase& context) {
  auth::Credentials credentials;
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer != nullptr) {
    const std::vector<grpc::string_ref> ids =
        peer->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
    if (ids.size() == 1) credentials.spiffe_id = std::string(ids[0].data(), ids[0].size());
  }
  credentials.authorization = SingleMetadata(context, kAuthorizationMetadata);
  return credentials;
}

std::string CorrelationIdOf(const grpc::ServerContextBase& context) {
  const std::optional<std::string> sent = SingleMetadata(context, kCorrelationIdMetadata);
  return sent && IsCorrelationId(*sent) ? *sent : NewCorrelationId();
}

}  // namespace keyward::server
