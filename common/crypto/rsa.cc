#include "common/crypto/rsa.h"

#include <openssl/bn.h>
#include <openssl/digest.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ex_data.h>
#include <openssl/rsa.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "common/crypto/der.h"
#include "common/crypto/evp_hash.h"
#include "common/crypto/rsa_weakness.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {

struct RsaPublicKey::State {
  bssl::UniquePtr<EVP_PKEY> key;
  // Where the private part is, if it is elsewhere; `key` points to it.
  std::unique_ptr<const RsaPrivateTransform> transform = nullptr;

  const RSA* rsa() const { return EVP_PKEY_get0_RSA(key.get()); }

  static absl::StatusOr<std::shared_ptr<const State>> Create(bssl::UniquePtr<EVP_PKEY> key) {
    if (EVP_PKEY_id(key.get()) != EVP_PKEY_RSA) {
      return absl::InvalidArgumentError("not an RSA key");
    }
    KW_RETURN_IF_ERROR(CheckRsaLimits(EVP_PKEY_get0_RSA(key.get())));
    return std::make_shared<const State>(State{.key = std::move(key)});
  }
};

namespace {

using PkeyContext = bssl::UniquePtr<EVP_PKEY_CTX>;

constexpr int kSaltAsLongAsDigest = -1;  // BoringSSL has no name for it

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status Failure(absl::string_view message) {
  ERR_clear_error();
  return absl::InvalidArgumentError(message);
}

std::string BigEndian(const BIGNUM* number) {
  std::string bytes(BN_num_bytes(number), '\0');
  BN_bn2bin(number, Bytes(bytes));
  return bytes;
}

// A context is cheap beside the operation, and its settings cannot fail for a key of ours.
PkeyContext NewContext(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*)) {
  PkeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || !init(context.get())) std::abort();
  return context;
}

PkeyContext OaepContext(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*), OaepHash hash) {
  const EVP_MD* md = hash == OaepHash::kSha256 ? EVP_sha256() : EVP_sha1();
  PkeyContext context = NewContext(key, init);
  if (!EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) ||
      !EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md) ||
      !EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md)) {
    std::abort();
  }
  return context;
}

PkeyContext SignatureContext(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*), RsaSignaturePadding padding,
                             HashAlgorithm hash) {
  PkeyContext context = NewContext(key, init);
  const bool pss = padding == RsaSignaturePadding::kPss;
  if (!EVP_PKEY_CTX_set_rsa_padding(context.get(),
                                    pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) ||
      !EVP_PKEY_CTX_set_signature_md(context.get(), EvpHash(hash)) ||
      (pss && (!EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EvpHash(hash)) ||
               !EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), kSaltAsLongAsDigest)))) {
    std::abort();
  }
  return context;
}

}  // namespace

absl::StatusOr<RsaPublicKey> RsaPublicKey::FromSpkiDer(absl::string_view der) {
  KW_ASSIGN_OR_RETURN(auto key, ParseSpkiDer(der));
  KW_ASSIGN_OR_RETURN(auto state, State::Create(std::move(key)));
  return RsaPublicKey(std::move(state));
}

absl::StatusOr<RsaPublicKey> RsaPublicKey::FromSpkiPem(absl::string_view pem) {
  KW_ASSIGN_OR_RETURN(auto key, ParseSpkiPem(pem));
  KW_ASSIGN_OR_RETURN(auto state, State::Create(std::move(key)));
  return RsaPublicKey(std::move(state));
}

absl::Status RsaPublicKey::CheckImport() const {
  return CheckRsaPublicWeakness(EVP_PKEY_get0_RSA(state_->key.get()));
}

absl::StatusOr<RsaPublicKey> RsaPublicKey::FromModulus(absl::string_view modulus,
                                                       absl::string_view exponent) {
  constexpr size_t kMaxSize = 1024;
  if (modulus.size() > kMaxSize || exponent.size() > kMaxSize) {
    return Failure("the members of the RSA key are too long");
  }
  bssl::UniquePtr<BIGNUM> n(BN_bin2bn(Bytes(modulus), modulus.size(), nullptr));
  bssl::UniquePtr<BIGNUM> e(BN_bin2bn(Bytes(exponent), exponent.size(), nullptr));
  bssl::UniquePtr<RSA> rsa(RSA_new());
  if (!n || !e || !rsa || !RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr)) std::abort();
  n.release();
  e.release();
  if (!RSA_check_key(rsa.get())) return Failure("not a sound RSA public key");
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (!key || !EVP_PKEY_assign_RSA(key.get(), rsa.get())) std::abort();
  rsa.release();
  KW_ASSIGN_OR_RETURN(auto state, State::Create(std::move(key)));
  return RsaPublicKey(std::move(state));
}

