#include "common/server/message_check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/server/errors.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"

namespace keyward::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A field's path and what is wrong with it.
using Violations = std::vector<std::pair<std::string, std::string>>;

std::string Join(const std::string& path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

// Enough to mend a request by, and few enough for an answer.
constexpr size_t kMaxViolations = 20;

void CheckEnum(const FieldDescriptor& field, int value, const std::string& path,
               Violations& violations) {
  if (field.enum_type()->FindValueByNumber(value) != nullptr) return;
  violations.emplace_back(path, absl::StrCat("has the unknown value ", value, " of ",
                                             field.enum_type()->full_name(), "."));
}

void CheckInto(const Message& message, const std::string& path, Violations& violations);

void CheckField(const Message& message, const FieldDescriptor& field, const std::string& path,
                Violations& violations) {
  const Reflection& reflection = *message.GetReflection();
  const bool is_enum = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  if (!is_enum && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
  const std::string name = Join(path, field.name());
  if (!field.is_repeated()) {
    if (is_enum) CheckEnum(field, reflection.GetEnumValue(message, &field), name, violations);
    if (!is_enum) CheckInto(reflection.GetMessage(message, &field), name, violations);
    return;
  }
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size && violations.size() < kMaxViolations; ++i) {
    const std::string item = absl::StrCat(name, "[", i, "]");
    if (is_enum) {
      CheckEnum(field, reflection.GetRepeatedEnumValue(message, &field, i), item, violations);
    } else {
      CheckInto(reflection.GetRepeatedMessage(message, &field, i), item, violations);
    }
  }
}

void CheckInto(const Message& message, const std::string& path, Violations& violations) {
  const Reflection& reflection = *message.GetReflection();
  const google::protobuf::UnknownFieldSet& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count() && violations.size() < kMaxViolations; ++i) {
    violations.emplace_back(Join(path, absl::StrCat(unknown.field(i).number())),
                            absl::StrCat("is no field of ", message.GetTypeName(), "."));
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) CheckField(message, *field, path, violations);
}

}  // namespace

absl::Status CheckMessage(const Message& message) {
  Violations violations;
  CheckInto(message, "", violations);
  return violations.empty() ? absl::OkStatus() : UnknownContent(violations);
}

}  // namespace keyward::server
