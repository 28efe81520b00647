#include "services/key_vault/key_operations.h"

#include <array>
#include <cstddef>

#include "absl/strings/match.h"

namespace keyward::key_vault {
namespace {

constexpr size_t kCount = static_cast<size_t>(KeyOperation::kCount);

constexpr std::array<const char*, kCount> kNames = {"encrypt", "decrypt", "sign",
                                                    "verify",  "wrapKey", "unwrapKey"};

}  // namespace

absl::string_view ToString(KeyOperation operation) {
  return kNames[static_cast<size_t>(operation)];
}

std::optional<KeyOperation> ParseKeyOperation(absl::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (absl::EqualsIgnoreCase(name, kNames[i])) return static_cast<KeyOperation>(i);
  }
  return std::nullopt;
}

std::vector<std::string> Names(KeyOperations operations) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kCount; ++i) {
    if (operations.Contains(static_cast<KeyOperation>(i))) names.emplace_back(kNames[i]);
  }
  return names;
}

KeyOperations OperationsOf(keyvault::v1::KeyType type) {
  switch (type) {
    case keyvault::v1::KEY_TYPE_RSA_2048:
    case keyvault::v1::KEY_TYPE_RSA_3072:
    case keyvault::v1::KEY_TYPE_RSA_4096:
      return KeyOperations::All();
    case keyvault::v1::KEY_TYPE_EC_P256:
    case keyvault::v1::KEY_TYPE_EC_P384:
    case keyvault::v1::KEY_TYPE_EC_P521:
      return {KeyOperation::kSign, KeyOperation::kVerify};
    default:
      return {};
  }
}

}  // namespace keyward::key_vault
