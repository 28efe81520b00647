#ifndef KEYWARD_COMMON_SERVER_CALL_RECORD_H_
#define KEYWARD_COMMON_SERVER_CALL_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/server/method_table.h"
#include "google/protobuf/message.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::server {

// What is written down about one call: its audit entry, its log line, its metrics. Used by one
// thread at a time.
class CallRecord {
 public:
  CallRecord(Method& method, const clock::Clock& clock);

  CallContext context;
  // The resource asked about; the request's own words, so for the logs only.
  std::string resource;
  // The certificate's SPIFFE ID, where there is no caller because a token was refused.
  std::string certificate;
  // What is behind an error, for the log only.
  std::string cause;

  // Takes down what in the request makes the call less than it seems, such as validate_only.
  void NoteRequest(const google::protobuf::Message& request);

  // Takes down what the call made, from its answer.
  void NoteResponse(const google::protobuf::Message& response);

  Method& method() const { return method_; }

  // The audit entry of the call that ends with `outcome` (as the caller sees it).
  audit::v1::AuditEntry ToAuditEntry(const absl::Status& outcome) const;

  // Measures the call and writes its one log line.
  void Finish(const absl::Status& outcome) const;

 private:
  absl::Duration Elapsed() const { return clock_.MonotonicNow() - started_; }

  Method& method_;
  const clock::Clock& clock_;
  // The flags that were set in the request, one after the other.
  std::string flags_;
  const absl::Time time_;
  const absl::Duration started_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_CALL_RECORD_H_
