#include "services/key_vault/testing/vault_env.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/auth/principal_store.h"
#include "common/events/events_schema.h"
#include "common/storage/request_ids.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/key_vault/schema.h"
#include "services/key_vault/subscription_store.h"

namespace keyward::key_vault::testing {
namespace {

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::abort();
}

template <typename T>
T Value(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

}  // namespace

VaultEnv::VaultEnv(const Options& options)
    : temporary_(options.url.empty() ? storage::testing::TemporaryDatabase::Sqlite() : nullptr),
      database(Value(
          storage::Database::Open(options.url.empty() ? temporary_->url() : options.url,
                                  {events::EventsSchema(), audit::AuditSchema(), auth::AuthSchema(),
                                   storage::RequestIdsSchema(), KeyVaultSchema()}))),
      outbox("key_vault", clock),
      feed(Value(events::Feed::Create(*database, clock, outbox))),
      root_key(Value(crypto::FileRootKey::LoadOrCreate(
          options.root_key_file.empty() ? folder_.File("root.key") : options.root_key_file))),
      hsm_keys(options.token == nullptr
                   ? nullptr
                   : std::make_unique<HsmKeys>(*database, clock, options.token)),
      key_ring(*root_key, 100, hsm_keys.get()),
      publisher(outbox, *feed, clock),
      changes(*database, clock, publisher),
      purges(publisher, key_ring),
      vaults(*database, changes, publisher, key_ring, principals),
      policies(changes, publisher, principals),
      keys(*database, changes, publisher, key_ring),
      versions(*database, changes, publisher, key_ring),
      rotation_policies(*database, changes, publisher),
      backups(*database, changes, publisher, *root_key, key_ring),
      inspection(*database),
      purge(*database, clock, changes, purges),
      usages(*database, clock),
      imports(changes, publisher, key_ring),
      gate(*database, principals, [] { return absl::OkStatus(); }),
      usable_keys(*database, clock, key_ring, limiter),
      ciphers(*database),
      cryptography(usable_keys, ciphers, gate),
      encryption(usable_keys, ciphers),
      signatures(usable_keys),
      random(*database) {
  SetSubscription(kSubscription, kTenant);
}

server::CallContext VaultEnv::Call(const std::string& principal) {
  server::CallContext call;
  call.caller.principal = principal;
  call.correlation_id = "test-correlation";
  return call;
}

void VaultEnv::SetPrincipal(const std::string& principal, const std::string& tenant, bool active) {
  identity::v1::PrincipalChanged change;
  change.set_identity("identities/test");
  change.set_resource("accounts/test");
  change.set_tenant(tenant);
  change.set_principal_id(principal);
  change.set_active(active);
  events::v1::Event event;
  event.set_sequence(++identity_sequence_);
  event.mutable_data()->PackFrom(change);
  principals.Observe(event);
}

void VaultEnv::Use(const std::string& version, const std::string& user) {
  keyvault::v1::RegisterKeyUsageRequest request;
  request.set_name(version);
  request.set_user(user);
  server::CallContext call = Call();
  call.caller.kind = auth::Caller::Kind::kService;
  call.caller.name = "encryption";
  Value(usages.Register(call, request));
}

void VaultEnv::SetSubscription(const std::string& subscription, const std::string& tenant) {
  Write([&](storage::Transaction& tx) { return SubscriptionStore(tx).Set(subscription, tenant); });
}

keyvault::v1::Vault VaultEnv::CreateVault(const std::string& id, keyvault::v1::Sku sku) {
  keyvault::v1::CreateVaultRequest request;
  request.set_vault_id(id);
  request.mutable_vault()->set_subscription(kSubscription);
  request.mutable_vault()->set_region("westeurope");
  request.mutable_vault()->set_sku(sku);
  keyvault::v1::AccessPolicyEntry* entry = request.mutable_vault()->add_access_policy();
  entry->set_principal(kAlice);
  entry->add_key_permissions("all");
  return Value(vaults.Create(Call(), request));
}

keyvault::v1::Key VaultEnv::CreateKey(const std::string& vault_id, const std::string& key_id,
                                      keyvault::v1::KeyType type) {
  keyvault::v1::CreateKeyRequest request;
  request.set_parent(absl::StrCat("vaults/", vault_id));
  request.set_key_id(key_id);
  request.mutable_key()->set_key_type(type);
  return Value(keys.Create(Call(), request));
}

std::vector<audit::v1::AuditEntry> VaultEnv::AuditEntries() {
  std::vector<audit::v1::AuditEntry> entries;
  Read([&](storage::Transaction& tx) -> absl::Status {
    auto read = audit::ReadEntries(tx, {}, 0, 1000);
    if (read.ok()) entries.assign(read->rbegin(), read->rend());
    return read.status();
  });
  return entries;
}

std::vector<events::v1::Event> VaultEnv::Events() {
  events::v1::ListEventsRequest request;
  request.set_page_size(1000);
  events::v1::ListEventsResponse response = Value(feed->ListEvents(request));
  return {response.events().begin(), response.events().end()};
}

std::vector<std::string> VaultEnv::EventNames() {
  std::vector<std::string> names;
  for (const events::v1::Event& event : Events()) {
    names.push_back(absl::StrCat(event.type(), " ", event.subject()));
  }
  return names;
}

void VaultEnv::Write(absl::FunctionRef<absl::Status(storage::Transaction&)> work) {
  Check(database->Write(work));
}

void VaultEnv::Read(absl::FunctionRef<absl::Status(storage::Transaction&)> work) {
  Check(database->Read(work));
}

}  // namespace keyward::key_vault::testing
