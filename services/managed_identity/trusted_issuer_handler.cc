#include "services/managed_identity/trusted_issuer_handler.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/credential_change.h"
#include "services/managed_identity/federation.h"
#include "services/managed_identity/federation_errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/messages.h"

namespace keyward::managed_identity {
namespace {

absl::Status CheckFree(storage::Transaction& tx, const TrustedIssuer& wanted) {
  KW_ASSIGN_OR_RETURN(auto existing, FindTrustedIssuer(tx, wanted.name));
  if (!existing.has_value()) {
    KW_ASSIGN_OR_RETURN(existing, FindTrustedIssuer(tx, wanted.issuer));
  }
  if (!existing.has_value()) return absl::OkStatus();
  return TrustedIssuerExists(existing->name, existing->issuer, wanted.issuer);
}

}  // namespace

absl::StatusOr<identity::v1::TrustedIssuer> TrustedIssuerHandler::Create(
    const server::CallContext& call,
    const identity::v1::CreateTrustedIssuerRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name,
                      TrustedIssuerName::FromId(request.trusted_issuer_id(), "trusted_issuer_id"));
  call.Note("issuer", request.trusted_issuer().issuer());
  call.Note("operators", request.trusted_issuer().operators() ? "true" : "false");
  return changes_.Commit<identity::v1::TrustedIssuer>(
      call, request, [&](Change& change) -> absl::StatusOr<identity::v1::TrustedIssuer> {
        KW_ASSIGN_OR_RETURN(const TrustedIssuer issuer,
                            TrustedIssuer::Create(name, request.trusted_issuer(), change.now()));
        KW_RETURN_IF_ERROR(CheckFree(change.tx(), issuer));
        KW_RETURN_IF_ERROR(InsertTrustedIssuer(change.tx(), issuer));
        return ToProto(issuer);
      });
}

absl::StatusOr<identity::v1::TrustedIssuer> TrustedIssuerHandler::Get(
    const identity::v1::GetTrustedIssuerRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name, TrustedIssuerName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const auto issuer,
                      changes_.Read<std::optional<TrustedIssuer>>(
                          [&](storage::Transaction& tx) { return FindTrustedIssuer(tx, name); }));
  if (!issuer.has_value()) return TrustedIssuerNotFound(name);
  return ToProto(*issuer);
}

absl::StatusOr<identity::v1::ListTrustedIssuersResponse> TrustedIssuerHandler::List(
    const identity::v1::ListTrustedIssuersRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  KW_ASSIGN_OR_RETURN(std::vector<TrustedIssuer> issuers,
                      changes_.Read<std::vector<TrustedIssuer>>([&](storage::Transaction& tx) {
                        return ListTrustedIssuers(tx, page.after, page.limit());
                      }));
  identity::v1::ListTrustedIssuersResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, issuers, [](const TrustedIssuer& last) { return last.name.id(); }));
  for (const TrustedIssuer& issuer : issuers) *response.add_trusted_issuers() = ToProto(issuer);
  return response;
}

absl::StatusOr<identity::v1::TrustedIssuer> TrustedIssuerHandler::Update(
    const server::CallContext& call,
    const identity::v1::UpdateTrustedIssuerRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name, TrustedIssuerName::Parse(request.trusted_issuer().name(),
                                                                "trusted_issuer.name"));
  using Answer = identity::v1::TrustedIssuer;
  return changes_.Commit<Answer>(call, request, [&](Change& change) -> absl::StatusOr<Answer> {
    KW_ASSIGN_OR_RETURN(const auto issuer, FindTrustedIssuer(change.tx(), name));
    if (!issuer.has_value()) return TrustedIssuerNotFound(name);
    KW_ASSIGN_OR_RETURN(
        const TrustedIssuer changed,
        issuer->With(request.trusted_issuer(), request.update_mask(), change.now()));
    KW_RETURN_IF_ERROR(UpdateTrustedIssuer(change.tx(), changed));
    return ToProto(changed);
  });
}

absl::StatusOr<identity::v1::DeleteTrustedIssuerResponse> TrustedIssuerHandler::Delete(
    const server::CallContext& call,
    const identity::v1::DeleteTrustedIssuerRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name, TrustedIssuerName::Parse(request.name(), "name"));
  using Response = identity::v1::DeleteTrustedIssuerResponse;
  const auto remove = [&](Change& change) { return DistrustIssuer(change, name); };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, remove));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, remove));
  call.Note("identities", absl::StrCat(answer.identity_count()));
  call.Note("operators", absl::StrCat(answer.operator_count()));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
