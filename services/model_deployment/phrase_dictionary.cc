#include "services/model_deployment/phrase_dictionary.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

// The size of the code point at `at`.
size_t CodePointSize(absl::string_view text, size_t at) {
  size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) {
    ++size;
  }
  return size;
}

bool IsWordAt(absl::string_view text, size_t at) {
  if (at >= text.size()) return false;
  return IsWordCharacter(DecodeUtf8(text.substr(at, CodePointSize(text, at)))[0]);
}

// The word that begins at `at`, or the one code point there if that belongs to no word.
absl::string_view WordAt(absl::string_view text, size_t at) {
  size_t end = at + CodePointSize(text, at);
  if (IsWordAt(text, at)) {
    while (IsWordAt(text, end)) end += CodePointSize(text, end);
  }
  return text.substr(at, end - at);
}

}  // namespace

PhraseDictionary::PhraseDictionary(const std::vector<Entry>& entries, std::vector<NounForm> forms)
    : entries_(entries), forms_(std::move(forms)) {
  for (uint32_t i = 0; i < entries.size(); ++i) {
    if (entries[i].source.empty()) continue;
    by_first_word_[WordAt(entries[i].source, 0)].push_back(i);
  }
  for (auto& [word, numbers] : by_first_word_) {
    // Longest first; of equal phrases the last entry first.
    std::sort(numbers.begin(), numbers.end(), [&](uint32_t a, uint32_t b) {
      size_t size_a = entries_[a].source.size();
      size_t size_b = entries_[b].source.size();
      return size_a != size_b ? size_a > size_b : a > b;
    });
  }
}

Sentence PhraseDictionary::Split(absl::string_view text) const {
  Sentence sentence;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    if (const uint32_t* found = LongestAt(text, at)) {
      if (at > begin) sentence.push_back({std::string(text.substr(begin, at - begin))});
      sentence.push_back({std::string(entries_[*found].target), /*verbatim=*/true,
                          forms_.empty() ? NounForm::kNone : forms_[*found]});
      at += entries_[*found].source.size();
      begin = at;
    } else {
      at += WordAt(text, at).size();
    }
  }
  if (begin < text.size()) sentence.push_back({std::string(text.substr(begin))});
  return sentence;
}

const uint32_t* PhraseDictionary::LongestAt(absl::string_view text, size_t at) const {
  auto candidates = by_first_word_.find(WordAt(text, at));
  if (candidates == by_first_word_.end()) return nullptr;
  for (const uint32_t& number : candidates->second) {
    absl::string_view source = entries_[number].source;
    if (!absl::StartsWith(text.substr(at), source)) continue;
    size_t end = at + source.size();
    // "key" is not in "keys": where the phrase ends in a word, the word ends there too.
    size_t last = source.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(source[last]) & 0xC0) == 0x80) --last;
    if (IsWordAt(source, last) && IsWordAt(text, end)) continue;
    return &number;
  }
  return nullptr;
}

}  // namespace keyward::model_deployment
