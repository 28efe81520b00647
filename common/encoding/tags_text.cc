#include "common/encoding/tags_text.h"

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace keyward {

std::string TagsToText(const Tags& tags) {
  // An empty map would become null.
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, value] : tags) object[key] = value;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<Tags> TagsFromText(const std::string& text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::DataLossError("stored tags are no JSON object");
  Tags tags;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) return absl::DataLossError("a stored tag is no string");
    tags.emplace(key, value.get<std::string>());
  }
  return tags;
}

}  // namespace keyward
