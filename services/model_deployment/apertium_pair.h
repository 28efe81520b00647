#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_PAIR_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_PAIR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/model_deployment/apertium_installation.h"
#include "services/model_deployment/apertium_worker.h"
#include "services/model_deployment/file_descriptor.h"
#include "services/model_deployment/process_spawner.h"
#include "services/model_deployment/sentence.h"

namespace keyward::model_deployment {

// The engine's own part for one language pair, shared by all workers of the pair: the pipeline,
// with the pair's dictionaries taught the placeholder nouns of apertium_stream.h. These are
// compiled by lt-comp and joined to Debian's dictionaries by lt-append, from and to memory files;
// where that does not work, phrases travel as superblanks. Immutable and thread-safe.
class ApertiumPair {
 public:
  // Prepares a pair. `analyser` is the compiled dictionary of the target language, or empty.
  static absl::StatusOr<std::unique_ptr<ApertiumPair>> Prepare(ProcessSpawner& spawner,
                                                               const Pipeline& pipeline,
                                                               std::string analyser);

  // The programs of a worker; they inherit descriptors of this, which must outlive their start.
  absl::Span<const ApertiumWorker::Program> programs() const { return programs_; }

  // Whether the placeholder nouns are understood.
  bool knows_nouns() const { return morphology_.is_open(); }

  // What each phrase of the target language is to its grammar, judged by its first word.
  absl::StatusOr<std::vector<NounForm>> FormsOf(ProcessSpawner& spawner,
                                                absl::Span<const std::string> phrases) const;

 private:
  ApertiumPair() = default;

  absl::Status TeachNouns(ProcessSpawner& spawner);

  std::vector<ApertiumWorker::Program> programs_;
  std::string analyser_;
  FileDescriptor morphology_;
  FileDescriptor bilingual_;
};

// The form of a phrase, from what the analyser says of it, such as
// "^clave/clave<n><f><sg>/clavar<vblex>…$ ^de/de<pr>$".
NounForm FormFromAnalysis(absl::string_view analysis);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_PAIR_H_
