#ifndef KEYWARD_COMMON_CRYPTO_WYCHEPROOF_H_
#define KEYWARD_COMMON_CRYPTO_WYCHEPROOF_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace keyward::crypto {

// One test of a Wycheproof file, with the members of its group beside its own.
class WycheproofVector {
 public:
  WycheproofVector(nlohmann::json group, nlohmann::json test)
      : group_(std::move(group)), test_(std::move(test)) {}

  // A hexadecimal member, of the test or else of its group, as bytes.
  std::string Bytes(const std::string& name) const;
  int Number(const std::string& name) const;
  // A member of the group that is an object, such as a key.
  const nlohmann::json& Group(const std::string& name) const { return group_.at(name); }

  bool HasMember(const std::string& name) const {
    return test_.contains(name) || group_.contains(name);
  }

  bool IsValid() const { return test_.at("result") == "valid"; }
  bool IsInvalid() const { return test_.at("result") == "invalid"; }
  bool HasFlag(const std::string& flag) const;

  // The test's number and comment, for failure messages.
  std::string Name() const;

 private:
  const nlohmann::json& Member(const std::string& name) const {
    return test_.contains(name) ? test_.at(name) : group_.at(name);
  }

  nlohmann::json group_;
  nlohmann::json test_;
};

// The tests of a file of test vectors, such as "aes_gcm_test.json". Ends the test program if the
// file is missing or does not hold as many as it says.
std::vector<WycheproofVector> LoadWycheproof(absl::string_view file);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_WYCHEPROOF_H_
