#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_ARTIFACT_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_ARTIFACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::model_deployment {

// Source and target of one entry; the views live as long as the artifact.
struct Entry {
  absl::string_view source;
  absl::string_view target;
};

// What training makes and a deployed model consists of: the translation memory and the two
// dictionaries, as one block of secret bytes that entries are views of. The same documents make the
// same bytes. Immutable; thread-safe.
//
// The bytes: "KWMA1\n", then three sections (memory, sentences, phrases), each a 32-bit number of
// entries and the entries, each source and target, each a 32-bit size and its bytes; numbers are
// little-endian, and nothing follows.
class ModelArtifact {
 public:
  enum Section { kMemory, kSentences, kPhrases };

  // No entries: the plain engine.
  ModelArtifact() = default;

  // Reads what Builder made. DATA_LOSS for anything else.
  static absl::StatusOr<ModelArtifact> Parse(crypto::SecretBytes bytes);

  const std::vector<Entry>& entries(Section section) const { return entries_[section]; }
  const crypto::SecretBytes& bytes() const { return bytes_; }

 private:
  crypto::SecretBytes bytes_;
  std::vector<Entry> entries_[3];
};

// Makes the bytes of an artifact. Not thread-safe.
class ModelArtifactBuilder {
 public:
  void Add(ModelArtifact::Section section, absl::string_view source, absl::string_view target);
  int64_t count(ModelArtifact::Section section) const { return counts_[section]; }

  // The bytes; leaves the builder empty, its text wiped.
  crypto::SecretBytes Build();

  ~ModelArtifactBuilder();

 private:
  std::string sections_[3];
  uint32_t counts_[3] = {};
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_ARTIFACT_H_
