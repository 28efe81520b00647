#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ERRORS_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "keyward/encryption/v1/access.pb.h"

// Every error that this service makes itself; reasons are those of deployment/v1/errors.proto. Each
// message says what to do next, and none holds a word of a customer's text.
namespace keyward::model_deployment {

absl::Status AccountUnknown(absl::string_view account);
absl::Status WorkspaceExists(absl::string_view workspace);
absl::Status WorkspaceNotFound(absl::string_view workspace);
absl::Status ProjectExists(absl::string_view project);
absl::Status ProjectNotFound(absl::string_view project);
// `installed` lists what there is, such as "eng-spa, spa-eng".
absl::Status LanguagePairNotInstalled(absl::string_view pair, absl::string_view installed);
absl::Status DocumentExists(absl::string_view document);
absl::Status DocumentNotFound(absl::string_view document);
// Fewer bytes came than were announced.
absl::Status UploadTruncated(int64_t announced, int64_t received);
// More bytes came than were announced.
absl::Status UploadOverrun(int64_t announced);
absl::Status ChecksumMismatch(absl::string_view announced, absl::string_view received);
// `place` such as "line 12, column 5"; `problem` must not quote the document.
absl::Status DocumentMalformed(absl::string_view place, absl::string_view problem);
absl::Status DocumentTooLarge(int64_t limit);
// What is stored does not open: it was altered.
absl::Status StoredBytesAltered(absl::string_view resource);
absl::Status ModelExists(absl::string_view model);
absl::Status ModelNotFound(absl::string_view model);
absl::Status ModelNotTrained(absl::string_view model, absl::string_view state);
absl::Status ModelNotDeployed(absl::string_view model, absl::string_view state);
absl::Status ReceiptNotFound(absl::string_view receipt);
// UNAVAILABLE: another call deploys or undeploys the model at this moment.
absl::Status ModelBusy(absl::string_view model);

struct Denial;
// `message` is what the encryption service says of the loss and of how to undo it; may be empty if
// it has not said anything yet.
absl::Status AccessDenied(absl::string_view account, const Denial& denial,
                          absl::string_view message);
// UNAVAILABLE: nothing is lost, it resumes by itself.
absl::Status AccessUnverified(absl::string_view account);
absl::Status EngineFailed(absl::string_view model);

// Why and since when an account's access to its key is lost.
struct Denial {
  encryption::v1::Cause cause = encryption::v1::CAUSE_UNSPECIFIED;
  absl::Time since;
  // Such as "managed_identity/42".
  std::string event;
};

// "IDENTITY_DISABLED" and the like, as the metadata "cause" has it.
std::string CauseName(encryption::v1::Cause cause);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ERRORS_H_
