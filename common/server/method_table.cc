#include "common/server/method_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/server/method_rules.h"

namespace keyward::server {
namespace {

std::string NameOf(const google::protobuf::MethodDescriptor* method) {
  if (method == nullptr) return "unknown";
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

}  // namespace

Method::Method(const google::protobuf::MethodDescriptor* descriptor, Metrics& metrics)
    : name_(NameOf(descriptor)),
      rule_(descriptor == nullptr ? nullptr : FindRule(*descriptor)),
      metrics_(metrics) {}

void Method::Observe(absl::StatusCode code, absl::Duration duration) {
  const auto index = static_cast<size_t>(code);
  std::atomic<prometheus::Histogram*>& slot = latencies_[index < latencies_.size() ? index : 2];
  prometheus::Histogram* latency = slot.load(std::memory_order_acquire);
  if (latency == nullptr) {
    latency = &metrics_.Latency("keyward_rpc_duration_seconds", "How long calls took, by outcome.",
                                {{"method", name_}, {"code", absl::StatusCodeToString(code)}});
    slot.store(latency, std::memory_order_release);
  }
  latency->Observe(absl::ToDoubleSeconds(duration));
}

Method& MethodTable::ByRequest(const google::protobuf::Descriptor& request) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = by_request_.find(&request);
    if (found != by_request_.end()) return *found->second;
  }
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Method>& method = by_request_[&request];
  if (method == nullptr) method = std::make_unique<Method>(FindMethodByRequest(request), metrics_);
  return *method;
}

Method& MethodTable::ByName(absl::string_view name) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Method>& method = by_name_[name];
  if (method == nullptr) {
    const std::string full_name = absl::StrReplaceAll(name, {{"/", "."}});
    method = std::make_unique<Method>(
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name), metrics_);
  }
  return *method;
}

}  // namespace keyward::server
