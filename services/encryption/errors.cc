#include "services/encryption/errors.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/clock/utc.h"
#include "common/status/error.h"
#include "keyward/encryption/v1/access.pb.h"

namespace keyward::encryption {
namespace {

using absl::StatusCode;

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

// What happened, and what would bring the access back.
struct CauseText {
  const char* happened;
  const char* remedy;
};

CauseText TextOf(v1::Cause cause) {
  switch (cause) {
    case v1::CAUSE_IDENTITY_DISABLED:
      return {"the account's identity was disabled",
              "EnableIdentity gives it a new principal; grant that principal get, wrapKey and "
              "unwrapKey in the vault's access policy"};
    case v1::CAUSE_IDENTITY_DELETED:
      return {"the account's identity was deleted",
              "EnableIdentity brings the account's own one back with a new principal, "
              "CreateUserAssignedIdentity and AttachIdentity make a user-assigned one anew; grant "
              "the new principal get, wrapKey and unwrapKey in the vault's access policy"};
    case v1::CAUSE_TENANT_CHANGED:
      return {"the account's subscription went to another tenant, and identities do not follow",
              "move it back, enable the identity, and grant its new principal get, wrapKey and "
              "unwrapKey in the vault's access policy"};
    case v1::CAUSE_IDENTITY_DETACHED:
      return {"the user-assigned identity that the account used was detached from it",
              "AttachIdentity attaches it again"};
    case v1::CAUSE_ACCESS_POLICY_REMOVED:
      return {
          "the vault's access policy no longer gives the account's identity get, wrapKey and "
          "unwrapKey",
          "give them back with UpdateAccessPolicy"};
    case v1::CAUSE_KEY_DISABLED:
      return {"the customer-managed key was disabled", "EnableKey enables it"};
    case v1::CAUSE_KEY_DELETED:
      return {"the customer-managed key was deleted", "RecoverKey brings it back"};
    case v1::CAUSE_KEY_OPERATION_REMOVED:
      return {"key_ops of the customer-managed key no longer has unwrapKey",
              "add it again with UpdateKeyVersion"};
    case v1::CAUSE_VAULT_DELETED:
      return {"the vault of the customer-managed key was deleted", "RecoverVault brings it back"};
    case v1::CAUSE_ACCOUNT_DELETED:
      return {"the account was deleted", "RecoverAccount brings it back"};
    case v1::CAUSE_REFUSED_BY_VAULT:
      return {
          "key_vault refused to unwrap with the customer-managed key, and again when asked once "
          "more",
          "ValidateCustomerManagedKey tells what is missing"};
    default:
      return {"access was lost", "ValidateCustomerManagedKey tells what is missing"};
  }
}

// `why` without its own "nothing is lost" and what follows: it is often another error's message,
// and the error made of it says so itself.
std::string WithoutConsolation(absl::string_view why) {
  std::string text(why);
  for (const char* consolation :
       {"; nothing is lost", ". Nothing is lost", ". Nothing has changed", ". Nothing was done"}) {
    const size_t at = text.find(consolation);
    if (at == std::string::npos) continue;
    // What is quoted in parentheses closes after what it is cut off from.
    const bool quoted = absl::EndsWith(text, ")");
    text.resize(at);
    if (quoted) text += ')';
  }
  return text;
}

}  // namespace

absl::Status AccountExists(const AccountName& name) {
  return ErrorBuilder(StatusCode::kAlreadyExists, "ACCOUNT_EXISTS",
                      absl::StrCat(name.ToString(), " exists already; choose another account_id"))
      .With("resource", name.ToString());
}

absl::Status AccountBeingCreated(const AccountName& name) {
  return ErrorBuilder(StatusCode::kAlreadyExists, "ACCOUNT_EXISTS",
                      absl::StrCat(name.ToString(),
                                   " is being created with other settings by an earlier request "
                                   "that has not finished; choose another account_id"))
      .With("resource", name.ToString());
}

absl::Status AccountNotFound(const AccountName& name) {
  return ErrorBuilder(
             StatusCode::kNotFound, "ACCOUNT_NOT_FOUND",
             absl::StrCat("there is no ", name.ToString(), "; ListAccounts names those that exist"))
      .With("resource", name.ToString());
}

absl::Status AccountNameSpent(const Account& existing) {
  const char* fate = existing.purged() ? "was purged, and its name is not given again; choose"
                                       : "is deleted; RecoverAccount brings it back, or choose";
  return ErrorBuilder(StatusCode::kAlreadyExists, "ACCOUNT_EXISTS",
                      absl::StrCat(existing.name.ToString(), " ", fate, " another account_id"))
      .With("resource", existing.name.ToString());
}

absl::Status AccountDeleted(const Account& account) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "ACCOUNT_DELETED", DescribeDeletion(account))
      .With("account", account.name.ToString())
      .With("delete_time", FormatUtc(account.deletion->time))
      .With("purge_time", FormatUtc(account.deletion->purge_time))
      .Violation("ACCOUNT_DELETED", account.name.ToString(), "the account must not be deleted");
}

