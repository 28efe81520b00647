#include "services/managed_identity/tenant_handler.h"

#include <optional>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/tenant.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {

absl::StatusOr<identity::v1::Tenant> TenantHandler::Create(
    const server::CallContext& call, const identity::v1::CreateTenantRequest& request) const {
  KW_ASSIGN_OR_RETURN(const TenantName name, TenantName::FromId(request.tenant_id(), "tenant_id"));
  KW_ASSIGN_OR_RETURN(const std::string display_name,
                      ParseDisplayName(request.tenant().display_name(), "tenant.display_name"));
  return changes_.Commit<identity::v1::Tenant>(
      call, request, [&](Change& change) -> absl::StatusOr<identity::v1::Tenant> {
        KW_ASSIGN_OR_RETURN(const std::optional<Tenant> existing, FindTenant(change.tx(), name));
        if (existing.has_value()) return TenantExists(name);
        const Tenant tenant = {name, display_name, change.now()};
        KW_RETURN_IF_ERROR(InsertTenant(change.tx(), tenant));
        return ToProto(tenant);
      });
}

absl::StatusOr<identity::v1::Tenant> TenantHandler::Get(
    const identity::v1::GetTenantRequest& request) const {
  KW_ASSIGN_OR_RETURN(const TenantName name, TenantName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const std::optional<Tenant> tenant,
                      changes_.Read<std::optional<Tenant>>(
                          [&](storage::Transaction& tx) { return FindTenant(tx, name); }));
  if (!tenant.has_value()) return TenantNotFound(name);
  return ToProto(*tenant);
}

absl::StatusOr<identity::v1::ListTenantsResponse> TenantHandler::List(
    const identity::v1::ListTenantsRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  KW_ASSIGN_OR_RETURN(std::vector<Tenant> tenants,
                      changes_.Read<std::vector<Tenant>>([&](storage::Transaction& tx) {
                        return ListTenants(tx, page.after, page.limit());
                      }));
  identity::v1::ListTenantsResponse response;
  response.set_next_page_token(
      storage::CutPage(request, page, tenants, [](const Tenant& last) { return last.name.id(); }));
  for (const Tenant& tenant : tenants) *response.add_tenants() = ToProto(tenant);
  return response;
}

}  // namespace keyward::managed_identity
