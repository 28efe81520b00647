#include "services/managed_identity/key_succession.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/random.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {
namespace {

constexpr char kSubject[] = "signingKeys";

// Tells of the keys that are published now; returns the event's sequence.
absl::StatusOr<int64_t> Publish(Change& change) {
  KW_ASSIGN_OR_RETURN(const std::vector<SigningKey> keys, PublishedSigningKeys(change.tx()));
  identity::v1::SigningKeysChanged event;
  for (const SigningKey& key : keys) {
    *event.add_keys() = ToPublished(key);
    if (key.state == SigningKeyState::kActive) event.set_issuer(key.issuer);
  }
  return change.Publish("SigningKeysChanged", kSubject, event);
}

// Publishes, and stores for each of `keys` that it depends on this.
absl::Status PublishFor(Change& change, const std::vector<SigningKey*>& keys) {
  for (const SigningKey* key : keys) KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), *key));
  KW_ASSIGN_OR_RETURN(const int64_t sequence, Publish(change));
  for (SigningKey* key : keys) {
    key->last_event = sequence;
    KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), *key));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SigningKeyContext(const std::string& key_id) {
  return absl::StrCat("managed_identity/token-signing-key/", key_id);
}

server::SealedColumn SigningKeyColumn() {
  return {
      .table = "signing_keys",
      .key = {{"key_id"}},
      .column = "sealed_private_key",
      .context = [](const std::vector<std::string>& key) { return SigningKeyContext(key.at(0)); }};
}

absl::StatusOr<SigningKey> KeySuccession::Make(Change& change, const std::string& issuer,
                                               SigningKeyState state) const {
  const crypto::EcPrivateKey made = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  SigningKey key{.key_id = crypto::RandomHex(16),
                 .issuer = issuer,
                 .jwk = "",
                 .state = state,
                 .create_time = change.now()};
  KW_ASSIGN_OR_RETURN(key.jwk, auth::ToJwk(made.public_key(), key.key_id));
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      root_key_.Seal(made.ToPkcs8(), SigningKeyContext(key.key_id)));
  KW_RETURN_IF_ERROR(InsertPrivateKey(change.tx(), key, sealed));
  return key;
}

absl::Status KeySuccession::Ensure(Change& change, const std::string& issuer) const {
  KW_ASSIGN_OR_RETURN(std::optional<SigningKey> active,
                      FindSigningKey(change.tx(), SigningKeyState::kActive));
  KW_ASSIGN_OR_RETURN(std::optional<SigningKey> next,
                      FindSigningKey(change.tx(), SigningKeyState::kNext));
  if (active.has_value() && next.has_value() && next->issuer == issuer) return absl::OkStatus();
  if (!active.has_value()) {
    // The first start: nobody follows yet, and who will hears of this first.
    KW_ASSIGN_OR_RETURN(active, Make(change, issuer, SigningKeyState::kActive));
    active->Activate(change.now());
    KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), *active));
  }
  if (next.has_value()) {
    next->End(SigningKeyState::kExpired, "never signed: the issuer was changed", change.now());
    KW_RETURN_IF_ERROR(DeletePrivateKey(change.tx(), next->key_id));
    KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), *next));
  }
  KW_ASSIGN_OR_RETURN(next, Make(change, issuer, SigningKeyState::kNext));
  return PublishFor(change, {&*next});
}

absl::StatusOr<KeySuccession::Pair> KeySuccession::FindPair(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(std::optional<SigningKey> active,
                      FindSigningKey(tx, SigningKeyState::kActive));
  KW_ASSIGN_OR_RETURN(std::optional<SigningKey> next, FindSigningKey(tx, SigningKeyState::kNext));
  if (!active.has_value() || !next.has_value()) {
    return absl::DataLossError("a token signing key is missing");
  }
  return Pair{*std::move(active), *std::move(next)};
}

absl::StatusOr<std::optional<KeySuccession::Advanced>> KeySuccession::Advance(
    Change& change, const Pair& seen) const {
  KW_ASSIGN_OR_RETURN(Pair pair, FindPair(change.tx()));
  auto& [active, next] = pair;
  if (active.key_id != seen.active.key_id || next.key_id != seen.next.key_id) return std::nullopt;
  active.Retire(change.now());
  active.last_event = 0;
  next.Activate(change.now());
  next.last_event = 0;
  KW_RETURN_IF_ERROR(DeletePrivateKey(change.tx(), active.key_id));
  KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), active));
  KW_RETURN_IF_ERROR(SaveSigningKey(change.tx(), next));
  KW_ASSIGN_OR_RETURN(SigningKey after, Make(change, next.issuer, SigningKeyState::kNext));
  KW_RETURN_IF_ERROR(PublishFor(change, {&after}));
  return Advanced{std::move(next), std::move(active)};
}

absl::StatusOr<SigningKey> KeySuccession::Revoke(Change& change, SigningKey key,
                                                 const std::string& by) const {
  const SigningKeyState was = key.state;
  std::vector<SigningKey*> dependent = {&key};
  key.End(SigningKeyState::kRevoked, absl::StrCat("revoked by ", by), change.now());
  KW_RETURN_IF_ERROR(DeletePrivateKey(change.tx(), key.key_id));
  std::optional<SigningKey> active, next;
  if (was == SigningKeyState::kActive) {
    KW_ASSIGN_OR_RETURN(active, FindSigningKey(change.tx(), SigningKeyState::kNext));
    if (!active.has_value()) {
      KW_ASSIGN_OR_RETURN(active, Make(change, key.issuer, SigningKeyState::kNext));
    }
    active->Activate(change.now());
    dependent.push_back(&*active);
  }
  if (was != SigningKeyState::kRetired) {
    const std::string& issuer = active.has_value() ? active->issuer : key.issuer;
    KW_ASSIGN_OR_RETURN(next, Make(change, issuer, SigningKeyState::kNext));
    dependent.push_back(&*next);
  }
  KW_RETURN_IF_ERROR(PublishFor(change, dependent));
  return key;
}

absl::StatusOr<int> KeySuccession::Withdraw(Change& change) const {
  KW_ASSIGN_OR_RETURN(std::vector<SigningKey> keys, PublishedSigningKeys(change.tx()));
  std::vector<SigningKey*> withdrawn;
  for (SigningKey& key : keys) {
    if (key.state != SigningKeyState::kRetired || *key.expire_time > change.now()) continue;
    key.End(SigningKeyState::kExpired, "its last token has expired", change.now());
    withdrawn.push_back(&key);
  }
  if (withdrawn.empty()) return 0;
  KW_RETURN_IF_ERROR(PublishFor(change, withdrawn));
  return static_cast<int>(withdrawn.size());
}

}  // namespace keyward::managed_identity