absl::Status AccountNotDeleted(const AccountName& name) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "ACCOUNT_NOT_DELETED",
                      absl::StrCat(name.ToString(),
                                   " is not deleted, and only a deleted account can be purged; "
                                   "call DeleteAccount first"))
      .With("account", name.ToString())
      .Violation("ACCOUNT_NOT_DELETED", name.ToString(), "the account must be deleted");
}

absl::Status AccountBeingPurged(const Account& account) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "ACCOUNT_BEING_PURGED",
                      absl::StrCat("the retention of ", account.name.ToString(), " ended at ",
                                   FormatUtc(account.deletion->purge_time),
                                   ": it is being purged, and nothing brings it back"))
      .With("account", account.name.ToString())
      .Violation("ACCOUNT_BEING_PURGED", account.name.ToString(),
                 "the account must be recovered before its purge_time");
}

absl::Status EtagMismatch(const AccountName& name, const std::string& etag) {
  return ErrorBuilder(StatusCode::kAborted, "ETAG_MISMATCH",
                      absl::StrCat(name.ToString(),
                                   " has changed since the etag that was sent was read; its etag "
                                   "is ",
                                   etag, " now. Read it again and decide anew"))
      .With("resource", name.ToString());
}

absl::Status SubscriptionUnknown(const std::string& subscription) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "SUBSCRIPTION_UNKNOWN",
                      absl::StrCat("managed_identity knows no ", subscription,
                                   " (or has not told yet); create it with CreateSubscription"))
      .With("resource", subscription)
      .Violation("SUBSCRIPTION_UNKNOWN", subscription, "the subscription must exist");
}

absl::Status CustomerKeyAtCreation() {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "CUSTOMER_KEY_AT_CREATION",
                      "a new account is always encrypted with platform-managed keys; leave "
                      "key_source out, and call EnableCustomerManagedKey afterwards");
}

absl::Status TierUnknown(const std::string& tier) {
  return ErrorBuilder(StatusCode::kInvalidArgument, "TIER_UNKNOWN",
                      absl::StrCat("there is no tier \"", tier,
                                   "\"; ListTiers names those that "
                                   "exist"))
      .BadField("account.tier", "must be one of ListTiers");
}

absl::Status TierWithoutEncryptionSettings(const AccountName& name, const std::string& tier) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "TIER_WITHOUT_ENCRYPTION_SETTINGS",
                      absl::StrCat(name.ToString(), " is of tier ", tier,
                                   ", which has no encryption settings: its data is always "
                                   "encrypted with platform-managed keys. ListTiers says which "
                                   "tiers support customer-managed keys"))
      .With("resource", name.ToString())
      .With("tier", tier);
}

absl::Status TierNeedsPlatformKeys(const AccountName& name, const std::string& tier) {
  return ErrorBuilder(
             StatusCode::kFailedPrecondition, "TIER_WITHOUT_ENCRYPTION_SETTINGS",
             absl::StrCat(name.ToString(), " is under a customer-managed key, which tier ", tier,
                          " does not support. Call RevertToPlatformManaged first, or "
                          "choose another tier (ListTiers)"))
      .With("resource", name.ToString())
      .With("tier", tier)
      .Violation("TIER_WITHOUT_ENCRYPTION_SETTINGS", name.ToString(),
                 "the tier must support customer-managed keys");
}

absl::Status CustomerKeyRulesBroken(const AccountName& name,
                                    const std::vector<RuleVerdict>& verdicts) {
  std::vector<std::string> broken, unchecked;
  for (const RuleVerdict& verdict : verdicts) {
    if (verdict.broken()) broken.push_back(verdict.message);
    if (!verdict.broken() && !verdict.holds()) unchecked.push_back(v1::Rule_Name(verdict.rule));
  }
  std::string message =
      absl::StrCat("the key cannot guard ", name.ToString(), ": ", absl::StrJoin(broken, "; and "));
  if (!unchecked.empty()) {
    absl::StrAppend(&message, ". Not checked until then: ", absl::StrJoin(unchecked, ", "));
  }
  ErrorBuilder error(StatusCode::kFailedPrecondition, "CUSTOMER_KEY_RULES_BROKEN",
                     std::move(message));
  error.With("resource", name.ToString());
  for (const RuleVerdict& verdict : verdicts) {
    if (verdict.broken()) {
      error.Violation(v1::Rule_Name(verdict.rule), name.ToString(), verdict.message);
    }
  }
  return error;
}

