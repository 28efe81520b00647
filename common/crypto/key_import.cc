#include "common/crypto/key_import.h"

#include <openssl/evp.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/crypto/der.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

bool IsPem(absl::string_view text) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "-----BEGIN ");
}

absl::Status OtherAlgorithm() {
  return absl::InvalidArgumentError("the key is neither one of RSA nor one on an elliptic curve");
}

}  // namespace

absl::StatusOr<ImportedKey> ImportPkcs8(const SecretBytes& der_or_pem) {
  SecretBytes from_pem;
  const SecretBytes* der = &der_or_pem;
  if (IsPem(der_or_pem.ExposeSecret())) {
    KW_ASSIGN_OR_RETURN(from_pem, Pkcs8FromPem(der_or_pem.ExposeSecret()));
    der = &from_pem;
  }
  KW_ASSIGN_OR_RETURN(const bssl::UniquePtr<EVP_PKEY> parsed, ParsePkcs8(*der));
  switch (EVP_PKEY_id(parsed.get())) {
    case EVP_PKEY_RSA: {
      KW_ASSIGN_OR_RETURN(RsaPrivateKey key, RsaPrivateKey::ImportPkcs8(*der));
      return key;
    }
    case EVP_PKEY_EC: {
      KW_ASSIGN_OR_RETURN(EcPrivateKey key, EcPrivateKey::FromPkcs8(*der));
      return key;
    }
    default:
      return OtherAlgorithm();
  }
}

absl::StatusOr<ImportedKey> ImportSpki(absl::string_view der_or_pem) {
  KW_ASSIGN_OR_RETURN(const bssl::UniquePtr<EVP_PKEY> parsed,
                      IsPem(der_or_pem) ? ParseSpkiPem(der_or_pem) : ParseSpkiDer(der_or_pem));
  const std::string der = SpkiDer(parsed.get());
  switch (EVP_PKEY_id(parsed.get())) {
    case EVP_PKEY_RSA: {
      KW_ASSIGN_OR_RETURN(RsaPublicKey key, RsaPublicKey::FromSpkiDer(der));
      KW_RETURN_IF_ERROR(key.CheckImport());
      return key;
    }
    case EVP_PKEY_EC: {
      KW_ASSIGN_OR_RETURN(EcPublicKey key, EcPublicKey::FromSpkiDer(der));
      return key;
    }
    default:
      return OtherAlgorithm();
  }
}

}  // namespace keyward::crypto
