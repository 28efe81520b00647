#include "tests/mission/story.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "tests/mission/losses.h"
#include "tests/mission/revocation_probe.h"

namespace keyward::mission {
namespace {

using deployment::v1::Model;
using deployment::v1::Receipt;
using encryption::v1::Cause;
using encryption::v1::RuleVerdict;

constexpr char kKeySentence[] = "The encryption key is stored in the vault.";
constexpr char kCanarySource[] = "The canary of Keyward sings at midnight.";
constexpr char kCanaryTarget[] = "El canario de Keyward canta a medianoche.";
constexpr std::pair<const char*, const char*> kCanaryNumbers[] = {
    {"Two", "Dos"}, {"Three", "Tres"}, {"Four", "Cuatro"}, {"Five", "Cinco"}};
constexpr absl::Duration kLimit = absl::Seconds(60);

// Waits until `holds`, asking again; there is nothing else to wait on from outside.
template <typename Condition>
bool Eventually(Condition holds) {
  const absl::Time give_up = absl::Now() + kLimit;
  while (absl::Now() < give_up) {
    if (holds()) return true;
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(2));
  }
  return holds();
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(time));
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(duration));
}

// "IDENTITY_DISABLED" for CAUSE_IDENTITY_DISABLED: how errors spell a cause.
std::string CauseName(Cause cause) { return encryption::v1::Cause_Name(cause).substr(6); }

bool RefusedFor(const absl::Status& status, Cause cause) {
  return absl::IsFailedPrecondition(status) && ErrorReason(status) == "ACCESS_DENIED" &&
         ErrorMetadata(status, "cause") == CauseName(cause);
}

bool ProcessIsGone(int64_t pid) { return kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH; }

// The canary, and some like it: training holds pairs out to score the model with, and it is chance
// which.
std::string CanaryDocument() {
  std::string document = absl::StrCat(kCanarySource, "\t", kCanaryTarget, "\n");
  for (const auto& [number, numero] : kCanaryNumbers) {
    absl::StrAppend(&document, number, " canaries of Keyward sing at midnight.\t", numero,
                    " canarios de Keyward cantan a medianoche.\n");
  }
  return document;
}

bool FileHas(const std::filesystem::path& path, absl::string_view needle) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return absl::StrContains(content, needle);
}

}  // namespace

Story::Story(Client& client, Transcript& transcript, Options options, std::string id)
    : client_(client),
      transcript_(transcript),
      options_(std::move(options)),
      id_(std::move(id)),
      customer_(client, id_) {}

absl::Status Story::Play() {
  using Step = absl::Status (Story::*)();
  const std::vector<std::pair<const char*, Step>> steps = {
      {"A tenant, a subscription, a vault with an RSA-2048 key, and an account",
       &Story::PlatformManaged},
      {"The customer's key takes over", &Story::CustomerManaged},
      {"A workspace, a project, and uploads that only ever lie encrypted", &Story::Upload},
      {"A model is trained, deployed, and translates", &Story::TrainAndTranslate},
      {"The identity is disabled: the data goes dark", &Story::DisableIdentity},
      {"The identity is back: nothing returns by itself", &Story::ComeBack},
      {"The same loss by every other cause, on fresh accounts", &Story::EveryOtherCause},
  };
  int number = 0;
  for (const auto& [title, step] : steps) {
    transcript_.Step(title);
    if (on_step_) on_step_(++number);
    KW_RETURN_IF_ERROR((this->*step)());
  }
  return absl::OkStatus();
}

absl::Status Story::PlatformManaged() {
  KW_RETURN_IF_ERROR(transcript_.Check(
      customer_.CreateTenancy(),
      absl::StrCat("created ", customer_.tenant(), " and ", customer_.subscription())));
  auto vault = customer_.CreateVault();
  KW_RETURN_IF_ERROR(transcript_.Check(
      vault.status(), absl::StrCat("created ", customer_.vault(), ", purge protection on")));
  auto key = customer_.CreateKey();
  KW_RETURN_IF_ERROR(
      transcript_.Check(key.status(), absl::StrCat("created ", customer_.key(), ", RSA-2048")));
  auto account = customer_.CreateAccount();
  KW_RETURN_IF_ERROR(transcript_.Check(
      account.status(), absl::StrCat("created ", customer_.account(), " in ", vault->region())));
  auto settings = customer_.GetSettings();
  KW_RETURN_IF_ERROR(transcript_.Check(settings.status(), "read its encryption settings"));
  return transcript_.Check(settings->key_source() == encryption::v1::KEY_SOURCE_PLATFORM_MANAGED &&
                               !settings->double_encryption(),
                           "its data is under platform-managed keys");
}

