#include "services/model_deployment/errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/clock/utc.h"
#include "common/status/error.h"

namespace keyward::model_deployment {

namespace {

ErrorBuilder About(absl::StatusCode code, absl::string_view reason, absl::string_view resource,
                   std::string message) {
  ErrorBuilder error(code, reason, std::move(message));
  error.With("resource", std::string(resource));
  return error;
}

absl::Status Exists(absl::string_view reason, absl::string_view name) {
  return About(absl::StatusCode::kAlreadyExists, reason, name,
               absl::StrCat(name, " exists already; choose another id"));
}

absl::Status NotFound(absl::string_view reason, absl::string_view name, absl::string_view list) {
  return About(absl::StatusCode::kNotFound, reason, name,
               absl::StrCat("there is no ", name, "; ", list, " shows those that exist"));
}

}  // namespace

absl::Status AccountUnknown(absl::string_view account) {
  return About(absl::StatusCode::kFailedPrecondition, "ACCOUNT_UNKNOWN", account,
               absl::StrCat("the encryption service has no ", account,
                            "; create it with AccountService/CreateAccount there first"));
}

absl::Status WorkspaceExists(absl::string_view workspace) {
  return Exists("WORKSPACE_EXISTS", workspace);
}

absl::Status WorkspaceNotFound(absl::string_view workspace) {
  return NotFound("WORKSPACE_NOT_FOUND", workspace, "ListWorkspaces");
}

absl::Status ProjectExists(absl::string_view project) { return Exists("PROJECT_EXISTS", project); }

absl::Status ProjectNotFound(absl::string_view project) {
  return NotFound("PROJECT_NOT_FOUND", project, "ListProjects");
}

absl::Status LanguagePairNotInstalled(absl::string_view pair, absl::string_view installed) {
  return ErrorBuilder(
             absl::StatusCode::kFailedPrecondition, "LANGUAGE_PAIR_NOT_INSTALLED",
             absl::StrCat("the engine has no data for ", pair, "; installed are: ", installed,
                          ". Install the Debian package apertium-… of the pair on the server"))
      .With("pair", std::string(pair))
      .With("installed", std::string(installed));
}

absl::Status DocumentExists(absl::string_view document) {
  return Exists("DOCUMENT_EXISTS", document);
}

absl::Status DocumentNotFound(absl::string_view document) {
  return NotFound("DOCUMENT_NOT_FOUND", document, "ListDocuments");
}

absl::Status UploadTruncated(int64_t announced, int64_t received) {
  return ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "UPLOAD_TRUNCATED",
             absl::StrCat("start.size_bytes announced ", announced, " bytes and ", received,
                          " came; nothing was kept, send the whole document again"))
      .With("announced", absl::StrCat(announced))
      .With("received", absl::StrCat(received));
}

absl::Status UploadOverrun(int64_t announced) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "UPLOAD_OVERRUN",
                      absl::StrCat("start.size_bytes announced ", announced,
                                   " bytes and more came; nothing was kept, send the document "
                                   "again with its true size"))
      .With("announced", absl::StrCat(announced));
}

absl::Status ChecksumMismatch(absl::string_view announced, absl::string_view received) {
  return ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "CHECKSUM_MISMATCH",
             absl::StrCat("start.sha256 is ", announced, " but the bytes that came have SHA-256 ",
                          received, "; nothing was kept, send the document again"))
      .With("announced", std::string(announced))
      .With("received", std::string(received));
}

absl::Status DocumentMalformed(absl::string_view place, absl::string_view problem) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "DOCUMENT_MALFORMED",
                      absl::StrCat("the document does not read as its format: ", problem, " (",
                                   place, "); nothing was kept, mend it and send it again"))
      .With("place", std::string(place));
}

absl::Status DocumentTooLarge(int64_t limit) {
  return ErrorBuilder(
             absl::StatusCode::kResourceExhausted, "DOCUMENT_TOO_LARGE",
             absl::StrCat("a document may have at most ", limit, " bytes; split it into several"))
      .With("limit_bytes", absl::StrCat(limit));
}

absl::Status StoredBytesAltered(absl::string_view resource) {
  return About(absl::StatusCode::kDataLoss, "STORED_BYTES_ALTERED", resource,
               absl::StrCat("what is stored for ", resource,
                            " was altered or is gone; nothing of it was used. Upload or train it "
                            "again, and look into the storage"));
}

absl::Status ModelExists(absl::string_view model) { return Exists("MODEL_EXISTS", model); }

absl::Status ModelNotFound(absl::string_view model) {
  return NotFound("MODEL_NOT_FOUND", model, "ListModels");
}

absl::Status ModelNotTrained(absl::string_view model, absl::string_view state) {
  return About(absl::StatusCode::kFailedPrecondition, "MODEL_NOT_TRAINED", model,
               absl::StrCat(model, " is ", state,
                            ": wait until GetModel shows TRAINED, or read state_message and train "
                            "another"))
      .With("state", std::string(state));
}

absl::Status ModelNotDeployed(absl::string_view model, absl::string_view state) {
  return About(absl::StatusCode::kFailedPrecondition, "MODEL_NOT_DEPLOYED", model,
               absl::StrCat(model, " is ", state, "; DeployModel first"))
      .With("state", std::string(state));
}

absl::Status ReceiptNotFound(absl::string_view receipt) {
  return NotFound("RECEIPT_NOT_FOUND", receipt, "ListReceipts");
}

absl::Status ModelBusy(absl::string_view model) {
  return About(absl::StatusCode::kUnavailable, "MODEL_BUSY", model,
               absl::StrCat(model, " is being deployed or undeployed by another call; try again"))
      .RetryAfter(absl::Milliseconds(200));
}

absl::Status AccessDenied(absl::string_view account, const Denial& denial,
                          absl::string_view message) {
  std::string cause = CauseName(denial.cause);
  std::string text(message);
  if (text.empty()) {
    text = absl::StrCat("access to the customer-managed key of ", account, " was lost (", cause,
                        "): give it back, then call EncryptionSettingsService/RevalidateAccess on "
                        "the encryption service and deploy models again");
  }
  return About(absl::StatusCode::kFailedPrecondition, "ACCESS_DENIED", account, std::move(text))
      .With("account", std::string(account))
      .With("cause", cause)
      .With("since", FormatUtc(denial.since))
      .With("event", denial.event);
}

absl::Status AccessUnverified(absl::string_view account) {
  return About(absl::StatusCode::kUnavailable, "ACCESS_UNVERIFIED", account,
               absl::StrCat("access of ", account,
                            " to its key cannot be confirmed at the moment; nothing is lost, try "
                            "again"))
      .With("account", std::string(account))
      .RetryAfter(absl::Seconds(1));
}

absl::Status EngineFailed(absl::string_view model) {
  return About(absl::StatusCode::kUnavailable, "ENGINE_FAILED", model,
               absl::StrCat("the translation worker of ", model,
                            " failed and is being replaced; try again"))
      .RetryAfter(absl::Milliseconds(500));
}

std::string CauseName(encryption::v1::Cause cause) {
  std::string name = encryption::v1::Cause_Name(cause);
  return std::string(absl::StripPrefix(name, "CAUSE_"));
}

}  // namespace keyward::model_deployment
