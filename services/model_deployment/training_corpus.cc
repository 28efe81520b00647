#include "services/model_deployment/training_corpus.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/model_deployment/sentence_key.h"

namespace keyward::model_deployment {

namespace {

constexpr size_t kFewestForATest = 20;
constexpr size_t kUsualTest = 500;
constexpr size_t kLargestTest = 1000;

bool TeachesNothing(const std::string& source, const std::string& target) {
  if (source.empty() || target.empty() || source == target) return true;
  size_t shorter = std::min(source.size(), target.size());
  size_t longer = std::max(source.size(), target.size());
  if (longer > TrainingCorpus::kLongest) return true;
  return longer > TrainingCorpus::kShort &&
         static_cast<double>(longer) > TrainingCorpus::kMostUnequal * static_cast<double>(shorter);
}

size_t TestSize(size_t pairs) {
  if (pairs < kFewestForATest) return 0;
  size_t twentieth = pairs / 20;
  size_t tenth = pairs / 10;
  return std::clamp(twentieth, std::min(tenth, kUsualTest), kLargestTest);
}

}  // namespace

void TrainingCorpus::Add(absl::string_view source_text, absl::string_view target_text) {
  ++read_;
  std::string source = ExactKey(source_text);
  std::string target = ExactKey(target_text);
  if (TeachesNothing(source, target)) {
    ++dropped_;
    return;
  }
  auto [place, is_new] = by_source_.try_emplace(source, pairs_.size());
  if (is_new) {
    pairs_.push_back({std::move(source), std::move(target)});
  } else {
    ++dropped_;
    pairs_[place->second].target = std::move(target);
  }
}

std::vector<SentencePair> TrainingCorpus::HoldOut() {
  std::vector<std::pair<std::string, size_t>> hashes;
  for (size_t i = 0; i < pairs_.size(); ++i) {
    hashes.emplace_back(crypto::Sha256(absl::StrCat(pairs_[i].source, "\n", pairs_[i].target)), i);
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.resize(TestSize(pairs_.size()));
  std::vector<SentencePair> tests;
  for (const auto& [hash, number] : hashes) tests.push_back(pairs_[number]);
  Exclude(tests);
  return tests;
}

void TrainingCorpus::Exclude(const std::vector<SentencePair>& tests) {
  absl::flat_hash_set<absl::string_view> sources;
  for (const SentencePair& test : tests) sources.insert(test.source);
  pairs_.erase(
      std::remove_if(pairs_.begin(), pairs_.end(),
                     [&](const SentencePair& pair) { return sources.contains(pair.source); }),
      pairs_.end());
  by_source_.clear();
  for (size_t i = 0; i < pairs_.size(); ++i) by_source_[pairs_[i].source] = i;
}

}  // namespace keyward::model_deployment
