#include "services/encryption/account_lifecycle_handler.h"

#include <optional>
#include <string>
#include <vector>

#include "common/events/event_store.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "common/storage/request_ids.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/usage_store.h"

namespace keyward::encryption {
namespace {

// An account that exists, deleted or not, at the etag that was sent.
absl::StatusOr<Account> FindAtEtag(storage::Transaction& tx, const AccountName& name,
                                   const std::string& etag) {
  KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
  if (!account.has_value() || account->provisioning || account->purged()) {
    return AccountNotFound(name);
  }
  if (!etag.empty() && etag != EtagOf(*account)) return EtagMismatch(name, EtagOf(*account));
  return *std::move(account);
}

absl::StatusOr<v1::Holdings> HoldingsOf(storage::Transaction& tx, const AccountName& name) {
  KW_ASSIGN_OR_RETURN(const Usage usage, UsageOf(tx, name));
  v1::Holdings holdings;
  holdings.set_uploads(usage.uploads);
  holdings.set_upload_bytes(usage.upload_bytes);
  holdings.set_deployed_models(usage.deployed_models);
  if (usage.reported_time > absl::UnixEpoch()) {
    *holdings.mutable_reported_time() = ToProto(usage.reported_time);
  }
  return holdings;
}

}  // namespace

template <typename Response, typename Request>
absl::StatusOr<Response> AccountLifecycleHandler::TakeAway(
    const server::CallContext& call, const Request& request,
    absl::FunctionRef<absl::StatusOr<Response>(storage::Transaction&)> work) {
  Response answer;
  if (request.validate_only()) {
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(answer, work(tx));
      return absl::OkStatus();
    }));
    answer.set_validate_only(true);
    return answer;
  }
  KW_ASSIGN_OR_RETURN(answer, storage::IdempotentWrite<Response>(
                                  database_, clock_.Now(), call.caller.principal, request,
                                  [&](storage::Transaction& tx) -> absl::StatusOr<Response> {
                                    KW_ASSIGN_OR_RETURN(Response result, work(tx));
                                    int64_t sequence = tx.highest_appended();
                                    if (sequence == 0) {
                                      // An earlier call may still be on its way.
                                      KW_ASSIGN_OR_RETURN(sequence, events::NewestSequence(tx));
                                    }
                                    result.mutable_delivery()->set_sequence(sequence);
                                    return result;
                                  }));
  if (request.async()) {
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(*answer.mutable_delivery(),
                      feed_.WaitForDelivery(answer.delivery().sequence(), call.deadline));
  return answer;
}

absl::StatusOr<v1::DeleteAccountResponse> AccountLifecycleHandler::Delete(
    const server::CallContext& call, const v1::DeleteAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.name(), "name"));
  const auto work = [&](storage::Transaction& tx) -> absl::StatusOr<v1::DeleteAccountResponse> {
    KW_ASSIGN_OR_RETURN(Account account, FindAtEtag(tx, name, request.etag()));
    v1::DeleteAccountResponse answer;
    KW_ASSIGN_OR_RETURN(*answer.mutable_holdings(), HoldingsOf(tx, name));
    if (request.validate_only()) {
      if (!account.deleted()) account = lifecycle_.AfterDelete(account);
    } else if (!account.deleted()) {
      KW_RETURN_IF_ERROR(lifecycle_.Delete(tx, account, {call.correlation_id, ""}));
    }
    *answer.mutable_account() = views_.AccountOf(account);
    return answer;
  };
  return TakeAway<v1::DeleteAccountResponse>(call, request, work);
}

absl::StatusOr<v1::Account> AccountLifecycleHandler::Recover(
    const server::CallContext& call, const v1::RecoverAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.name(), "name"));
  return storage::IdempotentWrite<v1::Account>(
      database_, clock_.Now(), call.caller.principal, request,
      [&](storage::Transaction& tx) -> absl::StatusOr<v1::Account> {
        KW_ASSIGN_OR_RETURN(Account account, FindAtEtag(tx, name, request.etag()));
        if (lifecycle_.RetentionOver(account)) return AccountBeingPurged(account);
        if (account.deleted()) {
          KW_RETURN_IF_ERROR(lifecycle_.Recover(tx, account, {call.correlation_id, ""}));
        }
        return views_.AccountOf(account);
      });
}

absl::StatusOr<v1::PurgeAccountResponse> AccountLifecycleHandler::Purge(
    const server::CallContext& call, const v1::PurgeAccountRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.name(), "name"));
  const auto work = [&](storage::Transaction& tx) -> absl::StatusOr<v1::PurgeAccountResponse> {
    KW_ASSIGN_OR_RETURN(Account account, FindAtEtag(tx, name, request.etag()));
    if (!account.deleted()) return AccountNotDeleted(name);
    v1::PurgeAccountResponse answer;
    KW_ASSIGN_OR_RETURN(*answer.mutable_holdings(), HoldingsOf(tx, name));
    *answer.mutable_account() = views_.AccountOf(account);
    if (!request.validate_only()) {
      KW_RETURN_IF_ERROR(lifecycle_.Purge(tx, account, {call.correlation_id, ""}));
    }
    return answer;
  };
  absl::StatusOr<v1::PurgeAccountResponse> purged =
      TakeAway<v1::PurgeAccountResponse>(call, request, work);
  // The worker that was woken goes on trying.
  if (!request.validate_only()) database_.Scrub().IgnoreError();
  return purged;
}

absl::StatusOr<v1::ListDeletedAccountsResponse> AccountLifecycleHandler::ListDeleted(
    const server::CallContext&, const v1::ListDeletedAccountsRequest& request) {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<Account> accounts;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(accounts, ListDeletedAccounts(tx, page));
    return absl::OkStatus();
  }));
  v1::ListDeletedAccountsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, accounts, [](const Account& account) { return account.name.id(); }));
  for (const Account& account : accounts) *response.add_accounts() = views_.AccountOf(account);
  return response;
}

}  // namespace keyward::encryption
