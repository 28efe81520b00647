#include "services/encryption/testing/encryption_fixture.h"

#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/strip.h"
#include "common/audit/audit_log.h"
#include "common/audit/audit_store.h"
#include "common/events/errors.h"
#include "common/events/events_schema.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption::testing {

EncryptionFixture::EncryptionFixture(const std::string& url) : url_(url) {
  if (url_.empty()) {
    file_ = storage::testing::TemporaryDatabase::Sqlite();
    url_ = file_->url();
  }
  identities_.CreateSubscription(kSubscription, kTenant);
  key_vault_.CreateVault(kVault, kTenant, "westeurope");
  key_version_ = key_vault_.CreateKey(kKey);
  Start();
}

EncryptionFixture::~EncryptionFixture() { Stop(); }

void EncryptionFixture::Stop() {
  identities_.feed().SetConsumer(nullptr);
  key_vault_.feed().SetConsumer(nullptr);
  core_.reset();
  audit_.reset();
  feed_.reset();
  outbox_.reset();
  database_.reset();
}

void EncryptionFixture::Start() {
  std::vector<storage::Schema> schemas = Schemas();
  schemas.push_back(events::EventsSchema());
  schemas.push_back(audit::AuditSchema());
  database_ = *storage::Database::Open(url_, schemas);
  outbox_ = std::make_unique<events::Outbox>("encryption", clock_);
  feed_ = *events::Feed::Create(*database_, clock_, *outbox_);
  audit_ = std::make_unique<audit::AuditLog>(*database_);
  absl::StatusOr<std::unique_ptr<PlatformKeys>> platform_keys =
      PlatformKeys::Load(*database_, root_key_, clock_.Now());
  ASSERT_TRUE(platform_keys.ok()) << platform_keys.status();
  absl::StatusOr<std::unique_ptr<EncryptionCore>> core = EncryptionCore::Create(
      {*database_, *outbox_, *feed_, *audit_, key_vault_, identities_,
       [this] { return fresh_ ? absl::OkStatus() : events::FeedStale(kKeyVault); }, clock_},
      *std::move(platform_keys));
  ASSERT_TRUE(core.ok()) << core.status();
  core_ = *std::move(core);
  identities_.feed().SetConsumer([this](const events::v1::Event& event) { Apply(event); });
  key_vault_.feed().SetConsumer([this](const events::v1::Event& event) { Apply(event); });
}

void EncryptionFixture::Apply(const events::v1::Event& event) {
  const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const int64_t applied, AppliedOf(tx, event.source()));
    if (applied >= event.sequence()) return absl::OkStatus();
    return core_->event_handler().Apply(tx, event);
  });
  ASSERT_TRUE(status.ok()) << status;
}

server::CallContext EncryptionFixture::Call() {
  server::CallContext call;
  call.caller.principal = "spiffe://keyward.local/operator/alice";
  call.correlation_id = "test-call";
  return call;
}

void EncryptionFixture::CreateAccount(const std::string& id, absl::Duration grace) {
  v1::CreateAccountRequest request;
  request.set_account_id(id);
  request.mutable_account()->set_subscription(kSubscription);
  request.mutable_account()->set_region("westeurope");
  request.mutable_account()->set_tier("S1");
  request.mutable_account()->mutable_upload_retention_grace()->set_seconds(
      absl::ToInt64Seconds(grace));
  const auto account = core_->accounts().Create(Call(), request);
  ASSERT_TRUE(account.ok()) << account.status();
}

std::string EncryptionFixture::EnableAndGrant(const std::string& id) {
  const std::string principal = identities_.EnableIdentity(Name(id));
  key_vault_.Grant(kVault, principal);
  return principal;
}

void EncryptionFixture::EnableCustomerKey(const std::string& id, const std::string& key) {
  EnableAndGrant(id);
  const auto settings = Enable(id, key);
  ASSERT_TRUE(settings.ok()) << settings.status();
}

