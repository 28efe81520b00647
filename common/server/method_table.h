#ifndef KEYWARD_COMMON_SERVER_METHOD_TABLE_H_
#define KEYWARD_COMMON_SERVER_METHOD_TABLE_H_

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/server/metrics.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "keyward/auth/v1/authorization.pb.h"

namespace keyward::server {

// A method as the dispatcher sees it. Thread-safe.
class Method {
 public:
  // `descriptor` may be null: a method that cannot be found has no rule.
  Method(const google::protobuf::MethodDescriptor* descriptor, Metrics& metrics);

  // As "keyward.keyvault.v1.KeyService/GetKey".
  const std::string& name() const { return name_; }
  // Null: nobody may call it.
  const auth::v1::Authorization* rule() const { return rule_; }

  // Those of validate_only and async that are set in a request of this method: what makes a call
  // less than it seems.
  std::vector<std::string> FlagsOf(const google::protobuf::Message& request) const;

  // Sets in the answer what was set in the request of the fields that both have of those: so that
  // nobody takes a preview for the real thing.
  void EchoFlags(const google::protobuf::Message& request,
                 google::protobuf::Message& response) const;

  // The name of what a call made, from the answer of a method that makes a resource (CreateVault,
  // TrainModel); empty for any other method.
  std::string CreatedBy(const google::protobuf::Message& response) const;

  // Counts a call that ended.
  void Observe(absl::StatusCode code, absl::Duration duration);

 private:
  const std::string name_;
  const auth::v1::Authorization* const rule_;
  // Fields of the request, and of the response; found once.
  const std::vector<const google::protobuf::FieldDescriptor*> flags_;
  const google::protobuf::FieldDescriptor* const created_;
  Metrics& metrics_;
  // By code; looked up in the registry once.
  std::array<std::atomic<prometheus::Histogram*>, 17> latencies_{};
};

// The methods called so far. Thread-safe.
class MethodTable {
 public:
  explicit MethodTable(Metrics& metrics) : metrics_(metrics) {}

  // The method that takes this request, and no other. Lives as long as the table.
  Method& ByRequest(const google::protobuf::Descriptor& request);

  // The method with this full name, "package.Service/Method". Lives as long as the table.
  Method& ByName(absl::string_view name);

 private:
  Metrics& metrics_;
  absl::Mutex mutex_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Method>> by_request_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> by_name_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_METHOD_TABLE_H_
