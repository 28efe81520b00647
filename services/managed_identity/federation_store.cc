#include "services/managed_identity/federation_store.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace keyward::managed_identity {
namespace {

std::string SelectIssuers(absl::string_view rest) {
  return absl::StrCat(
      "SELECT trusted_issuer_id, issuer, ca_certificates, jwks_uri, create_time, operators "
      "FROM trusted_issuers ",
      rest);
}

TrustedIssuer ToIssuer(const storage::Row& row) {
  return {.name = TrustedIssuerName::FromTrustedId(row.GetString(0)),
          .issuer = row.GetString(1),
          .ca_certificates = row.GetString(2),
          .jwks_uri = row.GetString(3),
          .create_time = row.GetTime(4),
          .operators = row.GetBool(5)};
}

std::string SelectCredentials(absl::string_view rest) {
  return absl::StrCat(
      "SELECT identity_id, credential_id, issuer, subject, audience, create_time, last_use_time "
      "FROM federated_credentials ",
      rest);
}

FederatedCredential ToCredential(const storage::Row& row) {
  return {.name = FederatedCredentialName::FromTrustedIds(row.GetString(0), row.GetString(1)),
          .issuer = row.GetString(2),
          .subject = row.GetString(3),
          .audience = row.GetString(4),
          .create_time = row.GetTime(5),
          .last_use_time = row.GetTime(6)};
}

template <typename Value>
absl::StatusOr<std::optional<Value>> FirstOf(absl::StatusOr<std::optional<storage::Row>> row,
                                             Value (*convert)(const storage::Row&)) {
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  return convert(**row);
}

template <typename Value>
absl::StatusOr<std::vector<Value>> AllOf(absl::StatusOr<std::vector<storage::Row>> rows,
                                         Value (*convert)(const storage::Row&)) {
  if (!rows.ok()) return rows.status();
  std::vector<Value> values;
  for (const storage::Row& row : *rows) values.push_back(convert(row));
  return values;
}

}  // namespace

absl::StatusOr<std::optional<TrustedIssuer>> FindTrustedIssuer(storage::Transaction& tx,
                                                               const TrustedIssuerName& name) {
  return FirstOf(tx.QueryOne(SelectIssuers("WHERE trusted_issuer_id = :id"), {{"id", name.id()}}),
                 ToIssuer);
}

absl::StatusOr<std::optional<TrustedIssuer>> FindTrustedIssuer(storage::Transaction& tx,
                                                               const std::string& issuer) {
  return FirstOf(tx.QueryOne(SelectIssuers("WHERE issuer = :issuer"), {{"issuer", issuer}}),
                 ToIssuer);
}

absl::StatusOr<std::string> SimilarTrustedIssuer(storage::Transaction& tx,
                                                 const std::string& issuer) {
  const std::string other =
      absl::EndsWith(issuer, "/") ? issuer.substr(0, issuer.size() - 1) : absl::StrCat(issuer, "/");
  const auto found = FindTrustedIssuer(tx, other);
  if (!found.ok()) return found.status();
  return found->has_value() ? other : "";
}

absl::StatusOr<std::vector<TrustedIssuer>> ListTrustedIssuers(storage::Transaction& tx,
                                                              const std::string& after, int limit) {
  return AllOf(tx.Query(SelectIssuers("WHERE trusted_issuer_id > :after ORDER BY "
                                      "trusted_issuer_id LIMIT :limit"),
                        {{"after", after}, {"limit", limit}}),
               ToIssuer);
}

absl::Status UpdateTrustedIssuer(storage::Transaction& tx, const TrustedIssuer& issuer) {
  return tx
      .Execute(
          "UPDATE trusted_issuers SET ca_certificates = :ca_certificates, jwks_uri = :jwks_uri "
          "WHERE trusted_issuer_id = :id",
          {{"id", issuer.name.id()},
           {"ca_certificates", issuer.ca_certificates},
           {"jwks_uri", issuer.jwks_uri}})
      .status();
}

absl::Status InsertTrustedIssuer(storage::Transaction& tx, const TrustedIssuer& issuer) {
  return tx
      .Execute(
          "INSERT INTO trusted_issuers (trusted_issuer_id, issuer, ca_certificates, jwks_uri, "
          "operators, create_time) VALUES (:id, :issuer, :authorities, :jwks_uri, :operators, "
          ":create_time)",
          {{"id", issuer.name.id()},
           {"issuer", issuer.issuer},
           {"authorities", issuer.ca_certificates},
           {"jwks_uri", issuer.jwks_uri},
           {"operators", issuer.operators},
           {"create_time", issuer.create_time}})
      .status();
}

absl::Status DeleteTrustedIssuer(storage::Transaction& tx, const TrustedIssuerName& name) {
  return tx
      .Execute("DELETE FROM trusted_issuers WHERE trusted_issuer_id = :id", {{"id", name.id()}})
      .status();
}

absl::StatusOr<std::optional<FederatedCredential>> FindFederatedCredential(
    storage::Transaction& tx, const FederatedCredentialName& name) {
  return FirstOf(
      tx.QueryOne(SelectCredentials("WHERE identity_id = :identity AND credential_id = :id"),
                  {{"identity", name.identity().id()}, {"id", name.id()}}),
      ToCredential);
}

absl::StatusOr<std::vector<FederatedCredential>> FederatedCredentialsOf(storage::Transaction& tx,
                                                                        const IdentityName& name) {
  return AllOf(tx.Query(SelectCredentials("WHERE identity_id = :identity ORDER BY credential_id"),
                        {{"identity", name.id()}}),
               ToCredential);
}

absl::StatusOr<std::vector<FederatedCredential>> FederatedCredentialsFor(
    storage::Transaction& tx, const std::string& issuer) {
  return AllOf(
      tx.Query(SelectCredentials("WHERE issuer = :issuer ORDER BY identity_id, credential_id"),
               {{"issuer", issuer}}),
      ToCredential);
}

absl::Status SaveFederatedCredential(storage::Transaction& tx,
                                     const FederatedCredential& credential) {
  return tx
      .Execute(
          "INSERT INTO federated_credentials (identity_id, credential_id, issuer, subject, "
          "audience, create_time, last_use_time) VALUES (:identity, :id, :issuer, :subject, "
          ":audience, :create_time, :last_use_time) ON CONFLICT (identity_id, credential_id) "
          "DO UPDATE SET last_use_time = excluded.last_use_time",
          {{"identity", credential.name.identity().id()},
           {"id", credential.name.id()},
           {"issuer", credential.issuer},
           {"subject", credential.subject},
           {"audience", credential.audience},
           {"create_time", credential.create_time},
           {"last_use_time", credential.last_use_time}})
      .status();
}

absl::Status DeleteFederatedCredential(storage::Transaction& tx,
                                       const FederatedCredentialName& name) {
  return tx
      .Execute(
          "DELETE FROM federated_credentials WHERE identity_id = :identity AND credential_id = :id",
          {{"identity", name.identity().id()}, {"id", name.id()}})
      .status();
}

absl::Status DeleteFederatedCredentialsOf(storage::Transaction& tx, const IdentityName& name) {
  return tx
      .Execute("DELETE FROM federated_credentials WHERE identity_id = :identity",
               {{"identity", name.id()}})
      .status();
}

}  // namespace keyward::managed_identity
