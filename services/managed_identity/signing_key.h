#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "keyward/identity/v1/tokens.pb.h"

namespace keyward::managed_identity {

// The values are stored, and those of the proto.
enum class SigningKeyState { kNext = 1, kActive = 2, kRetired = 3, kExpired = 4, kRevoked = 5 };

// How long after it has signed its last token a key stays published: as long as a token lives
// (auth::kMaxTokenLifetime), and twice what the clocks of replicas may differ by.
inline constexpr absl::Duration kKeyAfterlife = absl::Minutes(12);

// A key that signs tokens, without its private part. A value.
struct SigningKey {
  std::string key_id;
  // The `iss` of the tokens that it signs.
  std::string issuer;
  // The public part.
  std::string jwk;
  SigningKeyState state = SigningKeyState::kNext;
  std::string state_reason = {};
  absl::Time create_time;
  std::optional<absl::Time> activate_time = {};
  std::optional<absl::Time> retire_time = {};
  std::optional<absl::Time> expire_time = {};
  // The event that every service must have heard of before the state can be relied on: that a NEXT
  // or ACTIVE key is published, that another one is gone. 0 if they all have.
  int64_t last_event = 0;

  bool published() const { return state <= SigningKeyState::kRetired; }
  // "signingKeys/{key_id}".
  std::string ToString() const;

  // From here on it signs, is retired, or is gone for good.
  void Activate(absl::Time now);
  void Retire(absl::Time now);
  void End(SigningKeyState how, std::string why, absl::Time now);
};

// The key id in "signingKeys/{key_id}", 32 digits. INVALID_ARGUMENT naming `field`.
absl::StatusOr<std::string> ParseSigningKeyName(absl::string_view name, absl::string_view field);

// All of it; and what an event tells of it.
identity::v1::SigningKey ToProto(const SigningKey& key);
identity::v1::SigningKey ToPublished(const SigningKey& key);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_H_
