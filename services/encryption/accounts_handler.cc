#include "services/encryption/accounts_handler.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "common/storage/request_ids.h"
#include "services/encryption/account_store.h"
#include "services/encryption/answered_request.h"
#include "services/encryption/errors.h"
#include "services/encryption/tiers.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {
namespace {

constexpr absl::Duration kLongestGrace = absl::Hours(24 * 30);

bool IsRegion(absl::string_view region) {
  return region.size() >= 2 && region.size() <= 32 &&
         std::all_of(region.begin(), region.end(), [](unsigned char c) {
           return absl::ascii_isdigit(c) || absl::ascii_islower(c);
         });
}

bool IsResourceGroup(absl::string_view group) {
  constexpr absl::string_view kOthers = "-_.()";
  return group.size() <= 90 && std::all_of(group.begin(), group.end(), [&](unsigned char c) {
           return absl::ascii_isalnum(c) || kOthers.find(c) != absl::string_view::npos;
         });
}

absl::StatusOr<Account> ParseAccount(const v1::CreateAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(AccountName name, AccountName::FromId(request.account_id(), "account_id"));
  const v1::Account& wanted = request.account();
  if (wanted.key_source() == v1::KEY_SOURCE_CUSTOMER_MANAGED) return CustomerKeyAtCreation();
  Account account(std::move(name));
  KW_ASSIGN_OR_RETURN(account.subscription,
                      ParseSubscription(wanted.subscription(), "account.subscription"));
  if (!IsRegion(wanted.region())) {
    return InvalidField("account.region",
                        "must be 2-32 of [0-9a-z], such as \"westeurope\", or \"global\"");
  }
  if (!IsResourceGroup(wanted.resource_group())) {
    return InvalidField("account.resource_group", "must be at most 90 of [0-9A-Za-z-_.()]");
  }
  if (FindTier(wanted.tier()) == nullptr) return TierUnknown(wanted.tier());
  account.upload_retention_grace = FromProto(wanted.upload_retention_grace());
  if (account.upload_retention_grace < absl::ZeroDuration() ||
      account.upload_retention_grace > kLongestGrace) {
    return InvalidField("account.upload_retention_grace", "must be between 0 and 30 days");
  }
  account.region = wanted.region();
  account.resource_group = wanted.resource_group();
  account.tier = wanted.tier();
  return account;
}

}  // namespace

absl::StatusOr<v1::Account> AccountsHandler::Create(const server::CallContext& call,
                                                    const v1::CreateAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const Account wanted, ParseAccount(request));
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
