#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLEU_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLEU_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace keyward::model_deployment {

// Splits a sentence as mteval-v13a and sacreBLEU's default do: ASCII punctuation stands alone, but
// for full stops and commas between digits, hyphens after anything but digits, and apostrophes.
std::vector<std::string> TokenizeForBleu(absl::string_view sentence);

// Corpus BLEU with one reference (Papineni et al. 2002): the geometric mean of the clipped n-gram
// precisions of orders 1 to 4 over the whole corpus, times the brevity penalty; case-sensitive,
// tokenised as above, smoothed where an order has no match as sacreBLEU's default ("exp") is. The
// figures are those of `sacrebleu -tok 13a`. A value; not thread-safe.
class BleuScorer {
 public:
  // Adds a sentence and what it should have been.
  void Add(absl::string_view hypothesis, absl::string_view reference);

  // 0-100.
  double Score() const;

 private:
  static constexpr int kOrders = 4;

  std::array<int64_t, kOrders> matches_{};
  std::array<int64_t, kOrders> totals_{};
  int64_t hypothesis_length_ = 0;
  int64_t reference_length_ = 0;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLEU_H_
