#include "common/server/dispatcher.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/auth/errors.h"
#include "common/server/call_record.h"
#include "common/server/client_context.h"
#include "common/server/credentials_of.h"
#include "common/server/errors.h"
#include "common/server/lane.h"
#include "common/server/message_check.h"
#include "common/server/method_rules.h"
#include "common/server/method_table.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

using google::protobuf::Message;

// A unary call on its way through the pool and the audit log.
struct UnaryCall {
  UnaryCall(Method& method, Lane& lane_of_method, const clock::Clock& clock)
      : lane(lane_of_method), record(method, clock) {}

  Lane& lane;
  grpc::CallbackServerContext* context = nullptr;
  grpc::ServerUnaryReactor* reactor = nullptr;
  const Message* request = nullptr;
  Message* response = nullptr;
  std::function<absl::Status(const CallContext&)> run;
  CallRecord record;
};

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(Options options, const auth::Authenticator& authenticator,
       const auth::Authorizer& authorizer, audit::AuditSink& audit, Metrics& metrics,
       const clock::Clock& clock)
      : options_(options),
        authenticator_(authenticator),
        authorizer_(authorizer),
        audit_(audit),
        clock_(clock),
        methods_(metrics),
        in_flight_(metrics.Gauge("keyward_rpc_in_flight", "Calls that are being served.")),
        overloaded_(metrics.Counter("keyward_rpc_overloaded_total",
                                    "Calls refused because the queue was full.")),
        streams_(options.streams, 0),
        lanes_(options.workers, options.queue) {}

  Method& MethodOf(const Message& request) { return methods_.ByRequest(*request.GetDescriptor()); }
  Method& MethodOf(absl::string_view name) { return methods_.ByName(name); }
  Lane& LaneOf(const Method& method) { return lanes_.Of(method.name()); }
  Lane& StreamLaneOf(const Method& method) { return streams_.Of(method.name()); }
  Lanes& lanes() { return lanes_; }
  const clock::Clock& clock() const { return clock_; }

  void Schedule(std::shared_ptr<UnaryCall> call) {
    Begin(*call->context, call->record);
    CountFinite(1);
    if (call->lane.Start([this, call] { Serve(call); })) return;
    overloaded_.Increment();
    Answer(*call, Overloaded());
  }

  void ScheduleStream(grpc::CallbackServerContext* context, std::shared_ptr<CallRecord> record,
                      const Message& first, std::function<absl::Status(CallContext&)> body,
                      std::function<void(const grpc::Status&)> close) {
    Lane& lane = StreamLaneOf(record->method());
    CountFinite(1);
    const auto end = [this, &lane, close = std::move(close)](const grpc::Status& status) {
      close(status);
      lane.Answered();
      CountFinite(-1);
    };
    const bool started = lane.Start([=, this, &first, body = std::move(body)] {
      end(ServeStream(context, *record, &first, body, StreamKind::kFinite));
    });
    if (started) return;
    overloaded_.Increment();
    Begin(*context, *record);
    record->Finish(Overloaded());
    in_flight_.Decrement();
    end(ToGrpcStatus(Overloaded()));
  }

  template <typename Context>
  grpc::Status ServeStream(Context* context, CallRecord& record, const Message* first,
                           absl::FunctionRef<absl::Status(CallContext&)> body, StreamKind kind) {
    Begin(*context, record);
    absl::Status status = Admit(*context, record, first);
    // What a stream says while it runs must not leave before an entry tells of it.
    if (status.ok()) status = RecordStream(record, "opened", absl::OkStatus());
    if (status.ok()) {
      Register(context, kind);
      status = body(record.context);
      Unregister(context, kind);
      const absl::Status visible = Visible(record, status);
      const absl::Status recorded = RecordStream(record, "closed", visible);
      status = recorded.ok() ? visible : recorded;
    } else {
      status = Visible(record, status);
      const absl::Status recorded = audit_.RecordAndWait(record.ToAuditEntry(status));
      if (!recorded.ok()) status = AuditFailed(record, recorded);
    }
    status = Visible(record, status);
    record.Finish(status);
    in_flight_.Decrement();
    return ToGrpcStatus(status);
  }

  bool AwaitFiniteCalls(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return finite_ == 0; };
    return mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
  }

  void CancelEndlessStreams() {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    for (grpc::ServerContext* stream : endless_) stream->TryCancel();
  }

 private:
  template <typename Context>
  void Begin(Context& context, CallRecord& record) {
    in_flight_.Increment();
    CallContext& call = record.context;
    call.correlation_id = CorrelationIdOf(context);
    call.peer = context.peer();
    const absl::Time limit = absl::Now() + options_.longest_call;
    call.deadline = std::min(absl::FromChrono(context.deadline()), limit);
    context.AddTrailingMetadata(kCorrelationIdMetadata, call.correlation_id);
  }

  // Everything that must hold before the handler runs.
  absl::Status Admit(const grpc::ServerContextBase& context, CallRecord& record,
                     const Message* request) {
    const auth::v1::Authorization* rule = record.method().rule();
    if (rule != nullptr && request != nullptr) record.resource = ResourceOf(*rule, *request);
    if (request != nullptr) record.NoteRequest(*request);
    auth::Authenticator::Result who = authenticator_.Authenticate(CredentialsOf(context));
    record.cause = std::move(who.cause);
    record.certificate = std::move(who.spiffe_id);
    KW_RETURN_IF_ERROR(who.caller.status());
    record.context.caller = *std::move(who.caller);
    if (record.context.deadline <= absl::Now()) return DeadlinePassed();
    if (rule == nullptr) {
      record.cause = "the method has no authorization option";
      return auth::NotAuthorized();
    }
    KW_RETURN_IF_ERROR(authorizer_.Authorize(record.context.caller, *rule, record.resource));
    record.context.rule = rule;
    record.context.resource = record.resource;
    return request == nullptr ? absl::OkStatus() : CheckMessage(*request);
  }

  void Serve(const std::shared_ptr<UnaryCall>& call) {
    absl::Status status = Admit(*call->context, call->record, call->request);
    if (status.ok()) status = call->run(call->record.context);
    if (status.ok()) {
      call->record.method().EchoFlags(*call->request, *call->response);
      call->record.NoteResponse(*call->response);
    }
    const absl::Status visible = Visible(call->record, status);
    // The worker is free while the entry is on its way to the disk.
    audit_.Record(call->record.ToAuditEntry(visible), [this, call, visible](absl::Status recorded) {
      if (recorded.ok()) return Answer(*call, visible);
      call->response->Clear();
      Answer(*call, AuditFailed(call->record, recorded));
    });
  }

  void Answer(UnaryCall& call, const absl::Status& status) {
    call.record.Finish(status);
    in_flight_.Decrement();
    call.reactor->Finish(ToGrpcStatus(status));
    call.lane.Answered();
    // Last, because whoever drains may end all of this once it is zero.
    CountFinite(-1);
  }

  static absl::Status Visible(CallRecord& record, const absl::Status& status) {
    const absl::Status visible = ToVisible(status, record.context.correlation_id);
    if (visible != status) record.cause = status.ToString();
    return visible;
  }

  // The operation may have happened, but no answer leaves without a record of it.
  static absl::Status AuditFailed(CallRecord& record, const absl::Status& why) {
    record.cause = absl::StrCat("audit entry was not written: ", why.ToString());
    return Internal(record.context.correlation_id);
  }

  absl::Status RecordStream(CallRecord& record, const char* what, const absl::Status& outcome) {
    record.context.Note("stream", what);
    const absl::Status recorded = audit_.RecordAndWait(record.ToAuditEntry(outcome));
    return recorded.ok() ? recorded : AuditFailed(record, recorded);
  }

  // Streams of the callback API are all finite.
  void Register(grpc::CallbackServerContext*, StreamKind) { CountFinite(1); }
  void Unregister(grpc::CallbackServerContext*, StreamKind) { CountFinite(-1); }

  void Register(grpc::ServerContext* context, StreamKind kind) {
    if (kind == StreamKind::kFinite) return CountFinite(1);
    absl::MutexLock lock(&mutex_);
    endless_.insert(context);
    if (draining_) context->TryCancel();
  }

  void Unregister(grpc::ServerContext* context, StreamKind kind) {
    if (kind == StreamKind::kFinite) return CountFinite(-1);
    absl::MutexLock lock(&mutex_);
    endless_.erase(context);
  }

  void CountFinite(int change) {
    absl::MutexLock lock(&mutex_);
    finite_ += change;
  }

  const Options options_;
  const auth::Authenticator& authenticator_;
  const auth::Authorizer& authorizer_;
  audit::AuditSink& audit_;
  const clock::Clock& clock_;
  MethodTable methods_;
  prometheus::Gauge& in_flight_;
  prometheus::Counter& overloaded_;

  absl::Mutex mutex_;
  int finite_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<grpc::ServerContext*> endless_ ABSL_GUARDED_BY(mutex_);

  // Last, so that their threads end first.
  Lanes streams_;
  Lanes lanes_;
};

