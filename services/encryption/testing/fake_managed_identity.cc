#include "services/encryption/testing/fake_managed_identity.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kTokenPrefix[] = "token-of/";

// Identities are kept by the account whose own they are, or would be.
AccountName IdentityAccount(const std::string& identity) {
  return AccountName::FromTrustedId(std::string(absl::StripPrefix(identity, "identities/")));
}

}  // namespace

absl::StatusOr<AccountIdentity> FakeManagedIdentity::Find(const AccountName& account) const {
  KW_RETURN_IF_ERROR(outage_);
  const auto found = identities_.find(account);
  if (found == identities_.end()) {
    return ErrorBuilder(absl::StatusCode::kNotFound, "IDENTITY_NOT_FOUND", "no such identity");
  }
  return found->second;
}

absl::StatusOr<AccountIdentity> FakeManagedIdentity::Create(const server::CallContext&,
                                                            const AccountName& account,
                                                            const std::string& subscription) {
  absl::MutexLock lock(&mutex_);
  KW_RETURN_IF_ERROR(outage_);
  const auto tenant = tenants_.find(subscription);
  if (tenant == tenants_.end()) {
    return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "SUBSCRIPTION_NOT_FOUND",
                        "no such subscription");
  }
  return identities_
      .try_emplace(account, AccountIdentity{account.Identity(), account.ToString(), subscription,
                                            tenant->second, ""})
      .first->second;
}

absl::StatusOr<AccountIdentity> FakeManagedIdentity::Get(const server::CallContext&,
                                                         const AccountName& account) {
  absl::MutexLock lock(&mutex_);
  return Find(account);
}

absl::StatusOr<AccountIdentity> FakeManagedIdentity::Enable(const server::CallContext&,
                                                            const AccountName& account) {
  AccountIdentity identity;
  {
    absl::MutexLock lock(&mutex_);
    KW_ASSIGN_OR_RETURN(identity, Find(account));
    if (!identity.principal.empty()) return identity;
    identity.principal = absl::StrCat("principal-", ++principals_);
    identities_[account] = identity;
  }
  Publish("IdentityEnabled", identity, identity.principal, identity.tenant, true);
  return identity;
}

absl::Status FakeManagedIdentity::Delete(const server::CallContext&, const AccountName& account) {
  AccountIdentity identity;
  {
    absl::MutexLock lock(&mutex_);
    KW_ASSIGN_OR_RETURN(identity, Find(account));
    identities_.erase(account);
  }
  Publish("IdentityDeleted", identity, identity.principal, identity.tenant, false);
  return absl::OkStatus();
}

absl::StatusOr<AccountIdentity> FakeManagedIdentity::Select(const server::CallContext&,
                                                            const AccountName& account,
                                                            const std::string& identity) {
  absl::MutexLock lock(&mutex_);
  KW_ASSIGN_OR_RETURN(const AccountIdentity own, Find(account));
  if (identity.empty() ? !own.principal.empty() : identity == own.name) return own;
  std::vector<AccountIdentity> usable;
  for (const auto& [name, resource] : attached_) {
    if (resource != account || (!identity.empty() && name != identity)) continue;
    KW_ASSIGN_OR_RETURN(AccountIdentity found, Find(IdentityAccount(name)));
    if (!identity.empty()) return found;
    if (!found.principal.empty()) usable.push_back(std::move(found));
  }
  if (!identity.empty()) {
    return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "IDENTITY_NOT_ATTACHED",
                        "not attached");
  }
  if (usable.empty()) return own;
  if (usable.size() == 1) return usable.front();
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "IDENTITY_AMBIGUOUS", "several");
}

absl::StatusOr<IdentityToken> FakeManagedIdentity::IssueToken(const server::CallContext&,
                                                              const KeyUser& user) {
  absl::MutexLock lock(&mutex_);
  if (!user.own() && attached_.count({user.identity, user.account}) == 0) {
    return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "IDENTITY_NOT_ATTACHED",
                        "not attached");
  }
  KW_ASSIGN_OR_RETURN(const AccountIdentity identity, Find(IdentityAccount(user.identity)));
  if (identity.principal.empty()) {
    return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "IDENTITY_DISABLED", "disabled");
  }
  ++tokens_;
  return IdentityToken{absl::StrCat(kTokenPrefix, identity.principal), identity.principal,
                       clock_.Now() + absl::Minutes(10)};
}

void FakeManagedIdentity::CreateSubscription(const std::string& subscription,
                                             const std::string& tenant) {
  {
    absl::MutexLock lock(&mutex_);
    tenants_[subscription] = tenant;
  }
  identity::v1::SubscriptionChanged change;
  change.set_subscription(subscription);
  change.set_tenant(tenant);
  feed_.Append("keyward.identity.SubscriptionCreated", subscription, change);
}

