#include "services/key_vault/key_operations.h"

#include <array>
#include <cstddef>

#include "absl/strings/match.h"

namespace keyward::key_vault {
namespace {

constexpr size_t kCount = static_cast<size_t>(KeyOperation::kCount);

constexpr std::array<const char*, kCount> kNames = {"encrypt", "decrypt", "sign",
                                                    "verify",  "wrapKey", "unwrapKey"};

// Of a key whose private part is there.
KeyOperations OperationsOfPair(keyvault::v1::KeyType type) {
  switch (type) {
    case keyvault::v1::KEY_TYPE_RSA_2048:
    case keyvault::v1::KEY_TYPE_RSA_3072:
    case keyvault::v1::KEY_TYPE_RSA_4096:
      return KeyOperations::All();
    case keyvault::v1::KEY_TYPE_EC_P256:
    case keyvault::v1::KEY_TYPE_EC_P384:
    case keyvault::v1::KEY_TYPE_EC_P521:
      return {KeyOperation::kSign, KeyOperation::kVerify};
    case keyvault::v1::KEY_TYPE_OCT_256:
      return {KeyOperation::kEncrypt, KeyOperation::kDecrypt, KeyOperation::kWrapKey,
              KeyOperation::kUnwrapKey};
    default:
      return {};
  }
}

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

KeyOperations OperationsOf(keyvault::v1::KeyType type, bool public_only) {
  const KeyOperations operations = OperationsOfPair(type);
  return public_only ? operations & kPublicOperations : operations;
}

}  // namespace keyward::key_vault
