#include "services/model_deployment/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {

constexpr size_t kMinimumIdSize = 3;
constexpr size_t kMaximumIdSize = 63;

bool IsId(absl::string_view id) {
  if (id.size() < kMinimumIdSize || id.size() > kMaximumIdSize || !absl::ascii_islower(id[0])) {
    return false;
  }
  for (char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') return false;
  }
  return true;
}

absl::Status NotSuchAName(absl::string_view field,
                          std::initializer_list<absl::string_view> collections) {
  std::string form;
  for (absl::string_view collection : collections) {
    absl::string_view singular = collection.substr(0, collection.size() - 1);
    absl::StrAppend(&form, form.empty() ? "" : "/", collection, "/{", singular, "}");
  }
  return InvalidField(field, absl::StrCat("must have the form \"", form,
                                          "\", each id 3-63 of [0-9a-z-] with a letter first"));
}

}  // namespace

absl::Status CheckId(absl::string_view field, absl::string_view id) {
  if (IsId(id)) return absl::OkStatus();
  return InvalidField(field, "must be 3-63 of [0-9a-z-], a letter first");
}

ResourceName::ResourceName(std::vector<std::string> parts)
    : parts_(std::move(parts)), text_(absl::StrJoin(parts_, "/")) {}

std::string ResourceName::Prefix(size_t count) const {
  return absl::StrJoin(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(count), "/");
}

absl::StatusOr<std::vector<std::string>> ResourceName::Split(
    absl::string_view field, absl::string_view text,
    std::initializer_list<absl::string_view> collections) {
  std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() != 2 * collections.size()) return NotSuchAName(field, collections);
  size_t i = 0;
  for (absl::string_view collection : collections) {
    if (parts[i] != collection || !IsId(parts[i + 1])) return NotSuchAName(field, collections);
    i += 2;
  }
  return parts;
}

absl::StatusOr<AccountName> AccountName::Parse(absl::string_view field, absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts, Split(field, text, {"accounts"}));
  return AccountName(std::move(parts));
}

absl::StatusOr<WorkspaceName> WorkspaceName::Parse(absl::string_view field,
                                                   absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts, Split(field, text, {"accounts", "workspaces"}));
  return WorkspaceName(std::move(parts));
}

absl::StatusOr<ProjectName> ProjectName::Parse(absl::string_view field, absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts, Split(field, text, {"accounts", "workspaces", "projects"}));
  return ProjectName(std::move(parts));
}

absl::StatusOr<ModelName> ModelName::Parse(absl::string_view field, absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts,
                      Split(field, text, {"accounts", "workspaces", "projects", "models"}));
  return ModelName(std::move(parts));
}

absl::StatusOr<DocumentName> DocumentName::Parse(absl::string_view field, absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts, Split(field, text, {"accounts", "workspaces", "documents"}));
  return DocumentName(std::move(parts));
}

absl::StatusOr<ReceiptName> ReceiptName::Parse(absl::string_view field, absl::string_view text) {
  KW_ASSIGN_OR_RETURN(auto parts, Split(field, text, {"accounts", "receipts"}));
  return ReceiptName(std::move(parts));
}

}  // namespace keyward::model_deployment
