#include "services/encryption/tags_text.h"

#include <nlohmann/json.hpp>

namespace keyward::encryption {

std::string TagsToText(const std::map<std::string, std::string>& tags) {
  // An empty map would become null.
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, value] : tags) object[key] = value;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, std::string> TagsFromText(const std::string& text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::map<std::string, std::string> tags;
  if (!object.is_object()) return tags;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) tags.emplace(key, value.get<std::string>());
  }
  return tags;
}

}  // namespace keyward::encryption
