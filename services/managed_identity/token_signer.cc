#include "services/managed_identity/token_signer.h"

#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/crypto/jws.h"
#include "common/crypto/random.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {
namespace {

// Binds a sealed key to its place.
std::string SealContext(absl::string_view key_id) {
  return absl::StrCat("managed_identity/token-signing-key/", key_id);
}

identity::v1::SigningKey ToProto(const StoredSigningKey& key) {
  identity::v1::SigningKey message;
  message.set_key_id(key.key_id);
  message.set_jwk(key.jwk);
  return message;
}

absl::StatusOr<StoredSigningKey> MakeKey(const crypto::RootKey& root_key, const std::string& issuer,
                                         absl::Time now) {
  const crypto::EcPrivateKey key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  StoredSigningKey stored;
  stored.key_id = crypto::RandomHex(16);
  stored.issuer = issuer;
  stored.create_time = now;
  KW_ASSIGN_OR_RETURN(stored.jwk, auth::ToJwk(key.public_key(), stored.key_id));
  KW_ASSIGN_OR_RETURN(stored.sealed_private_key,
                      root_key.Seal(key.ToPkcs8(), SealContext(stored.key_id)));
  return stored;
}

absl::Status StoreAndPublish(Change& change, const StoredSigningKey& key) {
  KW_RETURN_IF_ERROR(InsertSigningKey(change.tx(), key));
  identity::v1::SigningKeysChanged event;
  event.set_issuer(key.issuer);
  *event.add_keys() = ToProto(key);
  return change.Publish("SigningKeysChanged", "signingKeys", event).status();
}

}  // namespace

server::SealedColumn SigningKeyColumn() {
  return {.table = "signing_keys",
          .key = {{"key_id"}},
          .column = "sealed_private_key",
          .context = [](const std::vector<std::string>& key) { return SealContext(key.at(0)); }};
}

absl::StatusOr<std::unique_ptr<TokenSigner>> TokenSigner::LoadOrCreate(
    const Changes& changes, const crypto::RootKey& root_key, const std::string& issuer) {
  std::vector<StoredSigningKey> keys;
  KW_RETURN_IF_ERROR(changes.CommitUnasked([&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(keys, ListSigningKeys(change.tx()));
    if (!keys.empty()) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(StoredSigningKey made, MakeKey(root_key, issuer, change.now()));
    KW_RETURN_IF_ERROR(StoreAndPublish(change, made));
    keys.push_back(std::move(made));
    return absl::OkStatus();
  }));

  const StoredSigningKey& newest = keys.front();
  absl::StatusOr<crypto::SecretBytes> pkcs8 =
      root_key.Unseal(newest.sealed_private_key, SealContext(newest.key_id));
  if (!pkcs8.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "token signing key ", newest.key_id, " cannot be unsealed: ", pkcs8.status().message()));
  }
  KW_ASSIGN_OR_RETURN(crypto::EcPrivateKey key, crypto::EcPrivateKey::FromPkcs8(*pkcs8));
  std::vector<identity::v1::SigningKey> public_keys;
  for (const StoredSigningKey& stored : keys) public_keys.push_back(ToProto(stored));
  return std::unique_ptr<TokenSigner>(
      new TokenSigner(std::move(key), newest.key_id, newest.issuer, std::move(public_keys)));
}

absl::StatusOr<std::string> TokenSigner::Sign(const auth::TokenClaims& claims) const {
  return crypto::SignJws(key_, key_id_, crypto::kTokenType, auth::ClaimsToJson(claims));
}

}  // namespace keyward::managed_identity
