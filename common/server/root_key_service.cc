#include "common/server/root_key_service.h"

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

namespace v1 = rootkey::v1;

absl::StatusOr<v1::RootKeyState> GetState(Rewrapper& rewrapper,
                                          const v1::GetRootKeyStateRequest& request) {
  if (!request.resource().empty() && request.resource() != "/") {
    return InvalidField("resource", "must be \"/\" or empty");
  }
  KW_ASSIGN_OR_RETURN(const Rewrapper::Progress progress, rewrapper.GetProgress());
  v1::RootKeyState state;
  state.set_root_key_id(absl::BytesToHexString(progress.ids.settled));
  state.set_next_root_key_id(absl::BytesToHexString(progress.ids.next));
  state.set_secrets(progress.secrets);
  state.set_secrets_left(progress.left);
  state.set_previous_keys_may_go(progress.left == 0 && progress.ids.next.empty());
  state.set_problem(progress.problem);
  return state;
}

}  // namespace

grpc::ServerUnaryReactor* RootKeyServiceImpl::GetRootKeyState(
    grpc::CallbackServerContext* context, const v1::GetRootKeyStateRequest* request,
    v1::RootKeyState* response) {
  return dispatcher_.Unary(context, request, response, [this](const CallContext&, const auto& get) {
    return GetState(rewrapper_, get);
  });
}

}  // namespace keyward::server