int RsaPublicKey::bits() const { return static_cast<int>(BN_num_bits(RSA_get0_n(state_->rsa()))); }
std::string RsaPublicKey::modulus() const { return BigEndian(RSA_get0_n(state_->rsa())); }
std::string RsaPublicKey::exponent() const { return BigEndian(RSA_get0_e(state_->rsa())); }
std::string RsaPublicKey::ToSpkiDer() const { return SpkiDer(state_->key.get()); }
std::string RsaPublicKey::ToSpkiPem() const { return SpkiPem(state_->key.get()); }

size_t RsaPublicKey::MaxPlaintext(OaepHash hash) const {
  return size() - 2 * (hash == OaepHash::kSha256 ? 32 : 20) - 2;
}

absl::StatusOr<std::string> RsaPublicKey::Encrypt(absl::string_view plaintext,
                                                  OaepHash hash) const {
  if (plaintext.size() > MaxPlaintext(hash)) {
    return Failure("the plaintext is too long for RSA-OAEP under this key");
  }
  PkeyContext context = OaepContext(state_->key.get(), EVP_PKEY_encrypt_init, hash);
  std::string ciphertext(size(), '\0');
  size_t written = ciphertext.size();
  if (!EVP_PKEY_encrypt(context.get(), Bytes(ciphertext), &written, Bytes(plaintext),
                        plaintext.size()) ||
      written != ciphertext.size()) {
    return Failure("RSA-OAEP encryption failed");
  }
  return ciphertext;
}

absl::Status RsaPublicKey::Verify(RsaSignaturePadding padding, HashAlgorithm hash,
                                  absl::string_view digest, absl::string_view signature) const {
  PkeyContext context = SignatureContext(state_->key.get(), EVP_PKEY_verify_init, padding, hash);
  if (digest.size() != DigestSize(hash) ||
      !EVP_PKEY_verify(context.get(), Bytes(signature), signature.size(), Bytes(digest),
                       digest.size())) {
    return Failure("the signature is not valid");
  }
  return absl::OkStatus();
}

namespace {

// What went wrong in a transform below the present operation of this thread.
thread_local absl::Status transform_status;

int TransformIndex() {
  static const int index = RSA_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int CallTransform(RSA* rsa, uint8_t* out, const uint8_t* in, size_t size) {
  bssl::UniquePtr<BIGNUM> number(BN_bin2bn(in, size, nullptr));
  if (!number || BN_ucmp(number.get(), RSA_get0_n(rsa)) >= 0) return 0;
  const auto* transform =
      static_cast<const RsaPrivateTransform*>(RSA_get_ex_data(rsa, TransformIndex()));
  transform_status = (*transform)(absl::MakeConstSpan(in, size), absl::MakeSpan(out, size));
  return transform_status.ok() ? 1 : 0;
}

// BoringSSL's RSA with the bare private operation replaced.
ENGINE* TransformEngine() {
  static ENGINE* const engine = [] {
    static RSA_METHOD method = {};
    method.common.is_static = 1;
    method.private_transform = CallTransform;
    method.flags = RSA_FLAG_OPAQUE;
    ENGINE* made = ENGINE_new();
    if (made == nullptr || !ENGINE_set_RSA_method(made, &method, sizeof(method))) std::abort();
    return made;
  }();
  return engine;
}

}  // namespace

RsaPrivateKey RsaPrivateKey::FromTransform(const RsaPublicKey& key, RsaPrivateTransform transform) {
  auto state = std::make_shared<RsaPublicKey::State>();
  state->transform = std::make_unique<const RsaPrivateTransform>(std::move(transform));
  bssl::UniquePtr<RSA> rsa(RSA_new_method(TransformEngine()));
  bssl::UniquePtr<BIGNUM> n(BN_dup(RSA_get0_n(key.state_->rsa())));
  bssl::UniquePtr<BIGNUM> e(BN_dup(RSA_get0_e(key.state_->rsa())));
  state->key.reset(EVP_PKEY_new());
  if (!rsa || !n || !e || !state->key || !RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr)) {
    std::abort();
  }
  n.release();
  e.release();
  auto* data = const_cast<RsaPrivateTransform*>(state->transform.get());
  if (!RSA_set_ex_data(rsa.get(), TransformIndex(), data) ||
      !EVP_PKEY_assign_RSA(state->key.get(), rsa.get())) {
    std::abort();
  }
  rsa.release();
  return RsaPrivateKey(RsaPublicKey(std::move(state)));
}