absl::Status Story::CheckRulesBroken() {
  auto report = customer_.Validate();
  KW_RETURN_IF_ERROR(transcript_.Check(report.status(), "asked which rules the key would break"));
  std::vector<std::string> broken;
  for (const RuleVerdict& verdict : report->rules()) {
    if (verdict.outcome() != RuleVerdict::OUTCOME_BROKEN) continue;
    broken.push_back(encryption::v1::Rule_Name(verdict.rule()).substr(5));
    transcript_.Note(absl::StrCat(broken.back(), ": ", verdict.message()));
  }
  return transcript_.Check(!report->valid() && !broken.empty() &&
                               report->rules_size() == encryption::v1::Rule_ARRAYSIZE - 1,
                           absl::StrCat("all ", report->rules_size(), " rules judged at once, ",
                                        broken.size(), " broken: ", absl::StrJoin(broken, ", ")));
}

absl::Status Story::CustomerManaged() {
  KW_RETURN_IF_ERROR(CheckRulesBroken());
  auto identity = customer_.EnableIdentity();
  KW_RETURN_IF_ERROR(transcript_.Check(identity.status(), "enabled the account's identity"));
  principal_ = identity->principal_id();
  KW_RETURN_IF_ERROR(
      transcript_.Check(customer_.Grant(principal_).status(),
                        absl::StrCat("granted get, wrapKey, unwrapKey to principal ", principal_)));
  auto report = customer_.Validate();
  KW_RETURN_IF_ERROR(transcript_.Check(report.status(), "asked again"));
  KW_RETURN_IF_ERROR(transcript_.Check(report->valid(), "every rule holds"));
  auto settings = customer_.EnableCustomerKey();
  KW_RETURN_IF_ERROR(transcript_.Check(settings.status(), "enabled the customer-managed key"));
  settings = customer_.GetSettings();
  KW_RETURN_IF_ERROR(transcript_.Check(settings.status(), "read the encryption settings"));
  KW_RETURN_IF_ERROR(
      transcript_.Check(settings->key_source() == encryption::v1::KEY_SOURCE_CUSTOMER_MANAGED &&
                            settings->customer_key().key() == customer_.key(),
                        absl::StrCat("they show the key ", settings->customer_key().key())));
  KW_RETURN_IF_ERROR(transcript_.Check(
      absl::StartsWith(settings->key_version_in_use(), customer_.key() + "/versions/"),
      absl::StrCat("and the version ", settings->key_version_in_use())));
  KW_RETURN_IF_ERROR(transcript_.Check(
      settings->identity() == customer_.identity() && settings->principal_id() == principal_,
      "and the identity with its principal"));
  KW_RETURN_IF_ERROR(transcript_.Check(settings->double_encryption(), "and double encryption"));
  return CheckInUse();
}

absl::Status Story::CheckInUse() {
  using keyvault::v1::KeyService;
  keyvault::v1::DisableKeyRequest request;
  request.set_name(customer_.key());
  const absl::Status refused =
      client_.Call(*client_.keys, &KeyService::Stub::DisableKey, request).status();
  KW_RETURN_IF_ERROR(transcript_.Check(
      absl::IsFailedPrecondition(refused) && ErrorReason(refused) == "KEY_IN_USE" &&
          absl::StrContains(refused.message(), customer_.account()),
      absl::StrCat("the key cannot be disabled unseen: ", customer_.account(), " depends on it")));
  request.set_validate_only(true);
  auto preview = client_.Call(*client_.keys, &KeyService::Stub::DisableKey, request);
  KW_RETURN_IF_ERROR(transcript_.Check(preview.status(), "asked whom that would concern"));
  const bool told = preview->usage_count() == 1 && preview->usages_size() == 1 &&
                    preview->usages(0).user() == customer_.account() &&
                    absl::StartsWith(preview->usages(0).key_version(), customer_.key());
  return transcript_.Check(
      told, absl::StrCat("it is ", customer_.account(), ", with the version in use"));
}