absl::Status AccessDenied(const Account& account) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "ACCESS_DENIED", DescribeLoss(account))
      .With("account", account.name.ToString())
      .With("cause", CauseName(account.access.cause))
      .With("since", FormatUtc(account.access.since))
      .With("event", account.access.event)
      .Violation("ACCESS_DENIED", account.name.ToString(), TextOf(account.access.cause).happened);
}

absl::Status AccessUnverified(const AccountName& name, absl::string_view why) {
  return ErrorBuilder(StatusCode::kUnavailable, "ACCESS_UNVERIFIED",
                      absl::StrCat("access to the customer-managed key of ", name.ToString(),
                                   " cannot be confirmed now: ", WithoutConsolation(why),
                                   ". Nothing is lost; it resumes by itself, try again"))
      .With("account", name.ToString())
      .RetryAfter(kRetryDelay);
}

absl::Status AccessBroken(const AccountName& name) {
  return ErrorBuilder(StatusCode::kUnavailable, "ACCESS_UNVERIFIED",
                      absl::StrCat("while this stream ran, access to the data of ", name.ToString(),
                                   " was lost and came back, or the account moved to another "
                                   "tenant. The stream does not resume and its object is not "
                                   "whole: begin a new one"))
      .With("account", name.ToString());
}

absl::Status CiphertextInvalid() {
  return ErrorBuilder(StatusCode::kInvalidArgument, "CIPHERTEXT_INVALID",
                      "what was given does not decrypt for this account, scope and object");
}

absl::Status ScopeDestroyed(const AccountName& name, absl::string_view scope) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "SCOPE_DESTROYED",
                      absl::StrCat("the key of scope \"", scope, "\" of ", name.ToString(),
                                   " that this object is under was destroyed; it can never be "
                                   "opened again"))
      .With("account", name.ToString())
      .With("scope", std::string(scope));
}

absl::Status StreamIdle(absl::Duration limit) {
  return ErrorBuilder(StatusCode::kDeadlineExceeded, "STREAM_IDLE",
                      absl::StrCat("for ", absl::FormatDuration(limit),
                                   " the client neither sent anything nor took what it was sent; "
                                   "read and write at the same time, and begin again"));
}

absl::Status StreamTooLong(absl::Duration limit) {
  return ErrorBuilder(StatusCode::kDeadlineExceeded, "STREAM_TOO_LONG",
                      absl::StrCat("the stream ran for ", absl::FormatDuration(limit),
                                   ", the longest that one may; for objects that take longer, "
                                   "encrypt with the keys of GenerateDataKey"));
}

absl::Status PeerUnavailable(absl::string_view peer, absl::string_view cause) {
  return ErrorBuilder(StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat(peer, " could not do its part: ", cause,
                                   ". Nothing has changed; send the request again"))
      .With("service", std::string(peer))
      .RetryAfter(kRetryDelay);
}

absl::Status ChangedMeanwhile(const AccountName& name) {
  return ErrorBuilder(StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat(name.ToString(),
                                   " or its key was being changed at the same "
                                   "time. Nothing was done; send the request again"))
      .With("resource", name.ToString())
      .RetryAfter(kRetryDelay);
}

std::string DescribeDeletion(const Account& account) {
  if (account.purged()) {
    return absl::StrCat(account.name.ToString(), " was purged; nothing brings it back");
  }
  return absl::StrCat(account.name.ToString(), " was deleted at ",
                      FormatUtc(account.deletion->time), " and will be purged at ",
                      FormatUtc(account.deletion->purge_time),
                      ". RecoverAccount brings it back until then, with its uploads; models are "
                      "deployed again by hand");
}

std::string DescribeLoss(const Account& account) {
  if (account.shown_access().cause == v1::CAUSE_ACCOUNT_DELETED) return DescribeDeletion(account);
  const CauseText text = TextOf(account.access.cause);
  std::string event;
  if (!account.access.event.empty()) event = absl::StrCat(" (event ", account.access.event, ")");
  return absl::StrCat("access to the customer-managed key of ", account.name.ToString(),
                      " was lost at ", FormatUtc(account.access.since), event, ": ", text.happened,
                      ". To open it again: ", text.remedy,
                      "; it is then tried again by itself, or at once by RevalidateAccess. Uploads "
                      "that were destroyed stay destroyed, models are deployed again by hand");
}

std::string CauseName(v1::Cause cause) {
  constexpr absl::string_view kPrefix = "CAUSE_";
  return v1::Cause_Name(cause).substr(kPrefix.size());
}

}  // namespace keyward::encryption
