#include "services/managed_identity/oidc_operator.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/https/url.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kPrefix = "oidc:";
constexpr size_t kMaxSubjectSize = 600;

std::string Select(absl::string_view rest) {
  return absl::StrCat(
      "SELECT issuer, subject, not_before, last_use_time, last_event FROM oidc_operators ", rest);
}

OidcOperator ToOperator(const storage::Row& row) {
  return {.issuer = row.GetString(0),
          .subject = row.GetString(1),
          .not_before = row.GetTime(2),
          .last_use_time = row.GetTime(3),
          .last_event = row.GetInt64(4)};
}

}  // namespace

std::optional<OidcOperator> OidcOperator::Parse(absl::string_view principal) {
  if (!absl::ConsumePrefix(&principal, kPrefix)) return std::nullopt;
  const size_t hash = principal.find('#');
  if (hash == absl::string_view::npos) return std::nullopt;
  const absl::string_view issuer = principal.substr(0, hash);
  const absl::string_view subject = principal.substr(hash + 1);
  if (!https::Url::Parse(issuer).ok() || subject.empty() || subject.size() > kMaxSubjectSize ||
      absl::c_any_of(subject, [](char c) { return absl::ascii_iscntrl(c); })) {
    return std::nullopt;
  }
  return OidcOperator{std::string(issuer), std::string(subject)};
}

std::string OidcOperator::principal() const { return absl::StrCat(kPrefix, issuer, "#", subject); }

void OidcOperator::RefuseTokens(absl::Time now) {
  not_before = std::max({now, not_before, last_use_time}) + absl::Microseconds(1);
}

// It has no resource: whoever asks for one learns that it is an operator. Its directory is its
// issuer.
identity::v1::PrincipalChanged ToEvent(const OidcOperator& oidc_operator) {
  identity::v1::PrincipalChanged message;
  message.set_identity(kOperators);
  message.set_resource(kOperators);
  message.set_principal_id(oidc_operator.principal());
  message.set_tenant(oidc_operator.issuer);
  message.set_active(true);
  *message.mutable_not_before() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(oidc_operator.not_before));
  return message;
}

absl::StatusOr<std::optional<OidcOperator>> FindOidcOperator(storage::Transaction& tx,
                                                             const std::string& principal) {
  const auto row = tx.QueryOne(Select("WHERE principal = :principal"), {{"principal", principal}});
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  return ToOperator(**row);
}

absl::StatusOr<std::vector<OidcOperator>> OidcOperatorsOf(storage::Transaction& tx,
                                                          const std::string& issuer) {
  const auto rows =
      tx.Query(Select("WHERE issuer = :issuer ORDER BY principal"), {{"issuer", issuer}});
  if (!rows.ok()) return rows.status();
  std::vector<OidcOperator> operators;
  for (const storage::Row& row : *rows) operators.push_back(ToOperator(row));
  return operators;
}

absl::Status SaveOidcOperator(storage::Transaction& tx, const OidcOperator& oidc_operator) {
  return tx
      .Execute(
          "INSERT INTO oidc_operators (principal, issuer, subject, not_before, last_use_time, "
          "last_event) VALUES (:principal, :issuer, :subject, :not_before, :last_use_time, "
          ":last_event) ON CONFLICT (principal) DO UPDATE SET not_before = excluded.not_before, "
          "last_use_time = excluded.last_use_time, last_event = excluded.last_event",
          {{"principal", oidc_operator.principal()},
           {"issuer", oidc_operator.issuer},
           {"subject", oidc_operator.subject},
           {"not_before", oidc_operator.not_before},
           {"last_use_time", oidc_operator.last_use_time},
           {"last_event", oidc_operator.last_event}})
      .status();
}

}  // namespace keyward::managed_identity
