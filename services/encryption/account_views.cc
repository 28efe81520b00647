#include "services/encryption/account_views.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "services/encryption/errors.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {
namespace {

void SetUnverified(v1::Access& access, const absl::Status& status) {
  access.set_verdict(v1::VERDICT_UNVERIFIED);
  access.set_message(std::string(status.message()));
  access.clear_since();
  access.clear_event();
}

}  // namespace

v1::Access AccountViews::AccessOf(const Account& account) const {
  v1::Access access;
  const Access shown = account.shown_access();
  access.set_verdict(shown.verdict);
  access.set_cause(shown.cause);
  *access.mutable_since() = ToProto(shown.since);
  access.set_event(shown.event);
  access.set_epoch(shown.epoch);
  if (shown.denied()) access.set_message(DescribeLoss(account));
  if (!account.customer_managed()) return access;
  if (!account.check.status.empty()) {
    *access.mutable_last_check_time() = ToProto(account.check.time);
    access.set_last_check_status(account.check.status);
  }
  if (shown.denied()) return access;
  const std::optional<KeyUnlocker::Trouble> trouble = unlocker_.TroubleWith(account.name);
  if (const absl::Status open = gate_.Check(account); !open.ok()) {
    SetUnverified(access, open);
  } else if (trouble.has_value() && !gate_.HasKeys(account)) {
    SetUnverified(access, AccessUnverified(account.name, trouble->why));
    *access.mutable_since() = ToProto(trouble->since);
  }
  return access;
}

v1::Account AccountViews::AccountOf(const Account& account) const {
  v1::Account view;
  view.set_name(account.name.ToString());
  view.set_subscription(account.subscription);
  view.set_tenant(account.tenant);
  view.set_resource_group(account.resource_group);
  view.set_region(account.region);
  view.set_tier(account.tier);
  view.set_identity(account.name.Identity());
  view.set_key_source(account.key_source());
  *view.mutable_access() = AccessOf(account);
  *view.mutable_upload_retention_grace() = ToProto(account.upload_retention_grace);
  view.set_etag(EtagOf(account));
  *view.mutable_create_time() = ToProto(account.create_time);
  *view.mutable_update_time() = ToProto(account.update_time);
  for (const auto& [key, value] : account.tags) (*view.mutable_tags())[key] = value;
  if (account.deleted()) {
    *view.mutable_delete_time() = ToProto(account.deletion->time);
    *view.mutable_purge_time() = ToProto(account.deletion->purge_time);
  }
  return view;
}

v1::EncryptionSettings AccountViews::SettingsOf(const Account& account,
                                                const std::string& principal) const {
  v1::EncryptionSettings view;
  view.set_name(absl::StrCat(account.name.ToString(), "/encryptionSettings"));
  view.set_key_source(account.key_source());
  if (account.customer_managed()) {
    const Binding& binding = *account.binding;
    view.mutable_customer_key()->set_key(binding.follows_newest ? binding.key : binding.version);
    view.set_key_version_in_use(binding.version);
    view.mutable_customer_key()->set_identity(account.user().identity);
    view.set_double_encryption(true);
  }
  view.set_identity(account.user().identity);
  view.set_principal_id(principal);
  *view.mutable_access() = AccessOf(account);
  *view.mutable_update_time() = ToProto(account.settings_time);
  return view;
}

std::string EtagOf(const Account& account) { return absl::StrCat("\"", account.revision, "\""); }

}  // namespace keyward::encryption
