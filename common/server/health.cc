#include "common/server/health.h"

#include <optional>
#include <utility>

namespace keyward::server {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch: writes the state at once and whenever it has changed, one write at a time.
class HealthWatcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  HealthWatcher(HealthState& state, std::string service)
      : state_(state), service_(std::move(service)) {
    if (state_.Add(this)) {
      Update();
    } else {
      End();
    }
  }

  // The state may have changed.
  void Update() {
    absl::MutexLock lock(&mutex_);
    Proceed();
  }

  // Ends the call, once the client has been told the last state.
  void End() {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    Proceed();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    broken_ = broken_ || !ok;
    Proceed();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
    Proceed();
  }

  void OnDone() override {
    state_.Remove(this);
    {
      // Whoever called Finish may not have let go of the mutex yet.
      absl::MutexLock lock(&mutex_);
    }
    delete this;
  }

 private:
  void Proceed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    const HealthCheckResponse::ServingStatus now = state_.Find(service_);
    if (now != written_ && !broken_) {
      written_ = now;
      writing_ = true;
      response_.set_status(now);
      StartWrite(&response_);
    } else if (ending_ || broken_) {
      finished_ = true;
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "The watch has ended."));
    }
  }

  HealthState& state_;
  const std::string service_;
  absl::Mutex mutex_;
  HealthCheckResponse response_;
  std::optional<HealthCheckResponse::ServingStatus> written_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  // The client is gone.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

void HealthState::SetServices(const std::vector<std::string>& services) {
  absl::MutexLock lock(&mutex_);
  services_.insert(services.begin(), services.end());
}

void HealthState::SetServing(bool serving) {
  absl::MutexLock watchers_lock(&watchers_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    serving_ = serving;
  }
  for (HealthWatcher* watcher : watchers_) watcher->Update();
}

bool HealthState::serving() const {
  absl::MutexLock lock(&mutex_);
  return serving_;
}

HealthCheckResponse::ServingStatus HealthState::Find(const std::string& service) const {
  absl::MutexLock lock(&mutex_);
  if (!service.empty() && !services_.contains(service)) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthState::EndWatches() {
  absl::MutexLock lock(&watchers_mutex_);
  ended_ = true;
  for (HealthWatcher* watcher : watchers_) watcher->End();
}

bool HealthState::Add(HealthWatcher* watcher) {
  absl::MutexLock lock(&watchers_mutex_);
  watchers_.insert(watcher);
  return !ended_;
}

void HealthState::Remove(HealthWatcher* watcher) {
  absl::MutexLock lock(&watchers_mutex_);
  watchers_.erase(watcher);
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const HealthCheckResponse::ServingStatus status = state_.Find(request->service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "This server has no such service."));
    return reactor;
  }
  response->set_status(status);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext*, const HealthCheckRequest* request) {
  return new HealthWatcher(state_, request->service());
}

}  // namespace keyward::server
