#include "services/key_vault/key_types.h"

namespace keyward::key_vault {

int RsaBits(keyvault::v1::KeyType type) {
  switch (type) {
    case keyvault::v1::KEY_TYPE_RSA_2048:
      return 2048;
    case keyvault::v1::KEY_TYPE_RSA_3072:
      return 3072;
    case keyvault::v1::KEY_TYPE_RSA_4096:
      return 4096;
    default:
      return 0;
  }
}

std::optional<crypto::EcCurve> Curve(keyvault::v1::KeyType type) {
  switch (type) {
    case keyvault::v1::KEY_TYPE_EC_P256:
      return crypto::EcCurve::kP256;
    case keyvault::v1::KEY_TYPE_EC_P384:
      return crypto::EcCurve::kP384;
    case keyvault::v1::KEY_TYPE_EC_P521:
      return crypto::EcCurve::kP521;
    default:
      return std::nullopt;
  }
}

}  // namespace keyward::key_vault
