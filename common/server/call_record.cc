#include "common/server/call_record.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/audit/audit_store.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::server {
namespace {

// A caller chooses the resource's name; it shall not fill the logs with it.
constexpr size_t kMaxResourceSize = 512;

Severity SeverityOf(const absl::Status& outcome) {
  switch (outcome.code()) {
    case absl::StatusCode::kOk:
      return Severity::kInfo;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnknown:
      return Severity::kError;
    default:
      return Severity::kWarning;
  }
}

}  // namespace

CallRecord::CallRecord(Method& method, const clock::Clock& clock)
    : method_(method), clock_(clock), time_(clock.Now()), started_(clock.MonotonicNow()) {}

void CallRecord::NoteRequest(const google::protobuf::Message& request) {
  for (const std::string& flag : method_.FlagsOf(request)) {
    context.Note(flag, "true");
    absl::StrAppend(&flags_, flags_.empty() ? "" : " ", flag);
  }
}

void CallRecord::NoteResponse(const google::protobuf::Message& response) {
  if (context.Notes().count("validate_only") != 0) return;
  std::string created = method_.CreatedBy(response);
  if (!created.empty() && created != resource) {
    context.Note(audit::kCreatedDetail, std::move(created));
  }
}

audit::v1::AuditEntry CallRecord::ToAuditEntry(const absl::Status& outcome) const {
  using google::protobuf::util::TimeUtil;
  audit::v1::AuditEntry entry;
  *entry.mutable_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time_));
  entry.set_operation(method_.name());
  entry.set_resource(resource.substr(0, kMaxResourceSize));
  entry.set_result(absl::StatusCodeToString(outcome.code()));
  entry.set_reason(ErrorReason(outcome));
  entry.set_principal(context.caller.principal);
  entry.set_via(context.caller.principal.empty() ? certificate : context.caller.via);
  entry.set_peer(context.peer);
  entry.set_correlation_id(context.correlation_id);
  *entry.mutable_duration() =
      TimeUtil::MicrosecondsToDuration(absl::ToInt64Microseconds(Elapsed()));
  const std::map<std::string, std::string> notes = context.Notes();
  entry.mutable_details()->insert(notes.begin(), notes.end());
  return entry;
}

void CallRecord::Finish(const absl::Status& outcome) const {
  const absl::Duration elapsed = Elapsed();
  method_.Observe(outcome.code(), elapsed);
  const std::string code = absl::StatusCodeToString(outcome.code());
  const std::string& via = context.caller.principal.empty() ? certificate : context.caller.via;
  const absl::string_view about = absl::string_view(resource).substr(0, kMaxResourceSize);
  const double milliseconds = absl::ToDoubleMilliseconds(elapsed);
  if (outcome.ok()) {
    Log(Severity::kInfo, "rpc",
        {{"method", method_.name()},
         {"resource", about},
         {"flags", flags_},
         {"code", code},
         {"principal", context.caller.principal},
         {"via", via},
         {"peer", context.peer},
         {"correlation_id", context.correlation_id},
         {"duration_ms", milliseconds}});
    return;
  }
  Log(SeverityOf(outcome), "rpc",
      {{"method", method_.name()},
       {"resource", about},
       {"flags", flags_},
       {"code", code},
       {"reason", ErrorReason(outcome)},
       {"cause", cause},
       {"principal", context.caller.principal},
       {"via", via},
       {"peer", context.peer},
       {"correlation_id", context.correlation_id},
       {"duration_ms", milliseconds}});
}

}  // namespace keyward::server