void FakeManagedIdentity::MoveSubscription(const std::string& subscription,
                                           const std::string& tenant) {
  std::vector<std::pair<AccountIdentity, std::string>> dropped;
  {
    absl::MutexLock lock(&mutex_);
    tenants_[subscription] = tenant;
    for (auto& [account, identity] : identities_) {
      if (identity.subscription != subscription) continue;
      identity.tenant = tenant;
      if (identity.principal.empty()) continue;
      dropped.push_back({identity, std::exchange(identity.principal, "")});
    }
  }
  identity::v1::SubscriptionChanged change;
  change.set_subscription(subscription);
  change.set_tenant(tenant);
  feed_.Append("keyward.identity.SubscriptionMoved", subscription, change);
  for (const auto& [identity, principal] : dropped) {
    Publish("IdentityTransferred", identity, principal, tenant, false);
  }
}

std::string FakeManagedIdentity::EnableIdentity(const AccountName& account) {
  return Enable(server::CallContext(), account)->principal;
}

std::string FakeManagedIdentity::DisableIdentity(const AccountName& account) {
  return Drop(account, "IdentityDisabled");
}

std::string FakeManagedIdentity::DeleteIdentity(const AccountName& account) {
  return Drop(account, "IdentityDeleted");
}

std::string FakeManagedIdentity::CreateUserAssigned(const std::string& id,
                                                    const std::string& tenant) {
  AccountIdentity identity;
  {
    absl::MutexLock lock(&mutex_);
    const AccountName name = AccountName::FromTrustedId(id);
    identity = {name.Identity(), name.Identity(), "", tenant,
                absl::StrCat("principal-", ++principals_)};
    identities_[name] = identity;
  }
  Publish("IdentityEnabled", identity, identity.principal, identity.tenant, true);
  return identity.principal;
}

std::string FakeManagedIdentity::DeleteUserAssigned(const std::string& id) {
  {
    absl::MutexLock lock(&mutex_);
    std::erase_if(attached_, [&](const auto& entry) {
      return entry.first == AccountName::FromTrustedId(id).Identity();
    });
  }
  return Drop(AccountName::FromTrustedId(id), "IdentityDeleted");
}

std::string FakeManagedIdentity::Attach(const std::string& id, const AccountName& account) {
  return PublishAttachment(id, account, true);
}

std::string FakeManagedIdentity::Detach(const std::string& id, const AccountName& account) {
  return PublishAttachment(id, account, false);
}

std::string FakeManagedIdentity::PublishAttachment(const std::string& id,
                                                   const AccountName& account, bool attached) {
  const std::string identity = AccountName::FromTrustedId(id).Identity();
  {
    absl::MutexLock lock(&mutex_);
    if (attached) {
      attached_.insert({identity, account});
    } else {
      attached_.erase({identity, account});
    }
  }
  identity::v1::AttachmentChanged change;
  change.set_identity(identity);
  change.set_resource(account.ToString());
  change.set_attached(attached);
  feed_.Append(attached ? "keyward.identity.IdentityAttached" : "keyward.identity.IdentityDetached",
               identity, change);
  return absl::StrCat("managed_identity/", feed_.newest());
}

std::string FakeManagedIdentity::Drop(const AccountName& account, const std::string& type) {
  AccountIdentity identity;
  std::string principal;
  {
    absl::MutexLock lock(&mutex_);
    principal = std::exchange(identities_[account].principal, "");
    identity = identities_[account];
  }
  Publish(type, identity, principal, identity.tenant, false);
  return absl::StrCat("managed_identity/", feed_.newest());
}

void FakeManagedIdentity::Publish(const std::string& type, const AccountIdentity& identity,
                                  const std::string& principal, const std::string& tenant,
                                  bool active) {
  identity::v1::PrincipalChanged change;
  change.set_identity(identity.name);
  change.set_resource(identity.resource);
  change.set_principal_id(principal);
  change.set_tenant(tenant);
  change.set_active(active);
  feed_.Append(absl::StrCat("keyward.identity.", type), identity.name, change);
}

std::optional<FakeManagedIdentity::Bearer> FakeManagedIdentity::Verify(
    const std::string& token) const {
  absl::MutexLock lock(&mutex_);
  const std::string principal(absl::StripPrefix(token, kTokenPrefix));
  for (const auto& [account, identity] : identities_) {
    if (!principal.empty() && identity.principal == principal) {
      return Bearer{principal, identity.tenant};
    }
  }
  return std::nullopt;
}

void FakeManagedIdentity::SetOutage(absl::Status outage) {
  absl::MutexLock lock(&mutex_);
  outage_ = std::move(outage);
}

int FakeManagedIdentity::tokens_issued() const {
  absl::MutexLock lock(&mutex_);
  return tokens_;
}

bool FakeManagedIdentity::HasIdentity(const AccountName& account) const {
  absl::MutexLock lock(&mutex_);
  return identities_.count(account) == 1;
}

}  // namespace keyward::encryption::testing
