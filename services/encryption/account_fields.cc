#include "services/encryption/account_fields.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"
#include "services/encryption/names.h"
#include "services/encryption/tiers.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {
namespace {

constexpr absl::Duration kLongestGrace = absl::Hours(24 * 30);
constexpr int kMaxTags = 50;
constexpr size_t kLongestTagKey = 512;
constexpr size_t kLongestTagValue = 256;

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

void ReadTags(const v1::Account& given, Account& account, FieldErrors& errors) {
  account.tags = {given.tags().begin(), given.tags().end()};
  if (given.tags_size() > kMaxTags) {
    errors.Add("account.tags", absl::StrCat("has ", given.tags_size(), " tags; 50 at most"));
  }
  for (const auto& [key, value] : account.tags) {
    if (key.empty() || key.size() > kLongestTagKey || value.size() > kLongestTagValue) {
      errors.Add("account.tags", "must have keys of 1-512 bytes and values of at most 256");
      break;
    }
  }
}

}  // namespace

void ApplyAccountPath(const std::string& path, const v1::Account& given, Account& account,
                      FieldErrors& errors) {
  if (path == "tier") {
    account.tier = given.tier();
    if (FindTier(account.tier) == nullptr) errors.Check(TierUnknown(account.tier));
  } else if (path == "resource_group") {
    account.resource_group = given.resource_group();
    if (!IsResourceGroup(account.resource_group)) {
      errors.Add("account.resource_group", "must be at most 90 of [0-9A-Za-z-_.()]");
    }
  } else if (path == "tags") {
    ReadTags(given, account, errors);
  } else if (path == "upload_retention_grace") {
    account.upload_retention_grace = FromProto(given.upload_retention_grace());
    if (account.upload_retention_grace < absl::ZeroDuration() ||
        account.upload_retention_grace > kLongestGrace) {
      errors.Add("account.upload_retention_grace", "must be between 0 and 30 days");
    }
  } else {
    errors.Add("update_mask",
               absl::StrCat("has the path '", path,
                            "'; only tier, resource_group, tags and upload_retention_grace can be "
                            "changed"));
  }
}

absl::StatusOr<Account> ReadNewAccount(const v1::CreateAccountRequest& request) {
  const v1::Account& given = request.account();
  if (given.key_source() == v1::KEY_SOURCE_CUSTOMER_MANAGED) return CustomerKeyAtCreation();
  FieldErrors errors;
  const absl::StatusOr<AccountName> name = AccountName::FromId(request.account_id(), "account_id");
  errors.Check(name.status());
  const absl::StatusOr<std::string> subscription =
      ParseSubscription(given.subscription(), "account.subscription");
  errors.Check(subscription.status());
  if (!IsRegion(given.region())) {
    errors.Add("account.region", "must be 2-32 of [0-9a-z], such as \"westeurope\", or \"global\"");
  }
  Account account(name.ok() ? *name : AccountName::FromTrustedId(""));
  for (const char* path : {"tier", "resource_group", "tags", "upload_retention_grace"}) {
    ApplyAccountPath(path, given, account, errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  account.subscription = *subscription;
  account.region = given.region();
  return account;
}

}  // namespace keyward::encryption