absl::StatusOr<v1::EncryptionSettings> EncryptionFixture::Enable(const std::string& id,
                                                                 const std::string& key,
                                                                 const std::string& request_id,
                                                                 const std::string& identity) {
  v1::EnableCustomerManagedKeyRequest request;
  request.set_account("accounts/" + id);
  request.mutable_customer_key()->set_key(key);
  request.mutable_customer_key()->set_identity(identity);
  request.set_request_id(request_id);
  return core_->settings().Enable(Call(), request);
}

absl::StatusOr<v1::EncryptionSettings> EncryptionFixture::Revert(const std::string& id) {
  v1::RevertToPlatformManagedRequest request;
  request.set_account("accounts/" + id);
  return core_->settings().Revert(Call(), request);
}

absl::StatusOr<v1::EncryptionSettings> EncryptionFixture::Revalidate(const std::string& id) {
  v1::RevalidateAccessRequest request;
  request.set_account("accounts/" + id);
  return core_->settings().Revalidate(Call(), request);
}

absl::StatusOr<v1::ValidateCustomerManagedKeyResponse> EncryptionFixture::Validate(
    const std::string& id, const std::string& key) {
  v1::ValidateCustomerManagedKeyRequest request;
  request.set_account("accounts/" + id);
  request.mutable_customer_key()->set_key(key);
  return core_->settings().Validate(Call(), request);
}

v1::EncryptionSettings EncryptionFixture::SettingsOf(const std::string& id) {
  v1::GetEncryptionSettingsRequest request;
  request.set_account("accounts/" + id);
  const auto settings = core_->settings().Get(Call(), request);
  EXPECT_TRUE(settings.ok()) << settings.status();
  return settings.value_or(v1::EncryptionSettings());
}

absl::StatusOr<std::string> EncryptionFixture::Encrypt(const std::string& id,
                                                       const std::string& scope,
                                                       const std::string& object,
                                                       const std::string& plaintext) {
  v1::EncryptRequest request;
  request.set_account("accounts/" + id);
  request.set_scope(scope);
  request.set_object(object);
  request.set_plaintext(plaintext);
  const auto response = core_->data().Encrypt(Call(), request);
  if (!response.ok()) return response.status();
  return response->ciphertext();
}

absl::StatusOr<std::string> EncryptionFixture::Decrypt(const std::string& id,
                                                       const std::string& scope,
                                                       const std::string& object,
                                                       const std::string& ciphertext) {
  v1::DecryptRequest request;
  request.set_account("accounts/" + id);
  request.set_scope(scope);
  request.set_object(object);
  request.set_ciphertext(ciphertext);
  const auto response = core_->data().Decrypt(Call(), request);
  if (!response.ok()) return response.status();
  return response->plaintext();
}

std::vector<events::v1::Event> EncryptionFixture::Published(const std::string& type) {
  events::v1::ListEventsRequest request;
  request.set_page_size(1000);
  const auto listed = feed_->ListEvents(request);
  EXPECT_TRUE(listed.ok()) << listed.status();
  std::vector<events::v1::Event> events;
  for (const events::v1::Event& event : listed->events()) {
    if (type.empty() || event.type() == type) events.push_back(event);
  }
  return events;
}

void EncryptionFixture::WhileTimePasses(const std::function<void()>& work) {
  std::atomic<bool> done = false;
  std::thread time([&] {
    while (!done) {
      clock_.Advance(absl::Milliseconds(50));
      std::this_thread::yield();
    }
  });
  work();
  done = true;
  time.join();
}

std::string EncryptionFixture::Sql(const std::string& query) {
  std::string value;
  const absl::Status status = database_->Read([&](storage::Transaction& tx) -> absl::Status {
    const auto row = tx.QueryOne(query);
    if (!row.ok()) return row.status();
    if (row->has_value()) value = (*row)->GetString(0);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return value;
}

bool EncryptionFixture::FilesContain(const std::string& text) {
  const std::string path(absl::StripPrefix(url_, "sqlite:"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::ifstream file(path + suffix, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    if (content.str().find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace keyward::encryption::testing