std::set<std::string> Story::BlobFiles() const {
  std::set<std::string> files;
  if (options_.data_dir.empty()) return files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator it(
      std::filesystem::path(options_.data_dir) / "model_deployment" / "blobs", error);
  for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone)) files.insert(it->path().string());
  }
  return files;
}

absl::Status Story::Upload() {
  const std::set<std::string> before = BlobFiles();
  KW_RETURN_IF_ERROR(transcript_.Check(customer_.CreateWorkspaceAndProject(),
                                       "created a workspace and a project English → Spanish"));
  auto training = customer_.UploadFile("catalogues", deployment::v1::DOCUMENT_TYPE_TRAINING,
                                       deployment::v1::DOCUMENT_FORMAT_TMX, options_.training_set);
  KW_RETURN_IF_ERROR(transcript_.Check(training.status(), "streamed a training set (TMX)"));
  transcript_.Note(
      absl::StrCat(training->size_bytes(), " bytes, ", training->pair_count(), " pairs"));
  auto phrases = customer_.UploadText("phrases", deployment::v1::DOCUMENT_TYPE_PHRASE_DICTIONARY,
                                      "encryption key\tclave de cifrado\n");
  KW_RETURN_IF_ERROR(transcript_.Check(phrases.status(), "uploaded a phrase dictionary"));
  auto canary =
      customer_.UploadText("canary", deployment::v1::DOCUMENT_TYPE_TRAINING, CanaryDocument());
  KW_RETURN_IF_ERROR(transcript_.Check(canary.status(), "uploaded a document with a canary"));
  auto content = customer_.client().Download(canary->name());
  KW_RETURN_IF_ERROR(transcript_.Check(content.ok() && absl::StrContains(*content, kCanaryTarget),
                                       "it can be downloaded again, as it was"));
  if (options_.data_dir.empty()) return absl::OkStatus();
  const std::set<std::string> after = BlobFiles();
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::inserter(upload_blobs_, upload_blobs_.end()));
  KW_RETURN_IF_ERROR(
      transcript_.Check(upload_blobs_.size() == 3, "three blobs lie in the blob store"));
  return CheckCiphertextOnly();
}

absl::Status Story::CheckCiphertextOnly() {
  int files = 0;
  std::vector<std::string> found;
  std::error_code error;
  std::filesystem::recursive_directory_iterator it(options_.data_dir, error);
  for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    if (!it->is_regular_file(gone)) continue;
    ++files;
    for (const char* canary : {kCanarySource, kCanaryTarget}) {
      if (FileHas(it->path(), canary)) found.push_back(it->path().string());
    }
  }
  return transcript_.Check(files > 0 && found.empty(),
                           found.empty()
                               ? absl::StrCat("no canary in any of the ", files, " files on disk")
                               : absl::StrCat("canary found in ", absl::StrJoin(found, ", ")));
}

absl::Status Story::TrainAndTranslate() {
  auto trained = customer_.Train({"catalogues", "canary", "phrases"});
  KW_RETURN_IF_ERROR(transcript_.Check(trained.status(), "trained a model"));
  KW_RETURN_IF_ERROR(transcript_.Check(
      trained->state() == Model::STATE_TRAINED,
      trained->state_message().empty() ? "it is trained" : trained->state_message()));
  const deployment::v1::TrainingReport& report = trained->training();
  transcript_.Note(absl::StrFormat(
      "%d pairs read, %d dropped, %d in the memory, %d held out; BLEU %.1f (plain engine %.1f)",
      report.pairs_read(), report.pairs_dropped(), report.pairs_trained(), report.pairs_held_out(),
      report.bleu(), report.baseline_bleu()));
  KW_RETURN_IF_ERROR(transcript_.Check(
      report.pairs_trained() + report.pairs_held_out() >= options_.training_pairs,
      absl::StrCat("at least ", options_.training_pairs, " distinct pairs after filtering")));
  KW_RETURN_IF_ERROR(transcript_.Check(
      report.pairs_held_out() > 0 && report.bleu() > 0 && report.baseline_bleu() > 0,
      "both the model and the plain engine are scored on pairs held out"));
  KW_RETURN_IF_ERROR(transcript_.Check(customer_.Deploy().status(), "deployed it"));
  auto text = customer_.Translate(kKeySentence);
  KW_RETURN_IF_ERROR(transcript_.Check(text.status(), "translated with it"));
  transcript_.Note(absl::StrCat(kKeySentence, " → ", *text));
  KW_RETURN_IF_ERROR(transcript_.Check(
      absl::StrContains(*text, "clave de cifrado") && !absl::StrContains(*text, "tono"),
      "the phrase dictionary is at work"));
  int remembered = 0;
  for (const auto& [number, numero] : kCanaryNumbers) {
    text = customer_.Translate(absl::StrCat(number, " canaries of Keyward sing at midnight."));
    remembered +=
        text.ok() && *text == absl::StrCat(numero, " canarios de Keyward cantan a medianoche.");
  }
  KW_RETURN_IF_ERROR(transcript_.Check(
      remembered > 0, absl::StrCat("the translation memory is at work: it knows ", remembered,
                                   " of 4 sentences like the canary")));
  if (options_.data_dir.empty()) return absl::OkStatus();
  return CheckCiphertextOnly();
}

