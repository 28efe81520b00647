#ifndef KEYWARD_SERVICES_ENCRYPTION_ERRORS_H_
#define KEYWARD_SERVICES_ENCRYPTION_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/encryption/account.h"
#include "services/encryption/key_rules.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// Every error that this service answers with, by name; the reasons are those of errors.proto and of
// auth's. The messages are for operators: what is wrong, on which resource, what to do.

absl::Status AccountExists(const AccountName& name);
// An attempt to create the account, with other settings, is still being finished.
absl::Status AccountBeingCreated(const AccountName& name);
absl::Status AccountNotFound(const AccountName& name);
// The name of an account is given once: one that is deleted, or was purged, has it.
absl::Status AccountNameSpent(const Account& existing);
// Metadata: delete_time, purge_time.
absl::Status AccountDeleted(const Account& account);
absl::Status AccountNotDeleted(const AccountName& name);
// It cannot be recovered any more.
absl::Status AccountBeingPurged(const Account& account);
absl::Status EtagMismatch(const AccountName& name, const std::string& etag);
absl::Status SubscriptionUnknown(const std::string& subscription);
absl::Status CustomerKeyAtCreation();
absl::Status TierUnknown(const std::string& tier);
absl::Status TierWithoutEncryptionSettings(const AccountName& name, const std::string& tier);
// An account under a customer's key cannot go to such a tier.
absl::Status TierNeedsPlatformKeys(const AccountName& name, const std::string& tier);

// PreconditionFailure names every broken rule; those that could not be checked are in the message.
absl::Status CustomerKeyRulesBroken(const AccountName& name,
                                    const std::vector<RuleVerdict>& verdicts);

// Access to the customer's key was lost; metadata: account, cause, since, event.
absl::Status AccessDenied(const Account& account);
// Access cannot be confirmed now; `why` completes "…: key_vault does not answer".
absl::Status AccessUnverified(const AccountName& name, absl::string_view why);
// Of a stream, whose access is there, but is not the one that it began with.
absl::Status AccessBroken(const AccountName& name);

// One answer for all that does not decrypt: why is nobody's business.
absl::Status CiphertextInvalid();
absl::Status ScopeDestroyed(const AccountName& name, absl::string_view scope);

// A stream on which the client did nothing for `limit`; one that ran for `limit`.
absl::Status StreamIdle(absl::Duration limit);
absl::Status StreamTooLong(absl::Duration limit);

// The service `peer` did not answer, or could not do its part; nothing has changed.
absl::Status PeerUnavailable(absl::string_view peer, absl::string_view cause);
// The account was changed by somebody else at the same time, again and again.
absl::Status ChangedMeanwhile(const AccountName& name);

// What to tell people about an account that is deleted, or purged.
std::string DescribeDeletion(const Account& account);
// What to tell people about a loss of access, and what they can do.
std::string DescribeLoss(const Account& account);

// The name of a cause without its prefix, such as "KEY_DISABLED".
std::string CauseName(v1::Cause cause);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ERRORS_H_
