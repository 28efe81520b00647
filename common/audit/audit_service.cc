#include "common/audit/audit_service.h"

#include <utility>
#include <vector>

#include "common/audit/audit_store.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"

namespace keyward::audit {
namespace {

absl::StatusOr<v1::ListAuditEntriesResponse> List(storage::Database& database,
                                                  const v1::ListAuditEntriesRequest& request) {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<v1::AuditEntry> entries;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    const AuditFilter filter{.resource = request.resource(),
                             .correlation_id = request.correlation_id()};
    KW_ASSIGN_OR_RETURN(entries, ReadEntries(tx, filter, page.after_number(), page.limit()));
    return absl::OkStatus();
  }));
  v1::ListAuditEntriesResponse response;
  response.set_next_page_token(
      storage::CutPage(request, page, entries, [](const auto& entry) { return entry.id(); }));
  response.mutable_entries()->Assign(entries.begin(), entries.end());
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* AuditServiceImpl::ListAuditEntries(
    grpc::CallbackServerContext* context, const v1::ListAuditEntriesRequest* request,
    v1::ListAuditEntriesResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext&, const auto& list) { return List(database_, list); });
}

}  // namespace keyward::audit
