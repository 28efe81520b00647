#include "common/envelope/object_id.h"

#include "absl/strings/str_cat.h"
#include "common/envelope/wire.h"
#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

constexpr absl::string_view kAssociatedDataMagic = "KWAD";
constexpr char kAssociatedDataVersion = 1;

absl::Status CheckName(absl::string_view what, absl::string_view name, size_t limit) {
  if (!name.empty() && name.size() <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the ", what, " of a stored object must have 1 to ", limit, " bytes"));
}

}  // namespace

absl::Status CheckObjectId(const ObjectId& id) {
  KW_RETURN_IF_ERROR(CheckName("account", id.account, ObjectId::kMaxAccount));
  KW_RETURN_IF_ERROR(CheckName("scope", id.scope, ObjectId::kMaxScope));
  return CheckName("name", id.object, ObjectId::kMaxObject);
}

std::string AssociatedData(const ObjectId& id) {
  Writer writer;
  writer.Bytes(kAssociatedDataMagic);
  writer.Byte(kAssociatedDataVersion);
  writer.Name(id.account);
  writer.Name(id.scope);
  writer.Name(id.object);
  return writer.Take();
}

}  // namespace keyward::envelope
