#include "common/server/method_rules.h"

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace keyward::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// gRPC's own services: they tell nothing about customers, and any client of the trusted authority
// may use them.
bool IsInfrastructure(const std::string& service) {
  static const auto* const services = new absl::flat_hash_set<std::string>{
      "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
      "grpc.channelz.v1.Channelz"};
  return services->contains(service);
}

// The fields on the path to the resource; empty if the path does not lead to a string.
std::vector<const FieldDescriptor*> ResourcePath(const std::string& resource,
                                                 const Descriptor& request) {
  std::vector<const FieldDescriptor*> path;
  const Descriptor* type = &request;
  for (const absl::string_view name : absl::StrSplit(resource, '.')) {
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated()) return {};
    path.push_back(field);
    type = field->message_type();
  }
  if (path.back()->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return {};
  return path;
}

std::string WhatIsWrong(const MethodDescriptor& method) {
  const auth::v1::Authorization* rule = FindRule(method);
  if (rule == nullptr) return "has no rule that lets anybody in";
  if (!rule->resource().empty() && ResourcePath(rule->resource(), *method.input_type()).empty()) {
    return absl::StrCat("names the resource field '", rule->resource(), "', which is no string");
  }
  if (!rule->key_permission().empty() && rule->resource().empty()) {
    return "has a key_permission but names no resource field";
  }
  if (FindMethodByRequest(*method.input_type()) != &method) {
    return "has no request message of its own in its file";
  }
  return "";
}

}  // namespace

const auth::v1::Authorization* FindRule(const MethodDescriptor& method) {
  if (!method.options().HasExtension(auth::v1::authorization)) return nullptr;
  const auth::v1::Authorization& rule = method.options().GetExtension(auth::v1::authorization);
  const bool lets_somebody_in = !rule.permission().empty() || !rule.key_permission().empty() ||
                                !rule.services().empty() || rule.any_authenticated();
  return lets_somebody_in ? &rule : nullptr;
}

const MethodDescriptor* FindMethodByRequest(const Descriptor& request) {
  const MethodDescriptor* found = nullptr;
  for (int i = 0; i < request.file()->service_count(); ++i) {
    const ServiceDescriptor& service = *request.file()->service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      if (service.method(j)->input_type() != &request) continue;
      if (found != nullptr) return nullptr;
      found = service.method(j);
    }
  }
  return found;
}

std::string ResourceOf(const auth::v1::Authorization& rule, const Message& request) {
  if (rule.resource().empty()) return "";
  const std::vector<const FieldDescriptor*> path =
      ResourcePath(rule.resource(), *request.GetDescriptor());
  if (path.empty()) return "";
  const Message* message = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, path[i]);
  }
  return message->GetReflection()->GetString(*message, path.back());
}

absl::Status VerifyEveryMethodIsAuthorized(absl::Span<const std::string> services) {
  std::vector<std::string> wrong;
  for (const std::string& name : services) {
    if (IsInfrastructure(name)) continue;
    const ServiceDescriptor* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      wrong.push_back(absl::StrCat(name, " has no descriptor"));
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string what = WhatIsWrong(*service->method(i));
      if (!what.empty()) wrong.push_back(absl::StrCat(service->method(i)->full_name(), " ", what));
    }
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("Not every method says who may call it: ", absl::StrJoin(wrong, "; ")));
}

}  // namespace keyward::server
