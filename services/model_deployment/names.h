#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_NAMES_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_NAMES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::model_deployment {

// The names of this service's resources as types. Parse returns INVALID_ARGUMENT (INVALID_REQUEST)
// naming `field` for all that is not exactly such a name; every id is 3-63 of [0-9a-z-], a letter
// first. Values, equal if their texts are.

// OK if `id` may be the last part of a name.
absl::Status CheckId(absl::string_view field, absl::string_view id);

// What the types below share: a parsed name and its text.
class ResourceName {
 public:
  const std::string& ToString() const { return text_; }
  // As "accounts/{account}".
  std::string account() const { return Prefix(2); }
  // The last id.
  const std::string& id() const { return parts_.back(); }

  friend bool operator==(const ResourceName& a, const ResourceName& b) {
    return a.text_ == b.text_;
  }

 protected:
  // `parts` alternates collections and ids.
  explicit ResourceName(std::vector<std::string> parts);
  // The first `count` parts, joined.
  std::string Prefix(size_t count) const;

  // Splits `text` if its collections are `collections`, in order.
  static absl::StatusOr<std::vector<std::string>> Split(
      absl::string_view field, absl::string_view text,
      std::initializer_list<absl::string_view> collections);

 private:
  std::vector<std::string> parts_;
  std::string text_;
};

// "accounts/{account}".
class AccountName : public ResourceName {
 public:
  static absl::StatusOr<AccountName> Parse(absl::string_view field, absl::string_view text);

 private:
  using ResourceName::ResourceName;
};

// "accounts/{account}/workspaces/{workspace}".
class WorkspaceName : public ResourceName {
 public:
  static absl::StatusOr<WorkspaceName> Parse(absl::string_view field, absl::string_view text);

 private:
  using ResourceName::ResourceName;
};

// "accounts/{account}/workspaces/{workspace}/projects/{project}".
class ProjectName : public ResourceName {
 public:
  static absl::StatusOr<ProjectName> Parse(absl::string_view field, absl::string_view text);
  std::string workspace() const { return Prefix(4); }

 private:
  using ResourceName::ResourceName;
};

// "accounts/{account}/workspaces/{workspace}/projects/{project}/models/{model}".
class ModelName : public ResourceName {
 public:
  static absl::StatusOr<ModelName> Parse(absl::string_view field, absl::string_view text);
  std::string workspace() const { return Prefix(4); }
  std::string project() const { return Prefix(6); }

 private:
  using ResourceName::ResourceName;
};

// "accounts/{account}/workspaces/{workspace}/documents/{document}".
class DocumentName : public ResourceName {
 public:
  static absl::StatusOr<DocumentName> Parse(absl::string_view field, absl::string_view text);
  std::string workspace() const { return Prefix(4); }

 private:
  using ResourceName::ResourceName;
};

// "accounts/{account}/receipts/{receipt}".
class ReceiptName : public ResourceName {
 public:
  static absl::StatusOr<ReceiptName> Parse(absl::string_view field, absl::string_view text);

 private:
  using ResourceName::ResourceName;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_NAMES_H_
