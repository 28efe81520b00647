#include "services/model_deployment/bleu.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

bool StandsAlone(char32_t c) {
  auto in = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return in('{', '~') || in('[', '`') || in(' ', '&') || in('(', '+') || in(':', '@') || c == '/';
}

bool IsPointOrComma(char32_t c) { return c == '.' || c == ','; }

// The three rules of 13a are regular expressions that consume both characters of a match, so a
// character that one match consumed cannot begin the next; these loops do the same.
std::u32string SeparateAfterNonDigits(std::u32string_view in) {
  std::u32string out;
  for (size_t i = 0; i < in.size(); ++i) {
    out.push_back(in[i]);
    if (!IsDigit(in[i]) && i + 1 < in.size() && IsPointOrComma(in[i + 1])) {
      out.append({U' ', in[i + 1], U' '});
      ++i;
    }
  }
  return out;
}

std::u32string SeparateBeforeNonDigits(std::u32string_view in) {
  std::u32string out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (IsPointOrComma(in[i]) && i + 1 < in.size() && !IsDigit(in[i + 1])) {
      out.append({U' ', in[i], U' ', in[i + 1]});
      ++i;
    } else {
      out.push_back(in[i]);
    }
  }
  return out;
}

std::u32string SeparateHyphensAfterDigits(std::u32string_view in) {
  std::u32string out;
  for (size_t i = 0; i < in.size(); ++i) {
    out.push_back(in[i]);
    if (IsDigit(in[i]) && i + 1 < in.size() && in[i + 1] == '-') {
      out.append({U' ', U'-', U' '});
      ++i;
    }
  }
  return out;
}

using Counts = absl::flat_hash_map<std::string, int64_t>;

Counts CountNgrams(const std::vector<std::string>& tokens, size_t order) {
  Counts counts;
  for (size_t i = 0; i + order <= tokens.size(); ++i) {
    ++counts[absl::StrJoin(absl::MakeConstSpan(tokens).subspan(i, order), " ")];
  }
  return counts;
}

}  // namespace

std::vector<std::string> TokenizeForBleu(absl::string_view sentence) {
  std::string unescaped = absl::StrReplaceAll(sentence, {{"<skipped>", ""},
                                                         {"-\n", ""},
                                                         {"&quot;", "\""},
                                                         {"&amp;", "&"},
                                                         {"&lt;", "<"},
                                                         {"&gt;", ">"}});
  std::u32string spaced = U" ";
  for (char32_t c : DecodeUtf8(unescaped)) {
    if (StandsAlone(c)) {
      spaced.append({U' ', c, U' '});
    } else {
      spaced.push_back(c);
    }
  }
  spaced.push_back(' ');
  spaced = SeparateHyphensAfterDigits(SeparateBeforeNonDigits(SeparateAfterNonDigits(spaced)));
  std::vector<std::string> tokens;
  std::string token;
  for (char32_t c : spaced) {
    if (!IsSpace(c)) {
      AppendUtf8(c, token);
    } else if (!token.empty()) {
      tokens.push_back(std::exchange(token, {}));
    }
  }
  if (!token.empty()) tokens.push_back(std::move(token));
  return tokens;
}

void BleuScorer::Add(absl::string_view hypothesis, absl::string_view reference) {
  std::vector<std::string> ours = TokenizeForBleu(hypothesis);
  std::vector<std::string> theirs = TokenizeForBleu(reference);
  hypothesis_length_ += static_cast<int64_t>(ours.size());
  reference_length_ += static_cast<int64_t>(theirs.size());
  for (size_t order = 1; order <= kOrders; ++order) {
    Counts wanted = CountNgrams(theirs, order);
    for (const auto& [ngram, count] : CountNgrams(ours, order)) {
      totals_[order - 1] += count;
      auto found = wanted.find(ngram);
      if (found != wanted.end()) matches_[order - 1] += std::min(count, found->second);
    }
  }
}

double BleuScorer::Score() const {
  if (matches_[0] == 0) return 0;
  double log_precisions = 0;
  double smoothing = 1;
  for (size_t i = 0; i < kOrders; ++i) {
    if (totals_[i] == 0) return 0;
    double matches = static_cast<double>(matches_[i]);
    if (matches_[i] == 0) {
      smoothing *= 2;
      matches = 1 / smoothing;
    }
    log_precisions += std::log(matches / static_cast<double>(totals_[i]));
  }
  double brevity =
      hypothesis_length_ < reference_length_
          ? 1 - static_cast<double>(reference_length_) / static_cast<double>(hypothesis_length_)
          : 0;
  return 100 * std::exp(brevity + log_precisions / kOrders);
}

}  // namespace keyward::model_deployment
