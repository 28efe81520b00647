#include "common/events/follower.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "common/clock/back_off.h"
#include "common/events/acknowledger.h"
#include "common/events/applier.h"
#include "common/events/subscription.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/events/v1/events.grpc.pb.h"

namespace keyward::events {
namespace {

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Microseconds(google::protobuf::util::TimeUtil::DurationToMicroseconds(duration));
}

}  // namespace

// Three threads: one for the stream to the peer (which has a second for writing), the applier's and
// the acknowledger's.
class Follower::Core {
 public:
  Core(Options options, clock::Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        stub_(v1::EventService::NewStub(options_.channel)),
        lease_(clock),
        acknowledger_(options_.source, options_.own_feed, clock,
                      [this](int64_t sequence) { Ready(sequence); }) {}

  absl::Status Load(storage::Database& database, EventHandler& handler);
  void Start();
  void Stop();

  const Lease& lease() const { return lease_; }
  int64_t applied() const { return applier_->progress().applied; }
  int64_t acknowledged() const;
  State state() const;

 private:
  void Run();
  absl::Status Follow();
  bool Take(v1::Event event);
  void Ready(int64_t sequence);
  void Heard();
  bool BackOff(const absl::Status& status);

  const Options options_;
  clock::Clock& clock_;
  const std::unique_ptr<v1::EventService::Stub> stub_;
  Lease lease_;
  std::unique_ptr<Applier> applier_;
  Acknowledger acknowledger_;

  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kStopped;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t ready_ ABSL_GUARDED_BY(mutex_) = 0;
  Subscription* subscription_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

absl::Status Follower::Core::Load(storage::Database& database, EventHandler& handler) {
  const Applier::Options options{.source = options_.source,
                                 .batch_size = options_.batch_size,
                                 .minimum_back_off = options_.minimum_back_off,
                                 .maximum_back_off = options_.maximum_back_off};
  KW_ASSIGN_OR_RETURN(
      applier_, Applier::Create(options, database, clock_, handler, [this](Progress progress) {
        lease_.Applied(progress.applied);
        acknowledger_.Applied(progress);
      }));
  lease_.Applied(applier_->progress().applied);
  acknowledger_.Applied(applier_->progress());
  return absl::OkStatus();
}

void Follower::Core::Start() {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kConnecting;
  }
  acknowledger_.Start();
  applier_->Start();
  thread_ = std::thread([this] { Run(); });
}

void Follower::Core::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (subscription_ != nullptr) subscription_->Cancel();
  }
  applier_->Stop();
  acknowledger_.Stop();
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  state_ = State::kStopped;
}

int64_t Follower::Core::acknowledged() const {
  absl::MutexLock lock(&mutex_);
  return ready_;
}

Follower::State Follower::Core::state() const {
  const bool failing = applier_->failing();
  absl::MutexLock lock(&mutex_);
  return failing && state_ == State::kFollowing ? State::kHandlerFailing : state_;
}

void Follower::Core::Run() {
  while (BackOff(Follow())) {
  }
}

absl::Status Follower::Core::Follow() {
  Subscription::Options options;
  options.heartbeat_interval = options_.heartbeat_interval;
  options.silence_limit = options_.silence_limit;
  options.start.set_consumer(options_.consumer);
  options.start.set_replica(options_.replica);
  options.start.set_after_sequence(applier_->received());
  Subscription::Listener listener;
  listener.on_event = [this](v1::Event event) {
    Heard();
    return Take(std::move(event));
  };
  listener.on_heartbeat = [this](absl::Duration sent, const v1::Heartbeat& heartbeat) {
    Heard();
    lease_.Grant(sent, heartbeat.newest_sequence(), FromProto(heartbeat.lease()),
                 FromProto(heartbeat.upstream_lease()));
  };
  Subscription subscription(std::move(options), std::move(listener), clock_);
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopped");
    subscription_ = &subscription;
    subscription.Acknowledge(ready_);
  }
  const absl::Status status = subscription.Run(*stub_);
  absl::MutexLock lock(&mutex_);
  subscription_ = nullptr;
  return status;
}

bool Follower::Core::Take(v1::Event event) {
  const std::string id = event.id();
  if (applier_->Push(std::move(event))) return true;
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  server::Log(server::Severity::kError, "feed.out_of_order",
              {{"source", options_.source}, {"event_id", id}});
  return false;
}

void Follower::Core::Ready(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  ready_ = std::max(ready_, sequence);
  if (subscription_ != nullptr) subscription_->Acknowledge(ready_);
}

void Follower::Core::Heard() {
  absl::MutexLock lock(&mutex_);
  if (state_ != State::kFollowing) {
    server::Log(server::Severity::kInfo, "feed.following", {{"source", options_.source}});
  }
  state_ = State::kFollowing;
  failures_ = 0;
}

// Returns whether to call the peer again.
bool Follower::Core::BackOff(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  const bool out_of_range = absl::IsOutOfRange(status);
  state_ = out_of_range ? State::kOutOfRange : State::kConnecting;
  const int attempt = failures_++;
  // A peer that restarts is no news after the first line.
  if (out_of_range || attempt == 0 || attempt % 16 == 0) {
    server::Log(out_of_range ? server::Severity::kError : server::Severity::kWarning,
                out_of_range ? "feed.out_of_range" : "feed.lost",
                {{"source", options_.source}, {"error", status.ToString()}});
  }
  const absl::Duration delay =
      clock::BackOff(attempt, options_.minimum_back_off, options_.maximum_back_off);
  return !clock_.AwaitFor(mutex_, absl::Condition(&stopping_), delay);
}

absl::StatusOr<std::unique_ptr<Follower>> Follower::Create(Options options,
                                                           storage::Database& database,
                                                           clock::Clock& clock,
                                                           EventHandler& handler) {
  auto core = std::make_unique<Core>(std::move(options), clock);
  KW_RETURN_IF_ERROR(core->Load(database, handler));
  return std::unique_ptr<Follower>(new Follower(std::move(core)));
}

Follower::Follower(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Follower::~Follower() { Stop(); }

void Follower::Start() { core_->Start(); }

void Follower::Stop() { core_->Stop(); }

const Lease& Follower::lease() const { return core_->lease(); }

int64_t Follower::applied() const { return core_->applied(); }

int64_t Follower::acknowledged() const { return core_->acknowledged(); }

Follower::State Follower::state() const { return core_->state(); }

}  // namespace keyward::events
