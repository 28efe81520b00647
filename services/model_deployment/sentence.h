#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_H_

#include <string>
#include <vector>

namespace keyward::model_deployment {

// What a target phrase is to the grammar of its language.
enum class NounForm {
  // No noun, or nobody knows.
  kNone,
  kMasculineSingular,
  kFeminineSingular,
  kMasculinePlural,
  kFemininePlural,
};

// A part of a sentence on its way through the engine: text to translate, or a phrase of the target
// language to be left as it is. A plain value.
struct Piece {
  std::string text;
  bool verbatim = false;
  // Of a verbatim phrase, so that articles and adjectives around it agree.
  NounForm form = NounForm::kNone;
};

using Sentence = std::vector<Piece>;

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_H_
