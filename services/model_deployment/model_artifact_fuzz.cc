#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"
#include "services/model_deployment/model_artifact.h"

// Whatever parses is one spelling of what it says: built again, it has the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::crypto::SecretBytes;
  using keyward::model_deployment::Entry;
  using keyward::model_deployment::ModelArtifact;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  auto artifact = ModelArtifact::Parse(SecretBytes::CopyOf(input));
  if (!artifact.ok()) return 0;
  keyward::model_deployment::ModelArtifactBuilder builder;
  for (auto section :
       {ModelArtifact::kMemory, ModelArtifact::kSentences, ModelArtifact::kPhrases}) {
    for (const Entry& entry : artifact->entries(section)) {
      builder.Add(section, entry.source, entry.target);
    }
  }
  if (builder.Build() != artifact->bytes()) std::abort();
  return 0;
}
