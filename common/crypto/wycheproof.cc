#include "common/crypto/wycheproof.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/encoding/hex.h"

namespace keyward::crypto {

std::string WycheproofVector::Bytes(const std::string& name) const {
  return HexToBytes(Member(name).get<std::string>()).value();
}

int WycheproofVector::Number(const std::string& name) const { return Member(name).get<int>(); }

bool WycheproofVector::HasFlag(const std::string& flag) const {
  const nlohmann::json& flags = test_.at("flags");
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string WycheproofVector::Name() const {
  return absl::StrCat("test ", Number("tcId"), ": ", test_.at("comment").get<std::string>(), " (",
                      test_.at("result").get<std::string>(), ")");
}

std::vector<WycheproofVector> LoadWycheproof(absl::string_view file) {
  const std::string path = absl::StrCat("external/boringssl/wycheproof_testvectors/", file);
  std::ifstream stream(path);
  const nlohmann::json root = nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false);
  std::vector<WycheproofVector> vectors;
  if (root.is_object()) {
    for (nlohmann::json group : root.at("testGroups")) {
      const nlohmann::json tests = std::exchange(group["tests"], nullptr);
      for (const nlohmann::json& test : tests) vectors.emplace_back(group, test);
    }
  }
  if (vectors.empty() || vectors.size() != root.at("numberOfTests").get<size_t>()) {
    std::cerr << path << " is missing or not whole\n";
    std::exit(1);
  }
  return vectors;
}

}  // namespace keyward::crypto
