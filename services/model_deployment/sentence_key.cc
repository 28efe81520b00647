#include "services/model_deployment/sentence_key.h"

#include "absl/strings/str_cat.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

std::u32string CollapseSpaces(absl::string_view sentence) {
  std::u32string out;
  for (char32_t c : DecodeUtf8(sentence)) {
    if (!IsSpace(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool IsFinalPunctuation(char32_t c) {
  return c == '.' || c == '!' || c == '?' || c == ':' || c == ';' || c == U'…' || c == U'。';
}

// Where the final punctuation of `text`, which has no space at its end, begins.
size_t FinalPunctuation(std::u32string_view text) {
  size_t end = text.size();
  while (end > 0 && (IsFinalPunctuation(text[end - 1]) || text[end - 1] == ' ')) --end;
  return end == 0 ? text.size() : end;
}

std::u32string Loose(absl::string_view sentence) {
  std::u32string out = CollapseSpaces(sentence);
  out.resize(FinalPunctuation(out));
  for (char32_t& c : out) c = ToLower(c);
  return out;
}

std::u32string ReplaceNumbers(std::u32string_view text, const std::vector<std::string>& numbers) {
  std::u32string out;
  size_t next = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsDigit(text[i])) {
      out.push_back(text[i]);
      continue;
    }
    while (i + 1 < text.size() && IsDigit(text[i + 1])) ++i;
    for (char digit : numbers[next]) out.push_back(static_cast<char32_t>(digit));
    ++next;
  }
  return out;
}

// Two letters in a row that are capitals: an acronym, or all of it is; its case means something.
bool StartsWithAcronym(std::u32string_view text) {
  return text.size() > 1 && ToLower(text[0]) != text[0] && ToLower(text[1]) != text[1];
}

}  // namespace

std::string ExactKey(absl::string_view sentence) { return EncodeUtf8(CollapseSpaces(sentence)); }

std::string LooseKey(absl::string_view sentence) { return EncodeUtf8(Loose(sentence)); }

std::string NumberlessKey(absl::string_view sentence) {
  std::u32string out;
  for (char32_t c : Loose(sentence)) {
    if (!IsDigit(c)) {
      out.push_back(c);
    } else if (out.empty() || out.back() != '0') {
      out.push_back('0');
    }
  }
  return EncodeUtf8(out);
}

std::vector<std::string> NumbersIn(absl::string_view sentence) {
  std::vector<std::string> numbers;
  bool in_number = false;
  for (char c : sentence) {
    bool digit = c >= '0' && c <= '9';
    if (digit && !in_number) numbers.emplace_back();
    if (digit) numbers.back().push_back(c);
    in_number = digit;
  }
  return numbers;
}

std::string AdaptTranslation(absl::string_view asked, absl::string_view found,
                             absl::string_view target) {
  std::u32string from = CollapseSpaces(found);
  std::u32string to = CollapseSpaces(asked);
  std::u32string text = CollapseSpaces(target);
  std::vector<std::string> old_numbers = NumbersIn(found);
  std::vector<std::string> new_numbers = NumbersIn(asked);
  if (old_numbers != new_numbers) {
    // Only a target with the same numbers in the same order can be trusted with others.
    if (NumbersIn(target) != old_numbers || old_numbers.size() != new_numbers.size()) return "";
    text = ReplaceNumbers(text, new_numbers);
  }
  std::u32string ending = to.substr(FinalPunctuation(to));
  if (ending != from.substr(FinalPunctuation(from))) {
    text.resize(FinalPunctuation(text));
    text += ending;
  }
  if (!from.empty() && !to.empty() && !text.empty() && from[0] != to[0] &&
      !StartsWithAcronym(from) && !StartsWithAcronym(text)) {
    bool capital = ToLower(to[0]) != to[0];
    text[0] = capital ? ToUpper(text[0]) : ToLower(text[0]);
  }
  return EncodeUtf8(text);
}

}  // namespace keyward::model_deployment
