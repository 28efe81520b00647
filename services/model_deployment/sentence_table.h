#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_TABLE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/model_artifact.h"

namespace keyward::model_deployment {

// Finds whole sentences among the entries of an artifact: the same one, else one that differs by
// case or final punctuation, else (if wanted) by its numbers, its translation adapted. Of several
// the last entry counts. The index holds hashes and numbers of entries only; no text is copied out
// of the artifact, which must outlive this. Immutable; thread-safe.
class SentenceTable {
 public:
  // `numberless`: whether a sentence with other numbers counts.
  SentenceTable(const std::vector<Entry>& entries, bool numberless);

  // The translation, if there is one.
  std::optional<std::string> Find(absl::string_view sentence) const;

 private:
  using Index = absl::flat_hash_map<uint64_t, uint32_t>;

  const Entry* Lookup(const Index& index, const std::string& key,
                      std::string (*key_of)(absl::string_view)) const;

  const std::vector<Entry>& entries_;
  const bool numberless_;
  Index exact_, loose_, numbers_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_TABLE_H_
