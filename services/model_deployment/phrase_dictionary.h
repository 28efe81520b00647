#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_PHRASE_DICTIONARY_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_PHRASE_DICTIONARY_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/model_artifact.h"
#include "services/model_deployment/sentence.h"

namespace keyward::model_deployment {

// Finds the phrases of an artifact in sentences: from left to right, the longest that begins there,
// case and punctuation as they stand, whole words only. Of duplicate entries the last counts.
//
// The matching is our own, in this process: as an `lt-proc -t` dictionary each phrase would match
// inside words too, and would have to be compiled anew by lt-comp for each deployment, and the
// customer's phrases would lie in a worker's memory. Their targets still pass through the engine,
// as nouns or superblanks, so that what stands around them agrees. Immutable; thread-safe. The
// artifact must outlive this.
class PhraseDictionary {
 public:
  // `forms` has the grammar of each entry's target, in order, or is empty.
  PhraseDictionary(const std::vector<Entry>& entries, std::vector<NounForm> forms);

  // Takes a sentence apart into text and phrases.
  Sentence Split(absl::string_view text) const;

 private:
  // The entry of the longest phrase that begins at `at`, which begins a word.
  const uint32_t* LongestAt(absl::string_view text, size_t at) const;

  const std::vector<Entry>& entries_;
  const std::vector<NounForm> forms_;
  // Entries by the first word of the source, longest first.
  absl::flat_hash_map<absl::string_view, std::vector<uint32_t>> by_first_word_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_PHRASE_DICTIONARY_H_