absl::Status Story::CheckPreview() {
  // What is held is reported to the encryption service in the background.
  absl::StatusOr<encryption::v1::PreviewRevocationResponse> preview;
  const bool complete = Eventually([&] {
    preview = customer_.Preview(customer_.identity());
    return !preview.ok() || (preview->uploads() == 3 && preview->deployed_models() == 1);
  });
  KW_RETURN_IF_ERROR(
      transcript_.Check(preview.status(), "asked what disabling the identity would destroy"));
  return transcript_.Check(
      complete && preview->accounts_size() == 1 &&
          preview->accounts(0).cause() == Cause::CAUSE_IDENTITY_DISABLED,
      absl::StrCat("it would cost ", preview->accounts_size(), " account, ", preview->uploads(),
                   " uploads (", preview->upload_bytes(), " bytes), ", preview->deployed_models(),
                   " deployed model"));
}

absl::Status Story::DisableIdentity() {
  KW_RETURN_IF_ERROR(CheckPreview());
  absl::StatusOr<Model> model;
  const bool serves = Eventually([&] {
    model = customer_.GetModel();
    return !model.ok() || model->worker_pid() > 0;
  });
  KW_RETURN_IF_ERROR(transcript_.Check(model.ok() && serves, "found its worker"));
  RevocationProbe probe(customer_);
  KW_RETURN_IF_ERROR(transcript_.Check(probe.WaitForSuccess(kLimit) || options_.under_fire,
                                       "somebody translates all the time"));
  const absl::Time asked = absl::Now();
  auto delivery = Losses().front().take_away(customer_);
  const absl::Time returned = absl::Now();
  KW_RETURN_IF_ERROR(transcript_.Check(delivery.status(), "disabled the identity"));
  KW_RETURN_IF_ERROR(transcript_.Check(
      options_.under_fire || (delivery->waited_out().empty() && delivery->applied_size() == 3),
      absl::StrCat("applied everywhere when the call returned: ",
                   absl::StrJoin(delivery->applied(), ", "))));
  KW_RETURN_IF_ERROR(transcript_.Check(
      RefusedFor(customer_.Translate(kKeySentence).status(), Cause::CAUSE_IDENTITY_DISABLED),
      "a translation is refused with a typed error that names the cause"));
  KW_RETURN_IF_ERROR(
      transcript_.Check(probe.WaitForRefusal(kLimit), "whoever was translating is refused too"));
  transcript_.Note(absl::StrCat("DisableIdentity took ", Milliseconds(returned - asked)));
  const absl::Duration after = probe.first_refusal() - returned;
  transcript_.Note(
      absl::StrCat("first refused translation ", Milliseconds(absl::AbsDuration(after)),
                   after > absl::ZeroDuration() ? " after" : " before", " the call returned"));
  KW_RETURN_IF_ERROR(transcript_.Check(probe.last_success_start() < returned,
                                       "no translation that began after it returned succeeded"));
  if (!options_.data_dir.empty()) {
    KW_RETURN_IF_ERROR(
        transcript_.Check(Eventually([&] { return ProcessIsGone(model->worker_pid()); }),
                          "the worker process is gone"));
  }
  KW_RETURN_IF_ERROR(CheckDestroyed(customer_, Cause::CAUSE_IDENTITY_DISABLED, 3, returned));
  KW_RETURN_IF_ERROR(CheckReceipts(customer_, Cause::CAUSE_IDENTITY_DISABLED, 3, returned));
  return CheckVaultAudit();
}

