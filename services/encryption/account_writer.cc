#include "services/encryption/account_writer.h"

#include <memory>
#include <utility>

#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {
namespace {

v1::Access DescribeAccess(const Account& account) {
  v1::Access access;
  const Access shown = account.shown_access();
  access.set_verdict(shown.verdict);
  access.set_cause(shown.cause);
  *access.mutable_since() = ToProto(shown.since);
  access.set_event(shown.event);
  access.set_epoch(shown.epoch);
  if (shown.denied()) access.set_message(DescribeLoss(account));
  return access;
}

}  // namespace

absl::Status AccountWriter::Insert(storage::Transaction& tx, const Account& account) {
  KW_RETURN_IF_ERROR(InsertAccount(tx, account));
  ShowOnCommit(tx, account);
  return absl::OkStatus();
}

absl::Status AccountWriter::Delete(storage::Transaction& tx, const AccountName& name) {
  KW_RETURN_IF_ERROR(DeleteAccount(tx, name));
  tx.OnCommit([this, name] { directory_.Remove(name); });
  return absl::OkStatus();
}

absl::Status AccountWriter::Save(storage::Transaction& tx, Account& account, const char* type,
                                 const Origin& origin, v1::AccountChanged details) {
  account.update_time = clock_.Now();
  KW_RETURN_IF_ERROR(UpdateAccount(tx, account));
  details.set_account(account.name.ToString());
  details.set_subscription(account.subscription);
  details.set_tenant(account.tenant);
  details.set_region(account.region);
  details.set_key_source(account.key_source());
  *details.mutable_access() = DescribeAccess(account);
  if (account.customer_managed()) details.set_customer_key_version(account.binding->version);
  KW_RETURN_IF_ERROR(outbox_
                         .Append(tx, {.type = type,
                                      .subject = account.name.ToString(),
                                      .data = details,
                                      .correlation_id = origin.correlation_id,
                                      .caused_by = origin.caused_by})
                         .status());
  ShowOnCommit(tx, account);
  return absl::OkStatus();
}

absl::Status AccountWriter::PublishScopeDestroyed(storage::Transaction& tx,
                                                  const AccountName& account,
                                                  const std::string& scope, int64_t up_to_epoch,
                                                  const Origin& origin) {
  v1::ScopeDestroyed destroyed;
  destroyed.set_account(account.ToString());
  destroyed.set_scope(scope);
  destroyed.set_access_epoch(up_to_epoch);
  *destroyed.mutable_destroy_time() = ToProto(clock_.Now());
  return outbox_
      .Append(tx, {.type = kScopeDestroyed,
                   .subject = account.ToString(),
                   .data = destroyed,
                   .correlation_id = origin.correlation_id,
                   .caused_by = origin.caused_by})
      .status();
}

absl::Status AccountWriter::SaveCheck(storage::Transaction& tx, const Account& account) {
  KW_RETURN_IF_ERROR(UpdateAccessCheck(tx, account));
  tx.OnCommit([this, copy = std::make_shared<const Account>(account)]() mutable {
    const AccountPtr now = directory_.Peek(copy->name);
    if (now != nullptr && now->revision == copy->revision) directory_.Put(std::move(copy));
  });
  return absl::OkStatus();
}

void AccountWriter::ShowOnCommit(storage::Transaction& tx, const Account& account) {
  tx.OnCommit([this, copy = std::make_shared<const Account>(account)] {
    const AccountPtr before = directory_.Peek(copy->name);
    directory_.Put(copy);
    const bool keys_stay = before != nullptr && !copy->shown_access().denied() &&
                           KeyTag::Of(*before) == KeyTag::Of(*copy);
    if (keys_stay) return;
    cache_.Drop(copy->name);
    tokens_.Drop(copy->name);
  });
}

}  // namespace keyward::encryption
