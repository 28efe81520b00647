#include "services/model_deployment/apertium_installation.h"

#include <dirent.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {

constexpr char kPrograms[] = "/usr/bin/";
constexpr char kModeSuffix[] = ".mode";

// Those that a mode of Debian's pairs may use and that understand -z.
constexpr absl::string_view kKnownPrograms[] = {"apertium-anaphora",
                                                "apertium-interchunk",
                                                "apertium-postchunk",
                                                "apertium-posttransfer",
                                                "apertium-pretransfer",
                                                "apertium-tagger",
                                                "apertium-transfer",
                                                "cg-proc",
                                                "lrx-proc",
                                                "lsx-proc",
                                                "lt-proc",
                                                "rtx-proc"};

bool IsKnown(absl::string_view program) {
  for (absl::string_view known : kKnownPrograms) {
    if (program == known) return true;
  }
  return false;
}

// Splits one line of shell into words; "|" is a word of its own.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  auto end_word = [&] {
    if (in_word) words.push_back(std::exchange(word, {}));
    in_word = false;
  };
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\'') {
      size_t close = line.find('\'', i + 1);
      if (close == absl::string_view::npos) return absl::InvalidArgumentError("an open quote");
      absl::StrAppend(&word, line.substr(i + 1, close - i - 1));
      in_word = true;
      i = close;
    } else if (absl::ascii_isspace(c)) {
      end_word();
    } else if (c == '|') {
      end_word();
      words.push_back("|");
    } else if (absl::StrContains("\"\\`&;<>(){}*?~#!", c)) {
      return absl::InvalidArgumentError("more than a pipeline");
    } else {
      word.push_back(c);
      in_word = true;
    }
  }
  end_word();
  return words;
}

absl::StatusOr<std::vector<std::string>> PrepareProgram(std::vector<std::string> words) {
  if (words.empty()) return absl::InvalidArgumentError("an empty program");
  absl::string_view program = absl::StripPrefix(words.front(), kPrograms);
  if (!IsKnown(program)) return absl::InvalidArgumentError("an unknown program");
  std::vector<std::string> command = {absl::StrCat(kPrograms, program)};
  // The tagger takes its mode first.
  if (program != "apertium-tagger") command.push_back("-z");
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "$1") {
      command.push_back("-n");
    } else if (words[i] != "$2" && words[i] != "-z") {
      if (absl::StrContains(words[i], '$')) return absl::InvalidArgumentError("a variable");
      command.push_back(words[i]);
      if (program == "apertium-tagger" && i == 1) command.push_back("-z");
    }
  }
  return command;
}

bool FilesExist(const Pipeline& pipeline) {
  for (const std::vector<std::string>& command : pipeline) {
    for (const std::string& word : command) {
      if (absl::StartsWith(word, "/") && access(word.c_str(), R_OK) != 0) return false;
    }
  }
  return true;
}

bool IsPairName(absl::string_view name) {
  std::vector<absl::string_view> languages = absl::StrSplit(name, '-');
  if (languages.size() != 2) return false;
  for (absl::string_view language : languages) {
    if (!CheckLanguage("", language).ok()) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Pipeline> ParseMode(absl::string_view mode) {
  KW_ASSIGN_OR_RETURN(std::vector<std::string> words, SplitWords(absl::StripAsciiWhitespace(mode)));
  Pipeline pipeline;
  std::vector<std::string> program;
  words.push_back("|");
  for (std::string& word : words) {
    if (word != "|") {
      program.push_back(std::move(word));
      continue;
    }
    KW_ASSIGN_OR_RETURN(std::vector<std::string> command,
                        PrepareProgram(std::exchange(program, {})));
    pipeline.push_back(std::move(command));
  }
  return pipeline;
}

ApertiumInstallation ApertiumInstallation::Discover(const std::string& directory) {
  ApertiumInstallation installation;
  std::unique_ptr<DIR, int (*)(DIR*)> files(opendir(directory.c_str()), closedir);
  if (files == nullptr) return installation;
  while (dirent* entry = readdir(files.get())) {
    absl::string_view name = entry->d_name;
    if (!absl::ConsumeSuffix(&name, kModeSuffix) || !IsPairName(name)) continue;
    std::ifstream file(absl::StrCat(directory, "/", entry->d_name));
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    absl::StatusOr<Pipeline> pipeline = ParseMode(text);
    if (pipeline.ok() && FilesExist(*pipeline)) {
      installation.pipelines_.emplace(std::string(name), *std::move(pipeline));
    }
  }
  return installation;
}

std::vector<LanguagePair> ApertiumInstallation::Pairs() const {
  std::vector<LanguagePair> pairs;
  for (const auto& [name, pipeline] : pipelines_) {
    std::vector<std::string> languages = absl::StrSplit(name, '-');
    pairs.push_back({languages[0], languages[1]});
  }
  return pairs;
}

const Pipeline* ApertiumInstallation::Find(const LanguagePair& pair) const {
  auto found = pipelines_.find(pair.ToString());
  return found == pipelines_.end() ? nullptr : &found->second;
}

std::string ApertiumInstallation::AnalyserOf(absl::string_view language) const {
  for (const auto& [name, pipeline] : pipelines_) {
    if (!absl::StartsWith(name, absl::StrCat(language, "-"))) continue;
    const std::vector<std::string>& first = pipeline.front();
    if (absl::EndsWith(first.front(), "/lt-proc") && absl::EndsWith(first.back(), ".bin")) {
      return first.back();
    }
  }
  return "";
}

}  // namespace keyward::model_deployment
