#include "services/managed_identity/server.h"

#include <grpcpp/impl/service_type.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/crypto/root_key.h"
#include "common/https/fetch.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "services/managed_identity/bootstrap.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/exchange_handler.h"
#include "services/managed_identity/federation_service.h"
#include "services/managed_identity/identity_hierarchy.h"
#include "services/managed_identity/identity_service.h"
#include "services/managed_identity/issuer_keys.h"
#include "services/managed_identity/role_service.h"
#include "services/managed_identity/schema.h"
#include "services/managed_identity/tenant_service.h"
#include "services/managed_identity/token_service.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {
namespace {

// Everything between the foundation and the wire.
class ManagedIdentity final : public server::Application {
 public:
  ManagedIdentity(server::Foundation& foundation, std::unique_ptr<Changes> changes,
                  std::unique_ptr<TokenSigner> signer)
      : changes_(std::move(changes)),
        signer_(std::move(signer)),
        hierarchy_(foundation.database()),
        tenants_(*changes_),
        subscriptions_(*changes_, foundation.principals()),
        identities_(*changes_),
        roles_(*changes_, foundation.options().trust_domain),
        tokens_(*changes_, *signer_, foundation.clock()),
        issuers_(*changes_),
        credentials_(*changes_),
        issuer_keys_([](const https::Url& url,
                        const std::string& authorities) { return https::Fetch(url, authorities); },
                     foundation.clock()),
        exchanges_(*changes_, *signer_, issuer_keys_, foundation.clock()),
        dispatcher_(foundation.MakeDispatcher(hierarchy_)),
        tenant_service_(dispatcher_, tenants_, subscriptions_),
        identity_service_(dispatcher_, identities_),
        role_service_(dispatcher_, roles_),
        token_service_(dispatcher_, tokens_, exchanges_),
        federation_service_(dispatcher_, issuers_, credentials_) {}

  std::vector<grpc::Service*> services() override {
    return {&tenant_service_, &identity_service_, &role_service_, &token_service_,
            &federation_service_};
  }

 private:
  const std::unique_ptr<Changes> changes_;
  const std::unique_ptr<TokenSigner> signer_;
  IdentityHierarchy hierarchy_;
  const TenantHandler tenants_;
  const SubscriptionHandler subscriptions_;
  const IdentityHandler identities_;
  const RoleHandler roles_;
  const TokenHandler tokens_;
  const TrustedIssuerHandler issuers_;
  const CredentialHandler credentials_;
  IssuerKeys issuer_keys_;
  const ExchangeHandler exchanges_;
  server::Dispatcher& dispatcher_;
  TenantService tenant_service_;
  IdentityService identity_service_;
  RoleService role_service_;
  TokenService token_service_;
  FederationService federation_service_;
};

absl::Status Bootstrap(const Changes& changes, const Settings& settings,
                       const std::string& trust_domain) {
  KW_ASSIGN_OR_RETURN(
      const BootstrapResult result,
      BootstrapAdministrator(changes, settings.bootstrap_administrator, trust_domain));
  if (result.made) {
    server::Log(server::Severity::kInfo, "bootstrap.administrator_made",
                {{"principal", result.administrator}});
  } else if (result.ignored) {
    server::Log(server::Severity::kWarning, "bootstrap.administrator_ignored",
                {{"wanted", settings.bootstrap_administrator},
                 {"settled", result.administrator},
                 {"advice", "the first start settled it; give roles with RoleService"}});
  } else if (result.administrator.empty()) {
    server::Log(server::Severity::kWarning, "bootstrap.no_administrator",
                {{"advice", "nobody may manage anything; set --bootstrap_administrator"}});
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<storage::Schema> Schemas() {
  return {storage::RequestIdsSchema(), ManagedIdentitySchema()};
}

absl::StatusOr<std::unique_ptr<server::Application>> MakeManagedIdentity(
    server::Foundation& foundation, const Settings& settings) {
  const server::ServerOptions& options = foundation.options();
  KW_ASSIGN_OR_RETURN(const crypto::RootKey* root_key,
                      foundation.OpenRootKey({SigningKeyColumn()}));
  auto changes = std::make_unique<Changes>(
      Changes::Options{foundation.database(), foundation.clock(), foundation.outbox(),
                       foundation.feed(), foundation.principals()});
  KW_ASSIGN_OR_RETURN(
      std::unique_ptr<TokenSigner> signer,
      TokenSigner::LoadOrCreate(*changes, *root_key,
                                auth::ServiceSpiffeId(options.trust_domain, kServiceName)));
  KW_RETURN_IF_ERROR(Bootstrap(*changes, settings, options.trust_domain));
  // What this service knows of principals it knows first, so it needs no lease on itself.
  foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
  return std::make_unique<ManagedIdentity>(foundation, std::move(changes), std::move(signer));
}

}  // namespace keyward::managed_identity
