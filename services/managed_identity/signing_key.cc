#include "services/managed_identity/signing_key.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "services/managed_identity/messages.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kCollection = "signingKeys/";
constexpr size_t kKeyIdSize = 32;

bool IsKeyId(absl::string_view id) {
  return id.size() == kKeyIdSize && absl::c_all_of(id, [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::string SigningKey::ToString() const { return absl::StrCat(kCollection, key_id); }

void SigningKey::Activate(absl::Time now) {
  state = SigningKeyState::kActive;
  activate_time = now;
}

void SigningKey::Retire(absl::Time now) {
  state = SigningKeyState::kRetired;
  retire_time = now;
  expire_time = now + kKeyAfterlife;
}

void SigningKey::End(SigningKeyState how, std::string why, absl::Time now) {
  if (state == SigningKeyState::kActive) retire_time = now;
  state = how;
  state_reason = std::move(why);
  expire_time = now;
}

absl::StatusOr<std::string> ParseSigningKeyName(absl::string_view name, absl::string_view field) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, kCollection) && IsKeyId(id)) return std::string(id);
  constexpr size_t kShown = 80;
  return InvalidField(
      field, absl::StrCat("must be \"signingKeys/{key_id}\", the key id 32 of [0-9a-f]; got \"",
                          absl::CHexEscape(name.substr(0, kShown)), "\""));
}

identity::v1::SigningKey ToProto(const SigningKey& key) {
  identity::v1::SigningKey message = ToPublished(key);
  message.set_name(key.ToString());
  message.set_state(static_cast<identity::v1::SigningKey::State>(key.state));
  message.set_state_reason(key.state_reason);
  *message.mutable_create_time() = ToProto(key.create_time);
  if (key.activate_time) *message.mutable_activate_time() = ToProto(*key.activate_time);
  if (key.retire_time) *message.mutable_retire_time() = ToProto(*key.retire_time);
  if (key.expire_time) *message.mutable_expire_time() = ToProto(*key.expire_time);
  return message;
}

identity::v1::SigningKey ToPublished(const SigningKey& key) {
  identity::v1::SigningKey message;
  message.set_key_id(key.key_id);
  message.set_jwk(key.jwk);
  message.set_issuer(key.issuer);
  return message;
}

}  // namespace keyward::managed_identity
