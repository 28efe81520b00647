#include "common/server/method_table.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/server/method_rules.h"

namespace keyward::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr const char* kFlags[] = {"validate_only", "async", "acknowledge_in_use"};
// How the names of methods that make a resource begin.
constexpr const char* kMakers[] = {"Create", "Import", "Restore", "Rotate", "Train"};

std::string NameOf(const MethodDescriptor* method) {
  if (method == nullptr) return "unknown";
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

// A field that is of this type and stands alone; null if there is none.
const FieldDescriptor* FindField(const google::protobuf::Descriptor& message, const char* name,
                                 FieldDescriptor::CppType type) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->cpp_type() == type ? field : nullptr;
}

std::vector<const FieldDescriptor*> FindFlags(const MethodDescriptor* method) {
  std::vector<const FieldDescriptor*> flags;
  if (method == nullptr) return flags;
  for (const char* name : kFlags) {
    const FieldDescriptor* flag =
        FindField(*method->input_type(), name, FieldDescriptor::CPPTYPE_BOOL);
    if (flag != nullptr) flags.push_back(flag);
  }
  return flags;
}

const FieldDescriptor* FindCreated(const MethodDescriptor* method) {
  if (method == nullptr) return nullptr;
  const bool makes = std::any_of(std::begin(kMakers), std::end(kMakers), [&](const char* maker) {
    return absl::StartsWith(method->name(), maker);
  });
  if (!makes) return nullptr;
  return FindField(*method->output_type(), "name", FieldDescriptor::CPPTYPE_STRING);
}

}  // namespace

Method::Method(const MethodDescriptor* descriptor, Metrics& metrics)
    : name_(NameOf(descriptor)),
      rule_(descriptor == nullptr ? nullptr : FindRule(*descriptor)),
      flags_(FindFlags(descriptor)),
      created_(FindCreated(descriptor)),
      metrics_(metrics) {}

std::vector<std::string> Method::FlagsOf(const Message& request) const {
  std::vector<std::string> set;
  for (const FieldDescriptor* flag : flags_) {
    if (request.GetReflection()->GetBool(request, flag)) set.push_back(flag->name());
  }
  return set;
}

void Method::EchoFlags(const Message& request, Message& response) const {
  for (const FieldDescriptor* flag : flags_) {
    if (!request.GetReflection()->GetBool(request, flag)) continue;
    const FieldDescriptor* echo =
        FindField(*response.GetDescriptor(), flag->name().c_str(), FieldDescriptor::CPPTYPE_BOOL);
    if (echo != nullptr) response.GetReflection()->SetBool(&response, echo, true);
  }
}

std::string Method::CreatedBy(const Message& response) const {
  if (created_ == nullptr) return "";
  return response.GetReflection()->GetString(response, created_);
}

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
