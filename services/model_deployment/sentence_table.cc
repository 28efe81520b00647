#include "services/model_deployment/sentence_table.h"

#include "absl/hash/hash.h"
#include "services/model_deployment/sentence_key.h"

namespace keyward::model_deployment {

namespace {
uint64_t HashOf(absl::string_view key) { return absl::HashOf(key); }
}  // namespace

SentenceTable::SentenceTable(const std::vector<Entry>& entries, bool numberless)
    : entries_(entries), numberless_(numberless) {
  for (uint32_t i = 0; i < entries.size(); ++i) {
    absl::string_view source = entries[i].source;
    exact_[HashOf(ExactKey(source))] = i;
    loose_[HashOf(LooseKey(source))] = i;
    if (numberless && !NumbersIn(source).empty()) numbers_[HashOf(NumberlessKey(source))] = i;
  }
}

std::optional<std::string> SentenceTable::Find(absl::string_view sentence) const {
  std::string exact = ExactKey(sentence);
  if (exact.empty()) return std::nullopt;
  if (const Entry* entry = Lookup(exact_, exact, ExactKey)) return std::string(entry->target);
  if (const Entry* entry = Lookup(loose_, LooseKey(sentence), LooseKey)) {
    return AdaptTranslation(sentence, entry->source, entry->target);
  }
  if (numberless_ && !NumbersIn(sentence).empty()) {
    if (const Entry* entry = Lookup(numbers_, NumberlessKey(sentence), NumberlessKey)) {
      std::string adapted = AdaptTranslation(sentence, entry->source, entry->target);
      if (!adapted.empty()) return adapted;
    }
  }
  return std::nullopt;
}

const Entry* SentenceTable::Lookup(const Index& index, const std::string& key,
                                   std::string (*key_of)(absl::string_view)) const {
  auto found = index.find(HashOf(key));
  if (found == index.end()) return nullptr;
  const Entry& entry = entries_[found->second];
  // Two sentences may share a hash; then the one in the index hides the other.
  return key_of(entry.source) == key ? &entry : nullptr;
}

}  // namespace keyward::model_deployment
