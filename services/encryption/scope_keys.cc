#include "services/encryption/scope_keys.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/aes_key.h"
#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

absl::StatusOr<std::shared_ptr<const crypto::AesGcmAead>> Unwrap(const OpenAccount& open,
                                                                 const StoredScopeKey& stored) {
  const absl::StatusOr<crypto::AesKey> key =
      open.keys->account_key().UnwrapScopeKey(stored.scope, stored.generation, stored.wrapped);
  if (!key.ok()) {
    return absl::DataLossError(absl::StrCat("key ", stored.generation, " of scope ", stored.scope,
                                            " of ", open.account->name.ToString(),
                                            " does not unwrap"));
  }
  return std::make_shared<const crypto::AesGcmAead>(*key);
}

}  // namespace

absl::StatusOr<ScopeKey> ScopeKeys::ForSealing(const OpenAccount& open, const std::string& scope) {
  if (std::optional<ScopeKey> known = open.keys->Newest(scope)) return *known;
  KW_ASSIGN_OR_RETURN(const StoredScopeKey stored, NewestOrNew(open, scope));
  KW_ASSIGN_OR_RETURN(auto aead, Unwrap(open, stored));
  const ScopeKey key = {stored.generation, std::move(aead)};
  open.keys->Remember(scope, key, /*newest=*/true);
  return key;
}

absl::StatusOr<StoredScopeKey> ScopeKeys::NewestOrNew(const OpenAccount& open,
                                                      const std::string& scope) {
  StoredScopeKey key;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    const AccountName& name = open.account->name;
    KW_ASSIGN_OR_RETURN(const std::optional<Account> account, FindAccount(tx, name));
    if (!account.has_value() || account->access.denied() ||
        KeyTag::Of(*account) != KeyTag::Of(*open.account)) {
      return AccessUnverified(name, "its settings are being changed");
    }
    KW_ASSIGN_OR_RETURN(std::optional<StoredScopeKey> newest, NewestScopeKey(tx, name, scope));
    if (newest.has_value() && newest->live()) {
      key = *std::move(newest);
      return absl::OkStatus();
    }
    key = StoredScopeKey();
    key.scope = scope;
    key.generation = newest.has_value() ? newest->generation + 1 : 1;
    key.epoch = account->access.epoch;
    key.create_time = clock_.Now();
    KW_ASSIGN_OR_RETURN(key.wrapped, open.keys->account_key().WrapScopeKey(
                                         scope, key.generation, crypto::AesKey::Generate()));
    return InsertScopeKey(tx, name, key);
  }));
  return key;
}

absl::StatusOr<std::shared_ptr<const crypto::AesGcmAead>> ScopeKeys::ForOpening(
    const OpenAccount& open, const std::string& scope, int64_t generation) {
  if (auto known = open.keys->Find(scope, generation)) return known;
  std::optional<StoredScopeKey> stored;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, FindScopeKey(tx, open.account->name, scope, generation));
    return absl::OkStatus();
  }));
  if (!stored.has_value()) return CiphertextInvalid();
  if (!stored->live()) return ScopeDestroyed(open.account->name, scope);
  KW_ASSIGN_OR_RETURN(auto aead, Unwrap(open, *stored));
  open.keys->Remember(scope, {generation, aead}, /*newest=*/false);
  return aead;
}

}  // namespace keyward::encryption
