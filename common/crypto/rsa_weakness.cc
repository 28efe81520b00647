#include "common/crypto/rsa_weakness.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <cstdint>

#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

absl::Status Weak(absl::string_view why) {
  ERR_clear_error();
  return absl::InvalidArgumentError(why);
}

absl::Status CheckPrime(const BIGNUM* factor, BN_CTX* context) {
  int is_prime = 0;
  if (!BN_primality_test(&is_prime, factor, BN_prime_checks_for_validation, context,
                         /*do_trial_division=*/1, nullptr) ||
      !is_prime) {
    return Weak("a factor of the RSA modulus is not prime");
  }
  return absl::OkStatus();
}

// FIPS 186-4, B.3.1: both factors are half as long as the modulus, or the shorter is easily found.
absl::Status CheckSizes(const RSA* key) {
  const unsigned half = BN_num_bits(RSA_get0_n(key)) / 2;
  if (BN_num_bits(RSA_get0_p(key)) != half || BN_num_bits(RSA_get0_q(key)) != half) {
    return Weak("the factors of the RSA modulus are not both half as long as it");
  }
  return absl::OkStatus();
}

// FIPS 186-4, B.3.3: |p - q| > 2^(bits / 2 - 100), or Fermat's method factors the modulus.
absl::Status CheckDistance(const RSA* key) {
  bssl::UniquePtr<BIGNUM> difference(BN_new());
  if (!difference || !BN_sub(difference.get(), RSA_get0_p(key), RSA_get0_q(key)) ||
      BN_num_bits(difference.get()) <= BN_num_bits(RSA_get0_n(key)) / 2 - 100) {
    return Weak("the factors of the RSA modulus are too close together");
  }
  return absl::OkStatus();
}

// CVE-2017-15361 ("ROCA"): primes of the form k·M + (65537^a mod M), with M the product of small
// primes. Then the modulus is a power of 65537 modulo each of them, which has a probability below
// 2^-27 for other keys.
bool HasRocaFingerprint(const BIGNUM* modulus) {
  static constexpr uint16_t kPrimes[] = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  for (uint32_t prime : kPrimes) {
    const BN_ULONG residue = BN_mod_word(modulus, prime);
    BN_ULONG power = 1;
    bool is_power = residue == power;
    for (uint32_t i = 1; i < prime && !is_power; ++i) {
      power = power * 65537 % prime;
      is_power = residue == power;
    }
    if (!is_power) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckRsaLimits(const RSA* key) {
  const unsigned bits = BN_num_bits(RSA_get0_n(key));
  if (bits != 2048 && bits != 3072 && bits != 4096) {
    return absl::InvalidArgumentError("an RSA key must have 2048, 3072 or 4096 bits");
  }
  const BIGNUM* exponent = RSA_get0_e(key);
  if (!BN_is_odd(exponent) || BN_num_bits(exponent) <= 16) {
    return absl::InvalidArgumentError("the exponent of an RSA key must be odd and at least 65537");
  }
  return absl::OkStatus();
}

absl::Status CheckRsaPublicWeakness(RSA* key) {
  if (HasRocaFingerprint(RSA_get0_n(key))) {
    return Weak("the RSA key comes from the broken generator of CVE-2017-15361");
  }
  for (uint32_t factor = 3; factor < 1 << 16; factor += 2) {
    if (BN_mod_word(RSA_get0_n(key), factor) == 0)
      return Weak("the RSA modulus has a small factor");
  }
  // Of a public key: that the modulus is neither a prime nor a power of one (SP 800-89, 5.3.3).
  if (!RSA_check_fips(key)) return Weak("the RSA key failed the checks of FIPS 140");
  return absl::OkStatus();
}

absl::Status CheckRsaWeakness(RSA* key) {
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  if (!context) return absl::ResourceExhaustedError("out of memory");
  KW_RETURN_IF_ERROR(CheckSizes(key));
  KW_RETURN_IF_ERROR(CheckDistance(key));
  KW_RETURN_IF_ERROR(CheckPrime(RSA_get0_p(key), context.get()));
  KW_RETURN_IF_ERROR(CheckPrime(RSA_get0_q(key), context.get()));
  return CheckRsaPublicWeakness(key);
}

}  // namespace keyward::crypto
