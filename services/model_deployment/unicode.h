#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_UNICODE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_UNICODE_H_

#include <string>

#include "absl/strings/string_view.h"

// The little Unicode that comparing sentences needs, without a locale.
namespace keyward::model_deployment {

// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(absl::string_view text);

// The code points of well-formed UTF-8; U+FFFD for each byte that is not.
std::u32string DecodeUtf8(absl::string_view text);

void AppendUtf8(char32_t code_point, std::string& text);
std::string EncodeUtf8(std::u32string_view code_points);

// The lower-case form in the Latin, Greek and Cyrillic scripts; others have none, or keep theirs.
char32_t ToLower(char32_t c);
// The inverse, where it is unique.
char32_t ToUpper(char32_t c);

bool IsSpace(char32_t c);
bool IsDigit(char32_t c);
// Letters, digits and what joins them; all that is not ASCII and no space or general punctuation.
bool IsWordCharacter(char32_t c);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_UNICODE_H_
