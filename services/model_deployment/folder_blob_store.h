#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_FOLDER_BLOB_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_FOLDER_BLOB_STORE_H_

#include <memory>
#include <string>
#include <utility>

#include "services/model_deployment/blob_store.h"

namespace keyward::model_deployment {

// Blobs as files of mode 0600 in a folder: "new/<blob>" while they are written, then "<xx>/<blob>"
// by the first two digits. A file appears by rename, after fsync of it and before fsync of its
// folder. A writer holds a lock on its file until the row that refers to it is there, which is how
// a sweep knows what is alive, also in another process.
class FolderBlobStore final : public BlobStore {
 public:
  // Makes the folder (mode 0700) if there is none. UNAVAILABLE if that cannot be done.
  static absl::StatusOr<std::unique_ptr<FolderBlobStore>> OpenFolder(const std::string& folder);

  absl::StatusOr<std::unique_ptr<BlobWriter>> Create() override;
  absl::StatusOr<std::unique_ptr<BlobReader>> Open(absl::string_view blob) override;
  absl::StatusOr<bool> Exists(absl::string_view blob) override;
  absl::Status Remove(absl::Span<const std::string> blobs) override;
  absl::Status Sweep(absl::FunctionRef<absl::StatusOr<bool>(const std::string&)> known) override;

 private:
  explicit FolderBlobStore(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_FOLDER_BLOB_STORE_H_
