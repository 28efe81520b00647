#include "services/managed_identity/token_signer.h"

#include <optional>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/jws.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/signing_key_store.h"

namespace keyward::managed_identity {

absl::StatusOr<std::unique_ptr<TokenSigner>> TokenSigner::Open(const Changes& changes,
                                                               const KeySuccession& succession,
                                                               const crypto::RootKey& root_key,
                                                               const std::string& issuer) {
  KW_RETURN_IF_ERROR(
      changes.CommitUnasked([&](Change& change) { return succession.Ensure(change, issuer); }));
  auto signer = absl::WrapUnique(new TokenSigner(changes, root_key, issuer));
  KW_ASSIGN_OR_RETURN(const SigningKey active, signer->FindActive());
  KW_RETURN_IF_ERROR(signer->OpenKey(active.key_id).status());
  return signer;
}

absl::StatusOr<SigningKey> TokenSigner::FindActive() const {
  return changes_.Read<SigningKey>([](storage::Transaction& tx) -> absl::StatusOr<SigningKey> {
    KW_ASSIGN_OR_RETURN(std::optional<SigningKey> active,
                        FindSigningKey(tx, SigningKeyState::kActive));
    if (!active.has_value()) return absl::DataLossError("there is no active token signing key");
    return *std::move(active);
  });
}

absl::StatusOr<std::shared_ptr<const crypto::EcPrivateKey>> TokenSigner::OpenKey(
    const std::string& key_id) const {
  {
    absl::MutexLock lock(&mutex_);
    if (opened_.key_id == key_id) return opened_.key;
  }
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      changes_.Read<std::string>(
                          [&](storage::Transaction& tx) { return FindPrivateKey(tx, key_id); }));
  absl::StatusOr<crypto::SecretBytes> pkcs8 = root_key_.Unseal(sealed, SigningKeyContext(key_id));
  if (!pkcs8.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "token signing key ", key_id, " cannot be unsealed: ", pkcs8.status().message()));
  }
  KW_ASSIGN_OR_RETURN(crypto::EcPrivateKey key, crypto::EcPrivateKey::FromPkcs8(*pkcs8));
  absl::MutexLock lock(&mutex_);
  opened_ = {key_id, std::make_shared<const crypto::EcPrivateKey>(std::move(key))};
  return opened_.key;
}

absl::StatusOr<std::string> TokenSigner::Sign(auth::TokenClaims claims, absl::Time deadline) const {
  // The key may have been revoked between the two looks at the database; its successor is there.
  constexpr int kAttempts = 3;
  absl::StatusOr<std::shared_ptr<const crypto::EcPrivateKey>> key = absl::UnknownError("not tried");
  SigningKey active;
  for (int attempt = 0; attempt < kAttempts && !key.ok(); ++attempt) {
    KW_ASSIGN_OR_RETURN(active, FindActive());
    key = OpenKey(active.key_id);
    if (!key.ok() && !absl::IsDataLoss(key.status())) return key.status();
  }
  KW_RETURN_IF_ERROR(key.status());
  if (active.last_event > 0) {
    KW_RETURN_IF_ERROR(changes_.AwaitDelivery(active.last_event, deadline).status());
  }
  claims.issuer = active.issuer;
  return crypto::SignJws(**key, active.key_id, crypto::kTokenType, auth::ClaimsToJson(claims));
}

}  // namespace keyward::managed_identity
