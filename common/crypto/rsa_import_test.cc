#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/bytestring.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"

// Keys that a sound generator never makes have to be put together from numbers.
namespace keyward::crypto {
namespace {

using Number = bssl::UniquePtr<BIGNUM>;

Number New() { return Number(BN_new()); }

// A random number of the given size, odd, with its two highest bits set.
Number Odd(int bits) {
  Number number = New();
  EXPECT_TRUE(BN_rand(number.get(), bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD));
  return number;
}

bool IsPrime(const BIGNUM* number) {
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  return BN_is_prime_fasttest_ex(number, BN_prime_checks, context.get(), 1, nullptr) == 1;
}

// Whether 65537 has an inverse modulo `factor` - 1.
bool SuitsTheExponent(const BIGNUM* factor) { return BN_mod_word(factor, 65537) != 1; }

Number Prime(int bits) {
  Number number = Odd(bits);
  while (!IsPrime(number.get()) || !SuitsTheExponent(number.get())) number = Odd(bits);
  return number;
}

Number Minus1(const BIGNUM* number) {
  Number result(BN_dup(number));
  EXPECT_TRUE(BN_sub_word(result.get(), 1));
  return result;
}

// PKCS #8 of the key with these factors, prime or not, the larger first.
SecretBytes MakeKey(const Number& p, const Number& q) {
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  const Number p1 = Minus1(p.get());
  const Number q1 = Minus1(q.get());
  Number n = New(), e = New(), d = New(), dp = New(), dq = New(), inverse = New(), phi = New(),
         gcd = New(), lcm = New();
  EXPECT_TRUE(BN_mul(n.get(), p.get(), q.get(), context.get()));
  EXPECT_TRUE(BN_set_word(e.get(), 65537));
  EXPECT_TRUE(BN_mul(phi.get(), p1.get(), q1.get(), context.get()));
  EXPECT_TRUE(BN_gcd(gcd.get(), p1.get(), q1.get(), context.get()));
  EXPECT_TRUE(BN_div(lcm.get(), nullptr, phi.get(), gcd.get(), context.get()));
  EXPECT_TRUE(BN_mod_inverse(d.get(), e.get(), lcm.get(), context.get()));
  EXPECT_TRUE(BN_mod(dp.get(), d.get(), p1.get(), context.get()));
  EXPECT_TRUE(BN_mod(dq.get(), d.get(), q1.get(), context.get()));
  EXPECT_TRUE(BN_mod_inverse(inverse.get(), q.get(), p.get(), context.get()));
  bssl::UniquePtr<RSA> rsa(RSA_new());
  EXPECT_TRUE(RSA_set0_key(rsa.get(), n.release(), e.release(), d.release()));
  EXPECT_TRUE(RSA_set0_factors(rsa.get(), BN_dup(p.get()), BN_dup(q.get())));
  EXPECT_TRUE(RSA_set0_crt_params(rsa.get(), dp.release(), dq.release(), inverse.release()));
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  EXPECT_TRUE(EVP_PKEY_set1_RSA(key.get(), rsa.get()));
  bssl::ScopedCBB writer;
  EXPECT_TRUE(CBB_init(writer.get(), 0) && EVP_marshal_private_key(writer.get(), key.get()) &&
              CBB_flush(writer.get()));
  return SecretBytes::CopyOf(
      {reinterpret_cast<const char*>(CBB_data(writer.get())), CBB_len(writer.get())});
}

SecretBytes MakeOrderedKey(Number p, Number q) {
  if (BN_cmp(p.get(), q.get()) < 0) std::swap(p, q);
  return MakeKey(p, q);
}

void ExpectRefused(const SecretBytes& key, absl::string_view why) {
  const absl::Status status = RsaPrivateKey::ImportPkcs8(key).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_TRUE(absl::StrContains(status.message(), why)) << status;
}

TEST(RsaImportTest, TakesASoundKey) {
  EXPECT_TRUE(RsaPrivateKey::ImportPkcs8(MakeOrderedKey(Prime(1024), Prime(1024))).ok());
}

TEST(RsaImportTest, RefusesOtherSizes) {
  ExpectRefused(MakeOrderedKey(Prime(512), Prime(512)), "2048, 3072 or 4096");
  ExpectRefused(MakeOrderedKey(Prime(1024), Prime(1032)), "2048, 3072 or 4096");
}

TEST(RsaImportTest, RefusesFactorsThatAreClose) {
  const Number p = Prime(1024);
  Number q(BN_dup(p.get()));
  do {
    ASSERT_TRUE(BN_add_word(q.get(), 2));
  } while (!IsPrime(q.get()) || !SuitsTheExponent(q.get()));
  ExpectRefused(MakeKey(q, p), "close together");
}

TEST(RsaImportTest, RefusesAFactorThatIsNotPrime) {
  Number composite = Odd(1024);
  // Trial division alone would find a small factor: this one has large ones.
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  do {
    const Number a = Prime(512);
    const Number b = Prime(512);
    ASSERT_TRUE(BN_mul(composite.get(), a.get(), b.get(), context.get()));
  } while (!SuitsTheExponent(composite.get()) || !BN_is_bit_set(composite.get(), 1023));
  ExpectRefused(MakeOrderedKey(std::move(composite), Prime(1024)), "not prime");
}

// A prime k·M + (65537^a mod M), as the broken generator made it, with M the product of the odd
// primes up to 167 (and 2, which 65537^a covers).
Number RocaPrime() {
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  Number m = New();
  EXPECT_TRUE(BN_set_word(m.get(), 2));
  for (uint32_t candidate = 3; candidate <= 167; candidate += 2) {
    Number word = New();
    EXPECT_TRUE(BN_set_word(word.get(), candidate));
    if (IsPrime(word.get())) {
      EXPECT_TRUE(BN_mul_word(m.get(), candidate));
    }
  }
  Number base = New(), power = New(), prime = New();
  EXPECT_TRUE(BN_set_word(base.get(), 65537));
  do {
    const Number a = Odd(60);
    const Number k = Odd(1024 - BN_num_bits(m.get()) + 1);
    EXPECT_TRUE(BN_mod_exp(power.get(), base.get(), a.get(), m.get(), context.get()));
    EXPECT_TRUE(BN_mul(prime.get(), k.get(), m.get(), context.get()));
    EXPECT_TRUE(BN_add(prime.get(), prime.get(), power.get()));
  } while (BN_num_bits(prime.get()) != 1024 || !BN_is_bit_set(prime.get(), 1022) ||
           !IsPrime(prime.get()) || !SuitsTheExponent(prime.get()));
  return prime;
}

TEST(RsaImportTest, RefusesTheFingerprintOfABrokenGenerator) {
  ExpectRefused(MakeOrderedKey(RocaPrime(), RocaPrime()), "CVE-2017-15361");
}

TEST(RsaImportTest, RefusesAShortFactor) {
  ExpectRefused(MakeOrderedKey(Prime(1984), Prime(64)), "half as long");
}

// The public key with this modulus and the exponent 65537.
absl::Status CheckPublic(const BIGNUM* modulus) {
  std::string bytes(BN_num_bytes(modulus), '\0');
  BN_bn2bin(modulus, reinterpret_cast<uint8_t*>(bytes.data()));
  const auto key = RsaPublicKey::FromModulus(bytes, absl::string_view("\x01\x00\x01", 3));
  return key.ok() ? key->CheckImport() : key.status();
}

TEST(RsaImportTest, RefusesPublicKeysThatShowTheirWeakness) {
  bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  const Number p = Prime(1024);
  Number modulus = New();
  ASSERT_TRUE(BN_mul(modulus.get(), p.get(), Prime(1024).get(), context.get()));
  EXPECT_EQ(CheckPublic(modulus.get()), absl::OkStatus());
  ASSERT_TRUE(BN_mul(modulus.get(), Odd(2032).get(), Prime(16).get(), context.get()));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckPublic(modulus.get())));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckPublic(Prime(2048).get())));
  ASSERT_TRUE(BN_mul(modulus.get(), RocaPrime().get(), RocaPrime().get(), context.get()));
  EXPECT_TRUE(absl::StrContains(CheckPublic(modulus.get()).message(), "CVE-2017-15361"));
}

}  // namespace
}  // namespace keyward::crypto
