#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_KEY_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_KEY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// When two sentences count as the same.
namespace keyward::model_deployment {

// Up to the spaces: runs of white space are one space, outer ones gone.
std::string ExactKey(absl::string_view sentence);

// Up to case and final punctuation too; what a sentence dictionary goes by.
std::string LooseKey(absl::string_view sentence);

// Up to the numbers too.
std::string NumberlessKey(absl::string_view sentence);

// The runs of digits, in order.
std::vector<std::string> NumbersIn(absl::string_view sentence);

// `target` is the translation of `found`, which has the LooseKey or NumberlessKey of `asked`: makes
// it the translation of `asked`, by its numbers, its first letter's case and its final punctuation.
// Empty if the numbers cannot be carried over.
std::string AdaptTranslation(absl::string_view asked, absl::string_view found,
                             absl::string_view target);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_SENTENCE_KEY_H_
