#include "services/encryption/accounts_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "common/storage/request_ids.h"
#include "services/encryption/account_fields.h"
#include "services/encryption/account_store.h"
#include "services/encryption/answered_request.h"
#include "services/encryption/errors.h"
#include "services/encryption/tiers.h"

namespace keyward::encryption {

absl::StatusOr<v1::Account> AccountsHandler::Create(const server::CallContext& call,
                                                    const v1::CreateAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const Account wanted, ReadNewAccount(request));
  const std::string& principal = call.caller.principal;
  KW_ASSIGN_OR_RETURN(std::optional<v1::Account> answer,
                      FindAnswer<v1::Account>(database_, clock_.Now(), principal, request));
  if (answer.has_value()) return *std::move(answer);
  KW_RETURN_IF_ERROR(creator_.Create(
      call, wanted,
      [&](absl::FunctionRef<absl::StatusOr<Account>(storage::Transaction&)> activate) {
        const absl::StatusOr<v1::Account> created = storage::IdempotentWrite<v1::Account>(
            database_, clock_.Now(), principal, request,
            [&](storage::Transaction& tx) -> absl::StatusOr<v1::Account> {
              KW_ASSIGN_OR_RETURN(const Account account, activate(tx));
              return views_.AccountOf(account);
            });
        if (created.ok()) answer = *created;
        return created.status();
      }));
  return *std::move(answer);
}

absl::StatusOr<v1::Account> AccountsHandler::Get(const server::CallContext&,
                                                 const v1::GetAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const AccountPtr account, directory_.Find(name));
  return views_.AccountOf(*account);
}

absl::StatusOr<v1::ListAccountsResponse> AccountsHandler::List(
    const server::CallContext&, const v1::ListAccountsRequest& request) {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<Account> accounts;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(accounts, ListAccounts(tx, page));
    return absl::OkStatus();
  }));
  v1::ListAccountsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, accounts, [](const Account& account) { return account.name.id(); }));
  for (const Account& account : accounts) *response.add_accounts() = views_.AccountOf(account);
  return response;
}

absl::StatusOr<Account> AccountsHandler::Updated(storage::Transaction& tx, const AccountName& name,
                                                 const v1::UpdateAccountRequest& request) const {
  KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
  if (!account.has_value() || account->provisioning || account->purged()) {
    return AccountNotFound(name);
  }
  if (account->deleted()) return AccountDeleted(*account);
  const std::string etag = EtagOf(*account);
  if (!request.account().etag().empty() && request.account().etag() != etag) {
    return EtagMismatch(name, etag);
  }
  FieldErrors errors;
  for (const std::string& path : request.update_mask().paths()) {
    ApplyAccountPath(path, request.account(), *account, errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  if (account->customer_managed() && !FindTier(account->tier)->customer_managed_keys) {
    return TierNeedsPlatformKeys(name, account->tier);
  }
  return *std::move(account);
}

absl::StatusOr<v1::Account> AccountsHandler::Update(const server::CallContext& call,
                                                    const v1::UpdateAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name,
                      AccountName::Parse(request.account().name(), "account.name"));
  if (request.update_mask().paths().empty()) {
    return InvalidField("update_mask", "must name what to change");
  }
  if (request.validate_only()) {
    v1::Account answer;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(const Account account, Updated(tx, name, request));
      answer = views_.AccountOf(account);
      return absl::OkStatus();
    }));
    return answer;
  }
  return storage::IdempotentWrite<v1::Account>(
      database_, clock_.Now(), call.caller.principal, request,
      [&](storage::Transaction& tx) -> absl::StatusOr<v1::Account> {
        KW_ASSIGN_OR_RETURN(Account account, Updated(tx, name, request));
        KW_RETURN_IF_ERROR(writer_.Save(tx, account, kAccountUpdated, {call.correlation_id, ""}));
        return views_.AccountOf(account);
      });
}

absl::StatusOr<v1::ListTiersResponse> AccountsHandler::ListTiers(const server::CallContext&,
                                                                 const v1::ListTiersRequest&) {
  v1::ListTiersResponse response;
  for (const Tier& tier : Tiers()) {
    v1::Tier& view = *response.add_tiers();
    view.set_name(std::string(tier.name));
    view.set_customer_managed_keys(tier.customer_managed_keys);
  }
  return response;
}

}  // namespace keyward::encryption
