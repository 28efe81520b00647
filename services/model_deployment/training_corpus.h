#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_CORPUS_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_CORPUS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace keyward::model_deployment {

// A sentence and its translation.
struct SentencePair {
  std::string source;
  std::string target;
};

// The pairs that a model learns from, in the order in which they came, without those that teach
// nothing, and the pairs held out to score it with. Not thread-safe.
class TrainingCorpus {
 public:
  // Limits of what teaches something.
  static constexpr size_t kLongest = 2000;     // bytes of either side
  static constexpr double kMostUnequal = 4.0;  // how many times longer one side may be …
  static constexpr size_t kShort = 24;         // … unless it is as short as this

  // Takes a pair, or drops it: empty, identical, too long, of unlikely lengths, or there already.
  // Of two translations of the same sentence the last one stays.
  void Add(absl::string_view source, absl::string_view target);

  int64_t read() const { return read_; }
  int64_t dropped() const { return dropped_; }
  const std::vector<SentencePair>& pairs() const { return pairs_; }

  // Takes a twentieth of the pairs out, at least 500 where there are 5,000 and at most 1,000, none
  // where there are fewer than 20: those with the least hashes, so that the same documents always
  // give the same.
  std::vector<SentencePair> HoldOut();

  // Takes out the pairs whose source is that of a test pair: a test that is known by heart tests
  // nothing.
  void Exclude(const std::vector<SentencePair>& tests);

 private:
  int64_t read_ = 0;
  int64_t dropped_ = 0;
  std::vector<SentencePair> pairs_;
  // Where the pair with a source stands.
  absl::flat_hash_map<std::string, size_t> by_source_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_CORPUS_H_
