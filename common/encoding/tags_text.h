#ifndef KEYWARD_COMMON_ENCODING_TAGS_TEXT_H_
#define KEYWARD_COMMON_ENCODING_TAGS_TEXT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace keyward {

// What a customer notes on a resource, by name.
using Tags = std::map<std::string, std::string>;

// Tags as the stores keep them: a JSON object.
std::string TagsToText(const Tags& tags);

// The inverse. DATA_LOSS if the text is none of TagsToText.
absl::StatusOr<Tags> TagsFromText(const std::string& text);

}  // namespace keyward

#endif  // KEYWARD_COMMON_ENCODING_TAGS_TEXT_H_