Dispatcher::Dispatcher(Options options, const auth::Authenticator& authenticator,
                       const auth::Authorizer& authorizer, audit::AuditSink& audit,
                       Metrics& metrics, const clock::Clock& clock)
    : clock_(clock),
      impl_(std::make_unique<Impl>(options, authenticator, authorizer, audit, metrics, clock)) {}

Dispatcher::~Dispatcher() { impl_->AwaitFiniteCalls(absl::InfiniteFuture()); }

void Dispatcher::LimitToCores(absl::string_view service) {
  impl_->lanes().Limit(service, ComputingWorkers());
}

grpc::ServerUnaryReactor* Dispatcher::Start(grpc::CallbackServerContext* context,
                                            const Message& request, Message& response,
                                            std::function<absl::Status(const CallContext&)> run) {
  Method& method = impl_->MethodOf(request);
  auto call = std::make_shared<UnaryCall>(method, impl_->LaneOf(method), impl_->clock());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  call->context = context;
  call->reactor = reactor;
  call->request = &request;
  call->response = &response;
  call->run = std::move(run);
  impl_->Schedule(std::move(call));
  return reactor;
}

grpc::Status Dispatcher::Stream(grpc::ServerContext* context, absl::string_view method,
                                absl::string_view resource,
                                absl::FunctionRef<absl::Status(CallContext&)> body,
                                StreamKind kind) {
  CallRecord record(impl_->MethodOf(method), impl_->clock());
  record.resource = std::string(resource);
  return impl_->ServeStream(context, record, nullptr, body, kind);
}

grpc::Status Dispatcher::Stream(grpc::ServerContext* context, const Message& first,
                                absl::FunctionRef<absl::Status(CallContext&)> body,
                                StreamKind kind) {
  CallRecord record(impl_->MethodOf(first), impl_->clock());
  return impl_->ServeStream(context, record, &first, body, kind);
}

void Dispatcher::StartStream(grpc::CallbackServerContext* context, const Message& first,
                             std::function<absl::Status(CallContext&)> body,
                             std::function<void(const grpc::Status&)> close) {
  auto record = std::make_shared<CallRecord>(impl_->MethodOf(first), impl_->clock());
  impl_->ScheduleStream(context, std::move(record), first, std::move(body), std::move(close));
}

bool Dispatcher::AwaitFiniteCalls(absl::Time deadline) { return impl_->AwaitFiniteCalls(deadline); }

void Dispatcher::CancelEndlessStreams() { impl_->CancelEndlessStreams(); }

}  // namespace keyward::server