absl::StatusOr<RsaPrivateKey> RsaPrivateKey::Generate(int bits) {
  if (bits != 2048 && bits != 3072 && bits != 4096) {
    return Failure("an RSA key must have 2048, 3072 or 4096 bits");
  }
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (!rsa || !key) std::abort();
  if (!RSA_generate_key_fips(rsa.get(), bits, nullptr)) {
    ERR_clear_error();
    return absl::InternalError("the cryptographic module could not generate an RSA key");
  }
  if (!EVP_PKEY_assign_RSA(key.get(), rsa.get())) std::abort();
  rsa.release();
  KW_ASSIGN_OR_RETURN(auto state, RsaPublicKey::State::Create(std::move(key)));
  return RsaPrivateKey(RsaPublicKey(std::move(state)));
}

absl::StatusOr<RsaPrivateKey> RsaPrivateKey::FromPkcs8(const SecretBytes& der) {
  KW_ASSIGN_OR_RETURN(auto key, ParsePkcs8(der));
  KW_ASSIGN_OR_RETURN(auto state, RsaPublicKey::State::Create(std::move(key)));
  return RsaPrivateKey(RsaPublicKey(std::move(state)));
}

absl::StatusOr<RsaPrivateKey> RsaPrivateKey::ImportPkcs8(const SecretBytes& der) {
  KW_ASSIGN_OR_RETURN(RsaPrivateKey key, FromPkcs8(der));
  KW_RETURN_IF_ERROR(CheckRsaWeakness(EVP_PKEY_get0_RSA(key.public_key_.state_->key.get())));
  return key;
}

SecretBytes RsaPrivateKey::ToPkcs8() const { return Pkcs8(public_key_.state_->key.get()); }

absl::StatusOr<SecretBytes> RsaPrivateKey::Decrypt(absl::string_view ciphertext,
                                                   OaepHash hash) const {
  PkeyContext context = OaepContext(public_key_.state_->key.get(), EVP_PKEY_decrypt_init, hash);
  SecretBytes plaintext = SecretBytes::Zeroed(public_key_.size());
  size_t written = plaintext.size();
  transform_status = absl::OkStatus();
  if (!EVP_PKEY_decrypt(context.get(), plaintext.MutableSecret().data(), &written,
                        Bytes(ciphertext), ciphertext.size())) {
    const absl::Status failure = Failure("RSA decryption failed");
    return transform_status.ok() ? failure : transform_status;
  }
  plaintext.Truncate(written);
  return plaintext;
}

absl::StatusOr<std::string> RsaPrivateKey::Sign(RsaSignaturePadding padding, HashAlgorithm hash,
                                                absl::string_view digest) const {
  if (digest.size() != DigestSize(hash)) {
    return Failure("the digest does not have the size of its hash");
  }
  PkeyContext context =
      SignatureContext(public_key_.state_->key.get(), EVP_PKEY_sign_init, padding, hash);
  std::string signature(public_key_.size(), '\0');
  size_t written = signature.size();
  transform_status = absl::OkStatus();
  if (!EVP_PKEY_sign(context.get(), Bytes(signature), &written, Bytes(digest), digest.size()) ||
      written != signature.size()) {
    ERR_clear_error();
    if (!transform_status.ok()) return transform_status;
    return absl::InternalError("the cryptographic module could not sign");
  }
  return signature;
}

}  // namespace keyward::crypto
