#include "services/model_deployment/model_artifact.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/secret_memory.h"

namespace keyward::model_deployment {

namespace {

constexpr absl::string_view kMagic = "KWMA1\n";
constexpr size_t kNumberSize = 4;

void AppendNumber(std::string& out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

// Takes a number off the front of `bytes`.
bool TakeNumber(absl::string_view& bytes, uint32_t& number) {
  if (bytes.size() < kNumberSize) return false;
  number = 0;
  for (size_t i = 0; i < kNumberSize; ++i) {
    number |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  bytes.remove_prefix(kNumberSize);
  return true;
}

bool TakeText(absl::string_view& bytes, absl::string_view& text) {
  uint32_t size = 0;
  if (!TakeNumber(bytes, size) || bytes.size() < size) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

void Wipe(std::string& text) {
  crypto::WipeMemory(text.data(), text.size());
  text.clear();
}

}  // namespace

absl::StatusOr<ModelArtifact> ModelArtifact::Parse(crypto::SecretBytes bytes) {
  ModelArtifact artifact;
  artifact.bytes_ = std::move(bytes);
  absl::string_view rest = artifact.bytes_.ExposeSecret();
  bool good = absl::ConsumePrefix(&rest, kMagic);
  for (std::vector<Entry>& entries : artifact.entries_) {
    uint32_t count = 0;
    good = good && TakeNumber(rest, count);
    for (uint32_t i = 0; good && i < count; ++i) {
      Entry entry;
      good = TakeText(rest, entry.source) && TakeText(rest, entry.target);
      if (good) entries.push_back(entry);
    }
  }
  if (!good || !rest.empty()) return absl::DataLossError("this is no model artifact");
  return artifact;
}

void ModelArtifactBuilder::Add(ModelArtifact::Section section, absl::string_view source,
                               absl::string_view target) {
  for (absl::string_view text : {source, target}) {
    AppendNumber(sections_[section], static_cast<uint32_t>(text.size()));
    absl::StrAppend(&sections_[section], text);
  }
  ++counts_[section];
}

crypto::SecretBytes ModelArtifactBuilder::Build() {
  std::string bytes(kMagic);
  for (int section = 0; section < 3; ++section) {
    AppendNumber(bytes, std::exchange(counts_[section], 0));
    bytes += sections_[section];
    Wipe(sections_[section]);
  }
  return crypto::SecretBytes::TakeFrom(bytes);
}

ModelArtifactBuilder::~ModelArtifactBuilder() {
  for (std::string& section : sections_) Wipe(section);
}

}  // namespace keyward::model_deployment
