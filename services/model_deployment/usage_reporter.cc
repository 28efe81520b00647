#include "services/model_deployment/usage_reporter.h"

#include <algorithm>
#include <vector>

#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/model_store.h"

namespace keyward::model_deployment {

namespace {
constexpr absl::Duration kRetry = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Milliseconds(500);
}  // namespace

UsageReporter::UsageReporter(storage::Database& database, EncryptionClient& encryption,
                             const clock::Clock& clock)
    : database_(database), encryption_(encryption), clock_(clock), worker_(clock) {}

void UsageReporter::Start() {
  std::vector<Account> accounts;
  absl::Status status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(accounts, AllAccounts(tx));
    return absl::OkStatus();
  });
  if (!status.ok()) {
    server::Log(server::Severity::kWarning, "usage.not_read", {{"error", status.ToString()}});
  }
  {
    absl::MutexLock lock(&mutex_);
    for (const Account& account : accounts) changed_.insert(account.name);
  }
  worker_.Start([this] { return Step(); });
}

void UsageReporter::Changed(absl::string_view account) {
  {
    absl::MutexLock lock(&mutex_);
    changed_.insert(std::string(account));
  }
  worker_.Wake();
}

void UsageReporter::ChangedNow(const CallOrigin& origin, absl::string_view account) {
  CallOrigin brief = origin;
  brief.deadline = std::min(origin.deadline, clock_.Now() + kPatience);
  if (!Report(brief, std::string(account)).ok()) Changed(account);
}

absl::Duration UsageReporter::Step() {
  std::set<std::string> accounts;
  {
    absl::MutexLock lock(&mutex_);
    accounts.swap(changed_);
  }
  CallOrigin origin{server::NewCorrelationId()};
  absl::Duration wait = absl::InfiniteDuration();
  for (const std::string& account : accounts) {
    if (worker_.stopping()) break;
    if (Report(origin, account).ok()) continue;
    absl::MutexLock lock(&mutex_);
    changed_.insert(account);
    wait = kRetry;
  }
  return wait;
}

absl::Status UsageReporter::Report(const CallOrigin& origin, const std::string& account) {
  absl::MutexLock lock(&reporting_);
  Usage usage;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(DocumentUsage documents, UsageOfDocuments(tx, account));
    usage.uploads = documents.documents;
    usage.upload_bytes = documents.bytes;
    KW_ASSIGN_OR_RETURN(usage.deployed_models, CountDeployedModels(tx, account));
    return absl::OkStatus();
  }));
  return encryption_.ReportUsage(origin, account, usage);
}

}  // namespace keyward::model_deployment
