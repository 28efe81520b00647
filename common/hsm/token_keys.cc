#include "common/hsm/token_keys.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "common/hsm/errors.h"
#include "common/hsm/objects.h"
#include "common/hsm/token_object.h"
#include "common/status/status_macros.h"

namespace keyward::hsm {
namespace {

constexpr absl::string_view kExponent("\x01\x00\x01", 3);

unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

Attributes PrivateKeyOf(absl::string_view id) {
  Attributes attributes;
  attributes.AddNumber(CKA_CLASS, CKO_PRIVATE_KEY).AddFlag(CKA_TOKEN, true).Add(CKA_ID, id);
  return attributes;
}

// The DER of the curve's object identifier.
absl::string_view Parameters(crypto::EcCurve curve) {
  switch (curve) {
    case crypto::EcCurve::kP256:
      return "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    case crypto::EcCurve::kP384:
      return absl::string_view("\x06\x05\x2b\x81\x04\x00\x22", 7);
    case crypto::EcCurve::kP521:
      return absl::string_view("\x06\x05\x2b\x81\x04\x00\x23", 7);
  }
  return "";
}

// Makes a pair, of which only the private key stays in the token, and reads attributes of the
// public one.
absl::Status Generate(Token& token, CK_MECHANISM_TYPE type, const Attributes& public_attributes,
                      absl::string_view id, absl::string_view label, bool signs,
                      std::vector<std::pair<CK_ATTRIBUTE_TYPE, std::string*>> wanted) {
  Attributes private_attributes = PrivateKeyOf(id);
  private_attributes.Add(CKA_LABEL, label)
      .AddFlag(CKA_PRIVATE, true)
      .AddFlag(CKA_SENSITIVE, true)
      .AddFlag(CKA_EXTRACTABLE, false)
      .AddFlag(CKA_SIGN, signs)
      .AddFlag(CKA_DECRYPT, !signs)
      .AddFlag(CKA_UNWRAP, false);
  return token.Run("making a key pair", [&](const Session& session) {
    std::vector<CK_ATTRIBUTE> public_list = public_attributes.ToModule();
    std::vector<CK_ATTRIBUTE> private_list = private_attributes.ToModule();
    CK_MECHANISM mechanism = {type, nullptr, 0};
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;
    CK_RV result = session.functions.C_GenerateKeyPair(
        session.handle, &mechanism, public_list.data(), public_list.size(), private_list.data(),
        private_list.size(), &public_key, &private_key);
    for (const auto& [attribute, value] : wanted) {
      if (result == CKR_OK) result = ReadAttribute(session, public_key, attribute, *value);
    }
    if (result == CKR_OK) result = session.functions.C_DestroyObject(session.handle, public_key);
    return result;
  });
}

// Gives `in` to the token, which writes at most `out.size()` bytes to `out`: C_Sign of a digest, or
// C_Decrypt.
CK_RV Use(const Session& session, const TokenObject& object, CK_MECHANISM_TYPE type, bool signs,
          absl::string_view in, absl::Span<uint8_t> out, CK_ULONG& size) {
  CK_OBJECT_HANDLE key = 0;
  CK_RV result = object.Handle(session, key);
  if (result != CKR_OK) return result;
  CK_MECHANISM mechanism = {type, nullptr, 0};
  const CK_FUNCTION_LIST& functions = session.functions;
  result = signs ? functions.C_SignInit(session.handle, &mechanism, key)
                 : functions.C_DecryptInit(session.handle, &mechanism, key);
  if (result != CKR_OK) return result;
  size = out.size();
  result = signs ? functions.C_Sign(session.handle, Bytes(in), in.size(), out.data(), &size)
                 : functions.C_Decrypt(session.handle, Bytes(in), in.size(), out.data(), &size);
  if (result == CKR_OK && size > out.size()) return CKR_GENERAL_ERROR;
  return result;
}

// What a token says when it cannot use a key is never about what it was given, which is of the
// right size and range: it is an outage.
absl::Status OutageOf(const Token& token, absl::Status status) {
  if (status.ok() || absl::IsUnavailable(status)) return status;
  return TokenUnavailable(token.label(), status.message());
}

}  // namespace

absl::StatusOr<crypto::RsaPublicKey> TokenKeys::GenerateRsa(int bits, absl::string_view id,
                                                            absl::string_view label) const {
  Attributes attributes;
  attributes.AddFlag(CKA_TOKEN, false)
      .AddNumber(CKA_MODULUS_BITS, static_cast<CK_ULONG>(bits))
      .Add(CKA_PUBLIC_EXPONENT, kExponent);
  std::string modulus, exponent;
  KW_RETURN_IF_ERROR(Generate(*token_, CKM_RSA_PKCS_KEY_PAIR_GEN, attributes, id, label,
                              /*signs=*/false,
                              {{CKA_MODULUS, &modulus}, {CKA_PUBLIC_EXPONENT, &exponent}}));
  const auto key = crypto::RsaPublicKey::FromModulus(modulus, exponent);
  if (!key.ok()) return TokenRefuses(token_->label(), "it made an RSA key that is not sound");
  return key;
}

absl::StatusOr<crypto::EcPublicKey> TokenKeys::GenerateEc(crypto::EcCurve curve,
                                                          absl::string_view id,
                                                          absl::string_view label) const {
  Attributes attributes;
  attributes.AddFlag(CKA_TOKEN, false).Add(CKA_EC_PARAMS, Parameters(curve));
  std::string point;
  KW_RETURN_IF_ERROR(Generate(*token_, CKM_EC_KEY_PAIR_GEN, attributes, id, label, /*signs=*/true,
                              {{CKA_EC_POINT, &point}}));
  // An uncompressed point, behind the head of an OCTET STRING with most tokens.
  const size_t field = crypto::FieldSize(curve);
  const absl::Status unsound = TokenRefuses(token_->label(), "it made an EC key that is not sound");
  if (point.size() < 1 + 2 * field || point[point.size() - 2 * field - 1] != 4) return unsound;
  const absl::string_view end = absl::string_view(point).substr(point.size() - 2 * field);
  auto key = crypto::EcPublicKey::FromCoordinates(curve, end.substr(0, field), end.substr(field));
  if (!key.ok()) return unsound;
  return key;
}

crypto::RsaPrivateKey TokenKeys::OpenRsa(const crypto::RsaPublicKey& key,
                                         absl::string_view id) const {
  auto object = std::make_shared<const TokenObject>(PrivateKeyOf(id));
  return crypto::RsaPrivateKey::FromTransform(
      key, [token = token_, object](absl::Span<const uint8_t> in, absl::Span<uint8_t> out) {
        const absl::string_view number(reinterpret_cast<const char*>(in.data()), in.size());
        CK_ULONG size = 0;
        const absl::Status status =
            OutageOf(*token, token->Run("using an RSA key", [&](const Session& session) {
              return Use(session, *object, CKM_RSA_X_509, /*signs=*/false, number, out, size);
            }));
        // Some tokens leave leading zeros out.
        if (status.ok() && size < out.size()) {
          std::memmove(out.data() + (out.size() - size), out.data(), size);
          std::memset(out.data(), 0, out.size() - size);
        }
        return status;
      });
}

crypto::EcPrivateKey TokenKeys::OpenEc(const crypto::EcPublicKey& key, absl::string_view id) const {
  auto object = std::make_shared<const TokenObject>(PrivateKeyOf(id));
  const size_t size_of_signature = 2 * crypto::FieldSize(key.curve());
  return crypto::EcPrivateKey::FromSigner(
      key,
      [token = token_, object,
       size_of_signature](absl::string_view digest) -> absl::StatusOr<std::string> {
        std::string signature(size_of_signature, '\0');
        CK_ULONG size = 0;
        KW_RETURN_IF_ERROR(
            OutageOf(*token, token->Run("using an EC key", [&](const Session& session) {
              return Use(session, *object, CKM_ECDSA, /*signs=*/true, digest,
                         absl::MakeSpan(Bytes(signature), signature.size()), size);
            })));
        signature.resize(size);
        return signature;
      });
}

absl::Status TokenKeys::Destroy(absl::string_view id) const {
  return token_->Run("destroying a key", [&](const Session& session) {
    std::vector<CK_OBJECT_HANDLE> found;
    CK_RV result = FindObjects(session, PrivateKeyOf(id), found);
    for (size_t i = 0; i < found.size() && result == CKR_OK; ++i) {
      result = session.functions.C_DestroyObject(session.handle, found[i]);
    }
    return result;
  });
}

}  // namespace keyward::hsm
