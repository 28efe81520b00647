#ifndef KEYWARD_COMMON_SERVER_METHOD_RULES_H_
#define KEYWARD_COMMON_SERVER_METHOD_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "keyward/auth/v1/authorization.pb.h"

namespace keyward::server {

// The rule in a method's option; null if the method has none or its rule lets nobody in.
const auth::v1::Authorization* FindRule(const google::protobuf::MethodDescriptor& method);

// The method whose request is of this type: the one method, of the services in the same file, that
// takes it. Null if there is none or more than one.
const google::protobuf::MethodDescriptor* FindMethodByRequest(
    const google::protobuf::Descriptor& request);

// What a rule's resource field holds in a request, such as "vaults/v"; the field may lie deeper, as
// in "vault.subscription". Empty if the rule names none.
std::string ResourceOf(const auth::v1::Authorization& rule,
                       const google::protobuf::Message& request);

// OK if every method of these services (by full name) can be dispatched and says who may call it:
// it has the option, the resource field that it names is a string of the request, permission and
// key_permission come with a resource or mean "/", and no other method of its file takes the same
// request. Otherwise FAILED_PRECONDITION naming every method that does not.
absl::Status VerifyEveryMethodIsAuthorized(absl::Span<const std::string> services);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_METHOD_RULES_H_
