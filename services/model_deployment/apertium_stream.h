#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_STREAM_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/sentence.h"

// The format in which text travels through Apertium's pipeline: letters and spaces as they are,
// `[...]` (a superblank) for what passes untouched, and a backslash before each character that
// means something to the stream. Customers' text is escaped so that it can neither break the stream
// nor bring superblanks or analyses of its own.
namespace keyward::model_deployment {

// Verbatim phrases may travel as nouns that the engine is taught for this purpose ("kwzfsaa"), so
// that what stands around them agrees with them. Letters only: digits would have to join the
// alphabet of the engine's dictionary, and change how it reads numbers.
inline constexpr char kNounPrefix[] = "kwz";
inline constexpr int kNounsPerForm = 26;

// "kwzmsaa" and the like; `number` counts from 0 to kNounsPerForm - 1.
std::string NounPlaceholder(NounForm form, int number);

// One sentence, encoded, and what is needed to understand the answer.
struct EncodedSentence {
  std::string stream;
  // Written behind the sentence, to see whether an answer is the one to this.
  std::string marker;
  // Whether a full stop was added that must go again.
  bool added_stop = false;
  // Verbatim phrases that travel as nouns: placeholder and phrase.
  struct Noun {
    std::string placeholder;
    std::string phrase;
  };
  std::vector<Noun> nouns;
  // How many verbatim phrases travel as superblanks.
  int superblanks = 0;
};

// Text for the stream. It must be valid UTF-8 without NUL.
std::string EscapeForApertium(absl::string_view text);

// Encodes a sentence, without its final NUL. `number` tells sentences apart. With `as_nouns`,
// verbatim phrases that are nouns travel as placeholders as far as those reach and the text holds
// none that looks like one. INVALID_ARGUMENT: NUL, or no UTF-8.
absl::StatusOr<EncodedSentence> EncodeForApertium(const Sentence& sentence, int64_t number,
                                                  bool as_nouns);

// The text of an answer. ABORTED: the phrases did not all come back, so the sentence has to go
// another way. UNAVAILABLE: this is no answer to `sentence`, the pipeline is out of step.
absl::StatusOr<std::string> DecodeFromApertium(absl::string_view answer,
                                               const EncodedSentence& sentence);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_STREAM_H_
