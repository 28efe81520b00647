#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_LANGUAGE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_LANGUAGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::model_deployment {

// What a project translates from and to, as ISO 639-3 codes such as "eng" and "spa".
struct LanguagePair {
  std::string source;
  std::string target;

  // As Apertium names its modes, such as "eng-spa".
  std::string ToString() const { return source + "-" + target; }
  friend bool operator==(const LanguagePair&, const LanguagePair&) = default;
};

// OK if `code` has the form of an ISO 639-3 code.
absl::Status CheckLanguage(absl::string_view field, absl::string_view code);

// Whether a language tag of a document (BCP 47, such as "en", "en-US", "eng" or "ES_mx") means the
// language of an ISO 639-3 code. Two-letter codes are known for Europe's languages and the widest
// spoken others.
bool TagMeansLanguage(absl::string_view tag, absl::string_view iso639_3);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_LANGUAGE_H_
