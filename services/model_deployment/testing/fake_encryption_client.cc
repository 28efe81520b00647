#include "services/model_deployment/testing/fake_encryption_client.h"

#include <utility>

#include "common/crypto/random.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"

namespace keyward::model_deployment::testing {

void FakeEncryptionClient::State::AddAccount(const Account& account) {
  absl::MutexLock lock(&mutex);
  accounts[account.name] = account;
}

void FakeEncryptionClient::State::SetEpoch(const std::string& account, int64_t epoch) {
  absl::MutexLock lock(&mutex);
  accounts[account].epoch = epoch;
}

void FakeEncryptionClient::State::SetOutage(absl::Status status) {
  absl::MutexLock lock(&mutex);
  outage = std::move(status);
}

void FakeEncryptionClient::State::Destroy(const std::string& account, const std::string& scope,
                                          int64_t epoch) {
  absl::MutexLock lock(&mutex);
  for (auto key = keys.begin(); key != keys.end();) {
    const Key& known = key->second;
    bool hit = known.account == account && known.scope == scope && known.epoch <= epoch;
    key = hit ? keys.erase(key) : std::next(key);
  }
}

Usage FakeEncryptionClient::State::UsageOf(const std::string& account) {
  absl::MutexLock lock(&mutex);
  return usage[account];
}

int FakeEncryptionClient::State::DestroyCalls() {
  absl::MutexLock lock(&mutex);
  return destroy_calls;
}

absl::StatusOr<Account> FakeEncryptionClient::GetAccount(const CallOrigin&,
                                                         absl::string_view account) {
  absl::MutexLock lock(&state_.mutex);
  KW_RETURN_IF_ERROR(state_.outage);
  auto found = state_.accounts.find(std::string(account));
  if (found == state_.accounts.end()) return AccountUnknown(account);
  return found->second;
}

absl::StatusOr<GeneratedKeys> FakeEncryptionClient::GenerateDataKey(const CallOrigin&,
                                                                    const envelope::ObjectId& id) {
  if (state_.before_generate) state_.before_generate();
  absl::MutexLock lock(&state_.mutex);
  KW_RETURN_IF_ERROR(state_.outage);
  envelope::ObjectHeader::Fields fields;
  fields.id = id;
  fields.scope_key_generation = 1;
  fields.platform_key_version = 1;
  fields.wrapped_inner_key = crypto::RandomBytes(envelope::ObjectHeader::kWrappedKeySize);
  fields.wrapped_outer_key = crypto::RandomBytes(envelope::ObjectHeader::kWrappedKeySize);
  KW_ASSIGN_OR_RETURN(envelope::ObjectHeader header, envelope::ObjectHeader::Create(fields));
  envelope::DataKeys keys = envelope::DataKeys::Generate();
  int64_t epoch = state_.accounts[id.account].epoch;
  state_.keys.emplace(header.bytes(),
                      State::Key{id.account, id.scope, id.object, epoch, keys.Clone()});
  return GeneratedKeys{std::move(header), std::move(keys), epoch};
}

absl::StatusOr<envelope::DataKeys> FakeEncryptionClient::DecryptDataKey(
    const CallOrigin&, const envelope::ObjectId& id, const envelope::ObjectHeader& header) {
  absl::MutexLock lock(&state_.mutex);
  KW_RETURN_IF_ERROR(state_.outage);
  auto found = state_.keys.find(header.bytes());
  if (found == state_.keys.end() || found->second.object != id.object) {
    return StoredBytesAltered(id.object);
  }
  return found->second.keys.Clone();
}

absl::StatusOr<absl::Time> FakeEncryptionClient::DestroyScope(const CallOrigin&,
                                                              absl::string_view account,
                                                              absl::string_view scope,
                                                              int64_t access_epoch) {
  {
    absl::MutexLock lock(&state_.mutex);
    KW_RETURN_IF_ERROR(state_.outage);
    ++state_.destroy_calls;
  }
  state_.Destroy(std::string(account), std::string(scope), access_epoch);
  return absl::FromUnixSeconds(1'700'000'000);
}

absl::Status FakeEncryptionClient::ReportUsage(const CallOrigin&, absl::string_view account,
                                               const Usage& usage) {
  absl::MutexLock lock(&state_.mutex);
  KW_RETURN_IF_ERROR(state_.outage);
  state_.usage[std::string(account)] = usage;
  return absl::OkStatus();
}

}  // namespace keyward::model_deployment::testing
