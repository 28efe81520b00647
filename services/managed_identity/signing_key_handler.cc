#include "services/managed_identity/signing_key_handler.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/signing_key.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {

absl::StatusOr<identity::v1::ListSigningKeysResponse> SigningKeyHandler::List(
    const identity::v1::ListSigningKeysRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  KW_ASSIGN_OR_RETURN(std::vector<SigningKey> keys,
                      changes_.Read<std::vector<SigningKey>>([&](storage::Transaction& tx) {
                        return ListSigningKeys(tx, page.after, page.limit());
                      }));
  identity::v1::ListSigningKeysResponse response;
  response.set_next_page_token(
      storage::CutPage(request, page, keys, [](const SigningKey& last) { return last.key_id; }));
  for (const SigningKey& key : keys) *response.add_keys() = ToProto(key);
  return response;
}

absl::StatusOr<identity::v1::RotateSigningKeyResponse> SigningKeyHandler::Rotate(
    const server::CallContext& call, const identity::v1::RotateSigningKeyRequest& request) const {
  using Response = identity::v1::RotateSigningKeyResponse;
  while (true) {
    KW_ASSIGN_OR_RETURN(const KeySuccession::Pair seen,
                        changes_.Read<KeySuccession::Pair>(KeySuccession::FindPair));
    KW_RETURN_IF_ERROR(changes_.AwaitDelivery(call, seen.next.last_event).status());
    bool overtaken = false;
    const absl::StatusOr<Response> response =
        changes_.Commit<Response>(call, request, [&](Change& change) -> absl::StatusOr<Response> {
          KW_ASSIGN_OR_RETURN(const auto advanced, succession_.Advance(change, seen));
          overtaken = !advanced.has_value();
          if (overtaken)
            return absl::CancelledError("others are the active and the next key by now");
          Response answer;
          *answer.mutable_active() = ToProto(advanced->active);
          *answer.mutable_retired() = ToProto(advanced->retired);
          return answer;
        });
    if (overtaken) continue;
    if (response.ok()) call.Note("active_key", response->active().key_id());
    return response;
  }
}

absl::StatusOr<identity::v1::RevokeSigningKeyResponse> SigningKeyHandler::RevokeIn(
    Change& change, const std::string& key_id, const std::string& by) const {
  KW_ASSIGN_OR_RETURN(std::optional<SigningKey> key, FindSigningKey(change.tx(), key_id));
  if (!key.has_value()) return SigningKeyNotFound(key_id);
  if (key->state == SigningKeyState::kExpired) {
    return SigningKeyExpired(key->ToString(), key->state_reason);
  }
  if (key->published()) {
    KW_ASSIGN_OR_RETURN(key, succession_.Revoke(change, *std::move(key), by));
  }
  identity::v1::RevokeSigningKeyResponse answer;
  *answer.mutable_key() = ToProto(*key);
  // Also when nothing changed: an earlier call may have been too impatient to wait.
  answer.mutable_delivery()->set_sequence(key->last_event);
  return answer;
}

absl::StatusOr<identity::v1::RevokeSigningKeyResponse> SigningKeyHandler::Revoke(
    const server::CallContext& call, const identity::v1::RevokeSigningKeyRequest& request) const {
  using Response = identity::v1::RevokeSigningKeyResponse;
  KW_ASSIGN_OR_RETURN(const std::string key_id, ParseSigningKeyName(request.name(), "name"));
  const auto revoke = [&](Change& change) {
    return RevokeIn(change, key_id, call.caller.principal);
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, revoke));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, revoke));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
