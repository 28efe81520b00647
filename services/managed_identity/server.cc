#include "services/managed_identity/server.h"

#include <grpcpp/impl/service_type.h>

#include <utility>

#include "absl/status/status.h"
#include "common/auth/spiffe_id.h"
#include "common/auth/token_verifier.h"
#include "common/crypto/root_key.h"
#include "common/https/fetch.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "services/managed_identity/bootstrap.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/directory_catch_up.h"
#include "services/managed_identity/exchange_handler.h"
#include "services/managed_identity/federation_service.h"
#include "services/managed_identity/https_listener.h"
#include "services/managed_identity/identity_hierarchy.h"
#include "services/managed_identity/identity_service.h"
#include "services/managed_identity/introspection_handler.h"
#include "services/managed_identity/issuer_keys.h"
#include "services/managed_identity/key_succession.h"
#include "services/managed_identity/oidc_pages.h"
#include "services/managed_identity/role_service.h"
#include "services/managed_identity/schema.h"
#include "services/managed_identity/signing_key_handler.h"
#include "services/managed_identity/signing_key_rotator.h"
#include "services/managed_identity/signing_key_service.h"
#include "services/managed_identity/tenant_service.h"
#include "services/managed_identity/token_service.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {
namespace {

// What may fail to be made.
struct Parts {
  std::unique_ptr<Changes> changes;
  std::unique_ptr<KeySuccession> succession;
  std::unique_ptr<TokenSigner> signer;
  // Null if there is none.
  std::unique_ptr<HttpsListener> listener;
};

// Everything between the foundation and the wire.
class ManagedIdentity final : public server::Application {
 public:
  ManagedIdentity(server::Foundation& foundation, Parts parts, absl::Duration rotation)
      : changes_(std::move(parts.changes)),
        succession_(std::move(parts.succession)),
        signer_(std::move(parts.signer)),
        listener_(std::move(parts.listener)),
        directory_(foundation.database(), foundation.principals()),
        verifier_(kServiceName, foundation.principals(), foundation.clock()),
        rotator_(*changes_, *succession_, foundation.clock(), foundation.metrics(), rotation),
        hierarchy_(foundation.database()),
        tenants_(*changes_),
        subscriptions_(*changes_),
        identities_(*changes_),
        attachments_(*changes_),
        roles_(*changes_, foundation.options().trust_domain),
        tokens_(*changes_, *signer_, foundation.clock()),
        issuers_(*changes_),
        credentials_(*changes_),
        issuer_keys_([](const https::Url& url,
                        const std::string& authorities) { return https::Fetch(url, authorities); },
                     foundation.clock()),
        exchanges_(*changes_, *signer_, issuer_keys_, foundation.clock()),
        introspection_(directory_, verifier_),
        signing_keys_(*changes_, *succession_),
        dispatcher_(foundation.MakeDispatcher(hierarchy_)),
        tenant_service_(dispatcher_, tenants_, subscriptions_),
        identity_service_(dispatcher_, identities_, attachments_),
        role_service_(dispatcher_, roles_),
        token_service_(dispatcher_, tokens_, exchanges_, introspection_),
        federation_service_(dispatcher_, issuers_, credentials_),
        signing_key_service_(dispatcher_, signing_keys_) {
    // Other replicas change the database as well, so nothing is believed before a look at it.
    foundation.SetIdentityFreshness([this] { return directory_.CatchUp(); });
  }

  std::vector<grpc::Service*> services() override {
    return {&tenant_service_, &identity_service_,   &role_service_,
            &token_service_,  &federation_service_, &signing_key_service_};
  }
  void Start() override { rotator_.Start(); }
  void Stop() override {
    rotator_.Stop();
    listener_ = nullptr;
  }
  int oidc_port() const { return listener_ == nullptr ? 0 : listener_->port(); }

 private:
  const std::unique_ptr<Changes> changes_;
  const std::unique_ptr<KeySuccession> succession_;
  const std::unique_ptr<TokenSigner> signer_;
  std::unique_ptr<HttpsListener> listener_;
  DirectoryCatchUp directory_;
  const auth::TokenVerifier verifier_;
  SigningKeyRotator rotator_;
  IdentityHierarchy hierarchy_;
  const TenantHandler tenants_;
  const SubscriptionHandler subscriptions_;
  const IdentityHandler identities_;
  const AttachmentHandler attachments_;
  const RoleHandler roles_;
  const TokenHandler tokens_;
  const TrustedIssuerHandler issuers_;
  const CredentialHandler credentials_;
  IssuerKeys issuer_keys_;
  const ExchangeHandler exchanges_;
  const IntrospectionHandler introspection_;
  const SigningKeyHandler signing_keys_;
  server::Dispatcher& dispatcher_;
  TenantService tenant_service_;
  IdentityService identity_service_;
  RoleService role_service_;
  TokenService token_service_;
  FederationService federation_service_;
  SigningKeyService signing_key_service_;
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

absl::StatusOr<std::unique_ptr<HttpsListener>> MakeListener(const Changes& changes,
                                                            const Settings& settings,
                                                            const server::TlsFiles& tls) {
  if (settings.oidc_listen.empty()) return nullptr;
  HttpsListener::Options options;
  options.listen = settings.oidc_listen;
  const bool own = !settings.oidc_tls_certificate.empty();
  options.certificate = own ? settings.oidc_tls_certificate : tls.certificate;
  options.private_key = own ? settings.oidc_tls_private_key : tls.private_key;
  KW_ASSIGN_OR_RETURN(auto listener,
                      HttpsListener::Start(options, OidcPages(changes, settings.issuer)));
  server::Log(server::Severity::kInfo, "oidc.listening",
              {{"port", listener->port()}, {"issuer", settings.issuer}});
  return listener;
}

}  // namespace

std::vector<storage::Schema> Schemas() {
  return {storage::RequestIdsSchema(), ManagedIdentitySchema()};
}

int OidcPort(server::Application& managed_identity) {
  return static_cast<ManagedIdentity&>(managed_identity).oidc_port();
}

absl::StatusOr<std::unique_ptr<server::Application>> MakeManagedIdentity(
    server::Foundation& foundation, const Settings& settings) {
  const server::ServerOptions& options = foundation.options();
  KW_RETURN_IF_ERROR(CheckSettings(settings));
  KW_ASSIGN_OR_RETURN(const crypto::RootKey* root_key,
                      foundation.OpenRootKey({SigningKeyColumn()}));
  Parts parts;
  parts.changes = std::make_unique<Changes>(
      Changes::Options{foundation.database(), foundation.clock(), foundation.outbox(),
                       foundation.feed(), foundation.principals()});
  parts.succession = std::make_unique<KeySuccession>(*root_key);
  const std::string issuer = settings.issuer.empty()
                                 ? auth::ServiceSpiffeId(options.trust_domain, kServiceName)
                                 : settings.issuer;
  KW_ASSIGN_OR_RETURN(parts.signer,
                      TokenSigner::Open(*parts.changes, *parts.succession, *root_key, issuer));
  KW_RETURN_IF_ERROR(Bootstrap(*parts.changes, settings, options.trust_domain));
  KW_ASSIGN_OR_RETURN(parts.listener, MakeListener(*parts.changes, settings, options.tls));
  return std::make_unique<ManagedIdentity>(foundation, std::move(parts),
                                           settings.signing_key_rotation);
}

}  // namespace keyward::managed_identity
