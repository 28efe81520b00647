#ifndef KEYWARD_SERVICES_ENCRYPTION_TAGS_TEXT_H_
#define KEYWARD_SERVICES_ENCRYPTION_TAGS_TEXT_H_

#include <map>
#include <string>

namespace keyward::encryption {

// Tags as the store keeps them: a JSON object.
std::string TagsToText(const std::map<std::string, std::string>& tags);

// The inverse. What is none of TagsToText's has no tags.
std::map<std::string, std::string> TagsFromText(const std::string& text);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_TAGS_TEXT_H_
