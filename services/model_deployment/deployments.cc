#include "services/model_deployment/deployments.h"

#include <utility>

namespace keyward::model_deployment {

void Deployments::Add(absl::string_view account, absl::string_view name,
                      std::shared_ptr<ServedModel> model) {
  std::shared_ptr<ServedModel> replaced;
  absl::MutexLock lock(&mutex_);
  replaced = std::exchange(accounts_[std::string(account)][std::string(name)], std::move(model));
  account_of_[std::string(name)] = std::string(account);
}

std::shared_ptr<ServedModel> Deployments::Find(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  auto account = account_of_.find(name);
  if (account == account_of_.end()) return nullptr;
  const Models& models = accounts_.find(account->second)->second;
  return models.find(name)->second;
}

int64_t Deployments::WorkerPid(absl::string_view name) const {
  std::shared_ptr<ServedModel> model = Find(name);
  return model == nullptr ? 0 : model->worker_pid();
}

void Deployments::Unload(absl::string_view name) {
  std::shared_ptr<ServedModel> model;
  {
    absl::MutexLock lock(&mutex_);
    auto account = account_of_.find(name);
    if (account == account_of_.end()) return;
    Models& models = accounts_[account->second];
    model = std::move(models[name]);
    models.erase(name);
    if (models.empty()) accounts_.erase(account->second);
    account_of_.erase(account);
  }
  model->Unload();
}

void Deployments::KillAccount(absl::string_view account) {
  Models models;
  {
    absl::MutexLock lock(&mutex_);
    auto found = accounts_.find(account);
    if (found == accounts_.end()) return;
    models = std::move(found->second);
    accounts_.erase(found);
    for (const auto& [name, model] : models) account_of_.erase(name);
  }
  Kill(models);
}

void Deployments::KillAll() {
  absl::flat_hash_map<std::string, Models> accounts;
  {
    absl::MutexLock lock(&mutex_);
    accounts.swap(accounts_);
    account_of_.clear();
  }
  for (const auto& [account, models] : accounts) Kill(models);
}

void Deployments::Kill(const Models& models) {
  for (const auto& [name, model] : models) model->Kill();
  for (const auto& [name, model] : models) model->Unload();
}

}  // namespace keyward::model_deployment
