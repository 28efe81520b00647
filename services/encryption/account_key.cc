#include "services/encryption/account_key.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace keyward::encryption {
namespace {

// No name contains a slash, so no two contexts are equal.
std::string AccountKeyContext(const AccountName& account, int64_t number) {
  return absl::StrCat("keyward/account-key/v1/", account.id(), "/", number);
}

std::string ScopeKeyContext(const AccountName& account, const std::string& scope,
                            int64_t generation) {
  return absl::StrCat("keyward/scope-key/v1/", account.id(), "/", scope, "/", generation);
}

}  // namespace

absl::StatusOr<AccountKey> AccountKey::FromBytes(AccountName account, crypto::SecretBytes bytes) {
  KW_ASSIGN_OR_RETURN(crypto::AesKey key, crypto::AesKey::Create(std::move(bytes)));
  return AccountKey(std::move(account), std::move(key));
}

absl::StatusOr<AccountKey> AccountKey::Unwrap(AccountName account, int64_t number,
                                              const crypto::Aead& platform_key,
                                              const std::string& wrapped) {
  KW_ASSIGN_OR_RETURN(crypto::SecretBytes bytes,
                      platform_key.Open(wrapped, AccountKeyContext(account, number)));
  return FromBytes(std::move(account), std::move(bytes));
}

absl::StatusOr<std::string> AccountKey::WrapWith(const crypto::Aead& platform_key,
                                                 int64_t number) const {
  return platform_key.Seal(bytes().ExposeSecret(), AccountKeyContext(account_, number));
}

absl::StatusOr<std::string> AccountKey::WrapScopeKey(const std::string& scope, int64_t generation,
                                                     const crypto::AesKey& scope_key) const {
  return aead_->Seal(scope_key.bytes().ExposeSecret(),
                     ScopeKeyContext(account_, scope, generation));
}

absl::StatusOr<crypto::AesKey> AccountKey::UnwrapScopeKey(const std::string& scope,
                                                          int64_t generation,
                                                          const std::string& wrapped) const {
  KW_ASSIGN_OR_RETURN(crypto::SecretBytes bytes,
                      aead_->Open(wrapped, ScopeKeyContext(account_, scope, generation)));
  return crypto::AesKey::Create(std::move(bytes));
}

}  // namespace keyward::encryption