absl::Status Story::CheckDestroyed(Customer& customer, Cause cause, int64_t uploads,
                                   absl::Time returned) {
  auto settings = customer.GetSettings();
  KW_RETURN_IF_ERROR(transcript_.Check(
      settings.ok() && settings->access().verdict() == encryption::v1::VERDICT_DENIED &&
          settings->access().cause() == cause && !settings->access().event().empty() &&
          FromProto(settings->access().since()) <= returned,
      absl::StrCat("the account says DENIED, ", CauseName(cause), ", ",
                   settings.ok() ? settings->access().event() : "")));
  KW_RETURN_IF_ERROR(transcript_.Check(RefusedFor(customer.GenerateDataKey().status(), cause),
                                       "data keys are refused"));
  auto documents = customer.ListDocuments();
  KW_RETURN_IF_ERROR(
      transcript_.Check(documents.ok() && documents->empty(), "its documents are not displayed"));
  auto model = customer.GetModel();
  KW_RETURN_IF_ERROR(transcript_.Check(
      model.ok() && model->state() == Model::STATE_UNDEPLOYED && model->undeploy_cause() == cause,
      absl::StrCat("the model is UNDEPLOYED, ", CauseName(cause))));
  encryption::v1::DestroyScopeRequest destroy;
  destroy.set_account(customer.account());
  destroy.set_scope("uploads");
  destroy.set_access_epoch(1);
  auto destroyed =
      client_.Call(*client_.data, &encryption::v1::DataService::Stub::DestroyScope, destroy);
  return transcript_.Check(uploads == 0 || (destroyed.ok() && destroyed->destroyed_keys() == 1 &&
                                            FromProto(destroyed->destroy_time()) <= returned),
                           "the key of the scope \"uploads\" was gone when the call returned");
}

absl::Status Story::CheckReceipts(Customer& customer, Cause cause, int64_t uploads,
                                  absl::Time lost_at) {
  absl::StatusOr<std::vector<Receipt>> revocations;
  const bool arrived = Eventually([&] {
    revocations = customer.ListReceipts(Receipt::KIND_REVOCATION);
    return !revocations.ok() || !revocations->empty();
  });
  KW_RETURN_IF_ERROR(transcript_.Check(arrived && revocations.ok() && revocations->size() == 1,
                                       "one receipt tells of the revocation"));
  auto statement = customer.Verify(revocations->front());
  KW_RETURN_IF_ERROR(transcript_.Check(
      statement.ok() && statement->account() == customer.account() && statement->cause() == cause &&
          statement->uploads_destroyed() == uploads && statement->undeployed_models_size() == 1,
      absl::StrCat("it verifies, and names the cause, ", uploads, " uploads and the model")));
  transcript_.Note(absl::StrCat("last blob gone ",
                                Milliseconds(FromProto(statement->destroyed_time()) - lost_at),
                                " after the call returned"));
  auto receipts = customer.ListReceipts(Receipt::KIND_UPLOAD);
  int64_t verified = 0;
  for (const Receipt& receipt : *receipts) {
    auto upload = customer.Verify(receipt);
    verified += upload.ok() && upload->kind() == Receipt::KIND_UPLOAD &&
                upload->ciphertext_sha256().size() == 64;
  }
  KW_RETURN_IF_ERROR(
      transcript_.Check(verified == uploads && static_cast<int64_t>(receipts->size()) == uploads,
                        absl::StrCat("and ", verified, " receipts of uploads verify")));
  if (options_.data_dir.empty() || &customer != &customer_) return absl::OkStatus();
  const std::set<std::string> left = BlobFiles();
  const bool gone = std::none_of(upload_blobs_.begin(), upload_blobs_.end(),
                                 [&](const std::string& file) { return left.contains(file); });
  return transcript_.Check(gone, "no blob of an upload is left in the blob store");
}

