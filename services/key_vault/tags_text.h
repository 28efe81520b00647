#ifndef KEYWARD_SERVICES_KEY_VAULT_TAGS_TEXT_H_
#define KEYWARD_SERVICES_KEY_VAULT_TAGS_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// Tags as the stores keep them: a JSON object.
std::string TagsToText(const Tags& tags);

// The inverse. DATA_LOSS if the text is none of TagsToText.
absl::StatusOr<Tags> TagsFromText(const std::string& text);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_TAGS_TEXT_H_
