#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_OPERATOR_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_OPERATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::managed_identity {

// What stands for the identity and the resource of an operator, who has neither.
inline constexpr char kOperators[] = "operators";
// What the tokens of a trusted issuer must be for, to say who an operator is.
inline constexpr char kOperatorAudience[] = "keyward";

// An operator who is known by the tokens of a trusted issuer, as the principal
// "oidc:{issuer}#{subject}"; here since a role assignment named it. A value.
struct OidcOperator {
  std::string issuer;
  std::string subject;
  // Tokens issued before do not count.
  absl::Time not_before = absl::UnixEpoch();
  // The latest `iat` of a token that was exchanged; the epoch if there is none.
  absl::Time last_use_time = absl::UnixEpoch();
  // The sequence of the last event about it.
  int64_t last_event = 0;

  // The parts of such a principal; none if it is no such principal. The issuer is a plain URL, and
  // has no '#'.
  static std::optional<OidcOperator> Parse(absl::string_view principal);

  std::string principal() const;
  // Makes its tokens worthless that were issued until now, or until they were last.
  void RefuseTokens(absl::Time now);
};

// What is told of it: that it is there, and the mark.
identity::v1::PrincipalChanged ToEvent(const OidcOperator& oidc_operator);

// Operators in the database. Errors are those of Transaction.
absl::StatusOr<std::optional<OidcOperator>> FindOidcOperator(storage::Transaction& tx,
                                                             const std::string& principal);
// All that an issuer's tokens name, by principal.
absl::StatusOr<std::vector<OidcOperator>> OidcOperatorsOf(storage::Transaction& tx,
                                                          const std::string& issuer);
// Writes a new one or over the old one.
absl::Status SaveOidcOperator(storage::Transaction& tx, const OidcOperator& oidc_operator);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_OPERATOR_H_
