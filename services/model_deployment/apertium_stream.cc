#include "services/model_deployment/apertium_stream.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

constexpr absl::string_view kSpecial = "[]{}^$/\\@<>";

// The post-generator takes ~ for its own mark, and line ends and other control characters would
// separate sentences: they pass as superblanks, as apertium-destxt does it.
bool MustBeSuperblank(char c) { return c == '~' || static_cast<unsigned char>(c) < 0x20; }

bool EndsSentence(absl::string_view stream) {
  stream = absl::StripTrailingAsciiWhitespace(stream);
  return !stream.empty() && absl::StrContains(".!?:;", stream.back());
}

std::string Superblank(absl::string_view text) {
  std::string out = "[";
  for (char c : text) {
    if (absl::StrContains(kSpecial, c)) out.push_back('\\');
    out.push_back(c);
  }
  out.push_back(']');
  return out;
}

absl::string_view FormCode(NounForm form) {
  switch (form) {
    case NounForm::kMasculineSingular:
      return "ms";
    case NounForm::kFeminineSingular:
      return "fs";
    case NounForm::kMasculinePlural:
      return "mp";
    case NounForm::kFemininePlural:
      return "fp";
    case NounForm::kNone:
      break;
  }
  return "";
}

// An answer taken apart: its text, and where superblanks ended up.
struct Parsed {
  std::string text;
  std::vector<std::string> superblanks;
  // Where the last superblank begins in `text`.
  size_t last_superblank = std::string::npos;
};

absl::StatusOr<Parsed> ParseStream(absl::string_view stream) {
  Parsed parsed;
  bool in_superblank = false;
  for (size_t i = 0; i < stream.size(); ++i) {
    char c = stream[i];
    if (c == '\\' && i + 1 < stream.size()) {
      c = stream[++i];
    } else if (c == '[' && !in_superblank) {
      in_superblank = true;
      parsed.superblanks.emplace_back();
      parsed.last_superblank = parsed.text.size();
      continue;
    } else if (c == ']' && in_superblank) {
      in_superblank = false;
      continue;
    }
    parsed.text.push_back(c);
    if (in_superblank) parsed.superblanks.back().push_back(c);
  }
  if (in_superblank) return absl::UnavailableError("an unfinished superblank");
  return parsed;
}

// Replaces the one occurrence of `placeholder`, whatever its case, by `phrase`.
absl::Status ReplaceOnce(std::string& text, const EncodedSentence::Noun& noun) {
  std::string lower = absl::AsciiStrToLower(text);
  size_t found = std::string::npos;
  for (size_t at = 0; (at = lower.find(noun.placeholder, at)) != std::string::npos; ++at) {
    if (found != std::string::npos) return absl::AbortedError("a phrase came back twice");
    found = at;
  }
  if (found == std::string::npos) return absl::AbortedError("a phrase did not come back");
  text.replace(found, noun.placeholder.size(), noun.phrase);
  return absl::OkStatus();
}

}  // namespace

std::string NounPlaceholder(NounForm form, int number) {
  return absl::StrCat(kNounPrefix, FormCode(form), "a",
                      std::string(1, static_cast<char>('a' + number)));
}

std::string EscapeForApertium(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size(); ++i) {
    if (MustBeSuperblank(text[i])) {
      size_t end = i;
      while (end < text.size() && MustBeSuperblank(text[end])) ++end;
      out += Superblank(text.substr(i, end - i));
      i = end - 1;
      continue;
    }
    if (absl::StrContains(kSpecial, text[i])) out.push_back('\\');
    out.push_back(text[i]);
  }
  return out;
}

absl::StatusOr<EncodedSentence> EncodeForApertium(const Sentence& sentence, int64_t number,
                                                  bool as_nouns) {
  EncodedSentence encoded;
  for (const Piece& piece : sentence) {
    if (absl::StrContains(piece.text, '\0')) {
      return absl::InvalidArgumentError("holds a NUL character");
    }
    if (!IsValidUtf8(piece.text)) return absl::InvalidArgumentError("is not UTF-8");
    if (absl::StrContains(absl::AsciiStrToLower(piece.text), kNounPrefix)) as_nouns = false;
  }
  std::map<NounForm, int> used;
  for (const Piece& piece : sentence) {
    if (!piece.verbatim) {
      absl::StrAppend(&encoded.stream, EscapeForApertium(piece.text));
    } else if (as_nouns && piece.form != NounForm::kNone && used[piece.form] < kNounsPerForm) {
      std::string placeholder = NounPlaceholder(piece.form, used[piece.form]++);
      absl::StrAppend(&encoded.stream, placeholder);
      encoded.nouns.push_back({std::move(placeholder), piece.text});
    } else {
      absl::StrAppend(&encoded.stream, Superblank(piece.text));
      ++encoded.superblanks;
    }
  }
  // The tagger wants to see a sentence's end; apertium-destxt adds one too.
  encoded.added_stop = !EndsSentence(encoded.stream);
  if (encoded.added_stop) encoded.stream.push_back('.');
  encoded.marker = absl::StrCat("kw ", number);
  absl::StrAppend(&encoded.stream, "[", encoded.marker, "]");
  return encoded;
}

absl::StatusOr<std::string> DecodeFromApertium(absl::string_view answer,
                                               const EncodedSentence& sentence) {
  KW_ASSIGN_OR_RETURN(Parsed parsed, ParseStream(answer));
  if (parsed.superblanks.empty() || parsed.superblanks.back() != sentence.marker) {
    return absl::UnavailableError("an answer to something else");
  }
  std::string& text = parsed.text;
  if (parsed.last_superblank + sentence.marker.size() != text.size()) {
    return absl::UnavailableError("something behind the marker");
  }
  text.resize(parsed.last_superblank);
  if (sentence.added_stop && !text.empty() && text.back() == '.') text.pop_back();
  if (static_cast<int>(parsed.superblanks.size()) - 1 < sentence.superblanks) {
    return absl::AbortedError("a phrase did not come back");
  }
  // Nouns are put in from the last, so that no phrase that holds a placeholder's name is hit.
  for (auto noun = sentence.nouns.rbegin(); noun != sentence.nouns.rend(); ++noun) {
    KW_RETURN_IF_ERROR(ReplaceOnce(text, *noun));
  }
  return text;
}

}  // namespace keyward::model_deployment
