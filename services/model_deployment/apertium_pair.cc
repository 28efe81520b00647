#include "services/model_deployment/apertium_pair.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/apertium_stream.h"

namespace keyward::model_deployment {

namespace {

constexpr char kProcessor[] = "/usr/bin/lt-proc";
constexpr char kCompiler[] = "/usr/bin/lt-comp";
constexpr char kJoiner[] = "/usr/bin/lt-append";
constexpr absl::Duration kToolSilence = absl::Seconds(30);
constexpr size_t kToolOutput = 1 << 20;
constexpr ProcessSpawner::Limits kToolLimits{.file_size_bytes = 256 << 20};

struct FormTags {
  NounForm form;
  const char* gender;
  const char* number;
};
constexpr FormTags kForms[] = {{NounForm::kMasculineSingular, "m", "sg"},
                               {NounForm::kFeminineSingular, "f", "sg"},
                               {NounForm::kMasculinePlural, "m", "pl"},
                               {NounForm::kFemininePlural, "f", "pl"}};

// A dictionary in lttoolbox's XML with one entry a placeholder, made by `entry(placeholder, tags)`.
template <typename MakeEntry>
std::string Dictionary(MakeEntry entry) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><dictionary>"
      "<alphabet>abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ</alphabet><sdefs>"
      "<sdef n=\"n\"/><sdef n=\"m\"/><sdef n=\"f\"/><sdef n=\"sg\"/><sdef n=\"pl\"/></sdefs>"
      "<section id=\"keyward\" type=\"standard\">";
  for (const FormTags& tags : kForms) {
    for (int number = 0; number < kNounsPerForm; ++number) {
      absl::StrAppend(&xml, entry(NounPlaceholder(tags.form, number), tags));
    }
  }
  return absl::StrCat(xml, "</section></dictionary>");
}

std::string MorphologyXml() {
  return Dictionary([](const std::string& noun, const FormTags& tags) {
    return absl::StrCat("<e><p><l>", noun, "</l><r>", noun, "<s n=\"n\"/><s n=\"", tags.number,
                        "\"/></r></p></e>");
  });
}

std::string BilingualXml() {
  return Dictionary([](const std::string& noun, const FormTags& tags) {
    return absl::StrCat("<e><p><l>", noun, "<s n=\"n\"/></l><r>", noun, "<s n=\"n\"/><s n=\"",
                        tags.gender, "\"/></r></p></e>");
  });
}

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t size = write(fd, bytes.data(), bytes.size());
    if (size <= 0) return ErrnoStatus("write a memory file");
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

// Debian's compiled dictionary with the entries of `xml` joined to it, as a memory file.
absl::StatusOr<FileDescriptor> Join(ProcessSpawner& spawner, const std::string& compiled,
                                    absl::string_view xml) {
  KW_ASSIGN_OR_RETURN(FileDescriptor source, MakeMemoryFile());
  KW_ASSIGN_OR_RETURN(FileDescriptor ours, MakeMemoryFile());
  KW_ASSIGN_OR_RETURN(FileDescriptor joined, MakeMemoryFile());
  KW_RETURN_IF_ERROR(WriteAll(source.get(), xml));
  KW_RETURN_IF_ERROR(RunProgram(spawner, {kCompiler, "lr", "/dev/fd/3", "/dev/fd/4"},
                                {source.get(), ours.get()}, "", kToolLimits, kToolOutput,
                                kToolSilence)
                         .status());
  KW_RETURN_IF_ERROR(RunProgram(spawner, {kJoiner, compiled, "/dev/fd/3", "/dev/fd/4"},
                                {ours.get(), joined.get()}, "", kToolLimits, kToolOutput,
                                kToolSilence)
                         .status());
  return joined;
}

// Whether a program looks words up in the bilingual dictionary.
bool IsBilingualLookup(const std::vector<std::string>& argv) {
  if (argv.front() != kProcessor) return false;
  for (const std::string& argument : argv) {
    if (argument == "-b") return absl::EndsWith(argv.back(), ".autobil.bin");
  }
  return false;
}

void ReadDictionaryFrom(ApertiumWorker::Program& program, const FileDescriptor& file) {
  program.argv.back() = "/dev/fd/3";
  program.inherited = {file.get()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ApertiumPair>> ApertiumPair::Prepare(ProcessSpawner& spawner,
                                                                    const Pipeline& pipeline,
                                                                    std::string analyser) {
  auto pair = std::unique_ptr<ApertiumPair>(new ApertiumPair());
  pair->analyser_ = std::move(analyser);
  for (const std::vector<std::string>& argv : pipeline) pair->programs_.push_back({argv, {}});
  // Without the nouns the pair serves all the same; only agreement with phrases is worse.
  if (!pair->analyser_.empty()) pair->TeachNouns(spawner).IgnoreError();
  return pair;
}

absl::Status ApertiumPair::TeachNouns(ProcessSpawner& spawner) {
  ApertiumWorker::Program& first = programs_.front();
  ApertiumWorker::Program* lookup = nullptr;
  for (ApertiumWorker::Program& program : programs_) {
    if (IsBilingualLookup(program.argv)) lookup = &program;
  }
  if (first.argv.front() != kProcessor || lookup == nullptr) {
    return absl::FailedPreconditionError("the pipeline is built otherwise");
  }
  KW_ASSIGN_OR_RETURN(FileDescriptor morphology, Join(spawner, first.argv.back(), MorphologyXml()));
  KW_ASSIGN_OR_RETURN(bilingual_, Join(spawner, lookup->argv.back(), BilingualXml()));
  morphology_ = std::move(morphology);
  ReadDictionaryFrom(first, morphology_);
  ReadDictionaryFrom(*lookup, bilingual_);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<NounForm>> ApertiumPair::FormsOf(
    ProcessSpawner& spawner, absl::Span<const std::string> phrases) const {
  std::vector<NounForm> forms(phrases.size(), NounForm::kNone);
  if (!knows_nouns() || phrases.empty()) return forms;
  std::string input;
  size_t size = 0;
  for (const std::string& phrase : phrases) {
    absl::StrAppend(&input, EscapeForApertium(phrase), std::string(1, '\0'));
    size += phrase.size();
  }
  KW_ASSIGN_OR_RETURN(std::string output,
                      RunProgram(spawner, {kProcessor, "-z", analyser_}, {}, input,
                                 ProcessSpawner::Limits(), kToolOutput + 256 * size, kToolSilence));
  std::vector<absl::string_view> analyses = absl::StrSplit(output, '\0');
  for (size_t i = 0; i < forms.size() && i < analyses.size(); ++i) {
    forms[i] = FormFromAnalysis(analyses[i]);
  }
  return forms;
}

NounForm FormFromAnalysis(absl::string_view analysis) {
  if (!absl::ConsumePrefix(&analysis, "^")) return NounForm::kNone;
  std::vector<absl::string_view> readings =
      absl::StrSplit(analysis.substr(0, analysis.find('$')), '/');
  for (size_t i = 1; i < readings.size(); ++i) {
    size_t tags = readings[i].find('<');
    if (tags == absl::string_view::npos) continue;
    absl::string_view reading = readings[i].substr(tags);
    if (!absl::ConsumePrefix(&reading, "<n>")) continue;
    bool feminine = absl::StartsWith(reading, "<f>");
    bool plural = absl::StrContains(reading, "<pl>");
    if (plural) return feminine ? NounForm::kFemininePlural : NounForm::kMasculinePlural;
    return feminine ? NounForm::kFeminineSingular : NounForm::kMasculineSingular;
  }
  return NounForm::kNone;
}

}  // namespace keyward::model_deployment