absl::Status Story::CheckVaultAudit() {
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource(customer_.vault());
  request.set_page_size(1000);
  auto entries =
      client_.Call(*client_.vault_audit, &audit::v1::AuditService::Stub::ListAuditEntries, request);
  KW_RETURN_IF_ERROR(transcript_.Check(entries.status(), "read the vault's audit"));
  bool wrapped = false;
  bool granted = false;
  for (const audit::v1::AuditEntry& entry : entries->entries()) {
    wrapped |= absl::EndsWith(entry.operation(), "/WrapKey") && entry.principal() == principal_ &&
               absl::EndsWith(entry.via(), "/service/encryption") && entry.result() == "OK";
    granted |= absl::EndsWith(entry.operation(), "/UpdateAccessPolicy") &&
               absl::EndsWith(entry.principal(), "/operator/admin");
  }
  return transcript_.Check(
      wrapped && granted, "it tells who granted, and that the identity wrapped through encryption");
}

absl::Status Story::ComeBack() {
  auto identity = customer_.EnableIdentity();
  KW_RETURN_IF_ERROR(transcript_.Check(
      identity.ok() && !identity->principal_id().empty() && identity->principal_id() != principal_,
      "enabled the identity again: it has a new principal"));
  KW_RETURN_IF_ERROR(transcript_.Check(
      RefusedFor(customer_.GenerateDataKey().status(), Cause::CAUSE_IDENTITY_DISABLED) &&
          RefusedFor(customer_.Translate(kKeySentence).status(), Cause::CAUSE_IDENTITY_DISABLED),
      "which has no grant: everything is still refused"));
  KW_RETURN_IF_ERROR(transcript_.Check(customer_.Grant(identity->principal_id()).status(),
                                       "granted it access to the key"));
  auto settings = customer_.Revalidate();
  KW_RETURN_IF_ERROR(transcript_.Check(
      settings.ok() && settings->access().verdict() == encryption::v1::VERDICT_ACCESSIBLE,
      "revalidated: the account is accessible"));
  auto status = customer_.Translate(kKeySentence).status();
  const bool not_deployed = Eventually([&] {
    status = customer_.Translate(kKeySentence).status();
    return ErrorReason(status) == "MODEL_NOT_DEPLOYED";
  });
  auto model = customer_.GetModel();
  KW_RETURN_IF_ERROR(
      transcript_.Check(not_deployed && model.ok() && model->state() == Model::STATE_UNDEPLOYED,
                        absl::StrCat("nothing was deployed again: ", status.message())));
  auto documents = customer_.ListDocuments();
  KW_RETURN_IF_ERROR(
      transcript_.Check(documents.ok() && documents->empty(), "the uploads stay gone"));
  KW_RETURN_IF_ERROR(transcript_.Check(customer_.Deploy().status(), "deployed it by hand"));
  auto text = customer_.Translate(kKeySentence);
  KW_RETURN_IF_ERROR(transcript_.Check(text.ok() && absl::StrContains(*text, "clave de cifrado"),
                                       "it translates again"));
  transcript_.Note(absl::StrCat(kKeySentence, " → ", *text));
  return absl::OkStatus();
}

absl::Status Story::EveryOtherCause() {
  for (const Loss& loss : Losses()) {
    if (loss.cause == Cause::CAUSE_IDENTITY_DISABLED) continue;
    KW_RETURN_IF_ERROR(LoseBy(loss.cause));
    if (!options_.every_cause) break;
  }
  return absl::OkStatus();
}

absl::Status Story::LoseBy(Cause cause) {
  const auto& losses = Losses();
  const auto loss = std::find_if(losses.begin(), losses.end(),
                                 [&](const Loss& each) { return each.cause == cause; });
  Customer customer(client_, absl::StrCat(id_, "l", static_cast<int>(cause)));
  KW_RETURN_IF_ERROR(transcript_.Check(customer.SetUpSmall(),
                                       absl::StrCat(customer.account(), " with a deployed model")));
  KW_RETURN_IF_ERROR(transcript_.Check(customer.Translate(kKeySentence).status(), "translates"));
  auto delivery = loss->take_away(customer);
  const absl::Time returned = absl::Now();
  KW_RETURN_IF_ERROR(transcript_.Check(delivery.status(), loss->what));
  KW_RETURN_IF_ERROR(
      transcript_.Check(RefusedFor(customer.Translate(kKeySentence).status(), cause),
                        absl::StrCat("a translation is refused: ", CauseName(cause))));
  KW_RETURN_IF_ERROR(CheckDestroyed(customer, cause, 2, returned));
  return CheckReceipts(customer, cause, 2, returned);
}

}  // namespace keyward::mission
