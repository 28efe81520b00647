#include "common/crypto/key_import.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"
#include "common/encoding/hex.h"

namespace keyward::crypto {
namespace {

using nlohmann::json;

// Base64 in lines, as PEM has it.
std::string Pem(absl::string_view label, absl::string_view der) {
  std::string pem = absl::StrCat("-----BEGIN ", label, "-----\n");
  const std::string base64 = absl::Base64Escape(der);
  for (size_t i = 0; i < base64.size(); i += 64) absl::StrAppend(&pem, base64.substr(i, 64), "\n");
  return absl::StrCat(pem, "-----END ", label, "-----\n");
}

std::string Encode(const std::string& bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

absl::StatusOr<ImportedJwk> FromJson(const json& jwk) {
  return ImportJwk(SecretBytes::CopyOf(jwk.dump()));
}

// A private RSA key of 2048 bits that somebody else made, in each form.
const WycheproofVector& Vector() {
  static const auto& vectors = *new std::vector<WycheproofVector>(
      LoadWycheproof("rsa_oaep_2048_sha256_mgf1sha256_test.json"));
  return vectors.front();
}
json RsaJwk() { return Vector().Group("privateKeyJwk"); }
std::string RsaDer() { return Vector().Bytes("privateKeyPkcs8"); }

json EcJwk(const EcPrivateKey& key) {
  // The scalar is the first octet string of the ECPrivateKey inside, 32 bytes after "04 20".
  const std::string der(key.ToPkcs8().ExposeSecret());
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"x", Encode(key.public_key().x())},
          {"y", Encode(key.public_key().y())},
          {"d", Encode(der.substr(der.find("\x02\x01\x01\x04\x20") + 5, 32))}};
}

void ExpectRefused(const absl::Status& status, absl::string_view why) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), why)) << status;
}

TEST(KeyImportTest, EveryFormOfAnRsaKeyIsTheSameKey) {
  const auto der = ImportPkcs8(SecretBytes::CopyOf(RsaDer()));
  const auto pem = ImportPkcs8(SecretBytes::CopyOf(Pem("PRIVATE KEY", RsaDer())));
  const auto jwk = FromJson(RsaJwk());
  ASSERT_TRUE(der.ok()) << der.status();
  ASSERT_TRUE(pem.ok()) << pem.status();
  ASSERT_TRUE(jwk.ok()) << jwk.status();
  const SecretBytes expected = std::get<RsaPrivateKey>(*der).ToPkcs8();
  EXPECT_EQ(std::get<RsaPrivateKey>(*pem).ToPkcs8(), expected);
  EXPECT_EQ(std::get<RsaPrivateKey>(jwk->key).ToPkcs8(), expected);
}

TEST(KeyImportTest, EveryFormOfAnEcKeyIsTheSameKey) {
  const EcPrivateKey key = EcPrivateKey::Generate(EcCurve::kP256);
  const std::string der(key.ToPkcs8().ExposeSecret());
  const auto from_der = ImportPkcs8(SecretBytes::CopyOf(der));
  const auto from_pem = ImportPkcs8(SecretBytes::CopyOf(Pem("PRIVATE KEY", der)));
  const auto from_jwk = FromJson(EcJwk(key));
  ASSERT_TRUE(from_der.ok() && from_pem.ok());
  ASSERT_TRUE(from_jwk.ok()) << from_jwk.status();
  for (const ImportedKey* other : {&*from_der, &*from_pem, &from_jwk->key}) {
    EXPECT_EQ(std::get<EcPrivateKey>(*other).ToPkcs8(), key.ToPkcs8());
  }
}

TEST(KeyImportTest, PublicKeysComeAlone) {
  const RsaPublicKey rsa = std::get<RsaPrivateKey>(FromJson(RsaJwk())->key).public_key();
  const EcPublicKey ec = EcPrivateKey::Generate(EcCurve::kP521).public_key();
  EXPECT_EQ(std::get<RsaPublicKey>(*ImportSpki(rsa.ToSpkiPem())).ToSpkiDer(), rsa.ToSpkiDer());
  EXPECT_EQ(std::get<EcPublicKey>(*ImportSpki(ec.ToSpkiDer())).ToSpkiDer(), ec.ToSpkiDer());
  const json rsa_jwk = {{"kty", "RSA"}, {"n", RsaJwk()["n"]}, {"e", "AQAB"}};
  EXPECT_EQ(std::get<RsaPublicKey>(FromJson(rsa_jwk)->key).ToSpkiDer(), rsa.ToSpkiDer());
  const json ec_jwk = {
      {"kty", "EC"}, {"crv", "P-521"}, {"x", Encode(ec.x())}, {"y", Encode(ec.y())}};
  EXPECT_EQ(std::get<EcPublicKey>(FromJson(ec_jwk)->key).ToSpkiDer(), ec.ToSpkiDer());
}

TEST(KeyImportTest, OctetsAreAnAesKeyOf32Bytes) {
  const SecretBytes bytes = SecretBytes::Random(32);
  const json jwk = {{"kty", "oct"},
                    {"k", Encode(std::string(bytes.ExposeSecret()))},
                    {"key_ops", {"encrypt", "decrypt"}}};
  const auto imported = FromJson(jwk);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(std::get<AesKey>(imported->key).bytes(), bytes);
  EXPECT_EQ(imported->key_ops, (std::vector<std::string>{"encrypt", "decrypt"}));
  for (size_t size : {1, 16, 24, 31, 33}) {
    ExpectRefused(FromJson({{"kty", "oct"}, {"k", Encode(std::string(size, 'k'))}}).status(),
                  "32 bytes");
  }
}

TEST(KeyImportTest, RsaPartsThatDoNotBelongTogetherAreToldApart) {
  const auto with = [](const char* member, const json& value) {
    json jwk = RsaJwk();
    jwk[member] = value;
    return FromJson(jwk).status();
  };
  for (const char* crt : {"dp", "dq", "qi"}) ExpectRefused(with(crt, "AQAB"), "CRT parameters");
  ExpectRefused(with("p", RsaJwk()["q"]), "product of the primes");
  ExpectRefused(with("d", "AQAB"), "private exponent does not undo");
  ExpectRefused(with("d", RsaJwk()["n"]), "not below the modulus");
  ExpectRefused(with("e", "Ag"), "exponent");
  ExpectRefused(with("e", "Aw"), "private exponent does not undo");
  ExpectRefused(with("n", Encode(std::string(2000, 'n'))), "too long");
  ExpectRefused(with("oth", json::array({{{"r", "AQ"}, {"d", "AQ"}, {"t", "AQ"}}})),
                "more than two primes");
}

TEST(KeyImportTest, MissingAndMalformedMembersAreNamed) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) {
    json jwk = RsaJwk();
    jwk.erase(member);
    ExpectRefused(FromJson(jwk).status(), absl::StrCat("missing: ", member));
  }
  json jwk = RsaJwk();
  jwk.erase("n");
  ExpectRefused(FromJson(jwk).status(), "'n' is missing");
  const std::string n = RsaJwk()["n"];
  for (const json& bad : {json(n + "="), json(n + "\n"), json("a"), json("+/8"), json(""),
                          json("AB"), json(7), json()}) {
    jwk["n"] = bad;
    ExpectRefused(FromJson(jwk).status(), "'n' is no base64url");
  }
  ExpectRefused(FromJson({{"kty", "OKP"}}).status(), "'kty' must be");
  ExpectRefused(FromJson({{"kty", 1}}).status(), "'kty' is no string");
  ExpectRefused(FromJson({{"kty", "EC"}, {"crv", "secp256k1"}}).status(), "'crv' must be");
  ExpectRefused(ImportJwk(SecretBytes::CopyOf("{\"kty\":\"oct\",\"kty\":\"oct\"}")).status(),
                "strict JSON");
}

TEST(KeyImportTest, PointsOffTheCurveAndForeignPublicPartsAreRefused) {
  const EcPrivateKey key = EcPrivateKey::Generate(EcCurve::kP256);
  const EcPublicKey other = EcPrivateKey::Generate(EcCurve::kP256).public_key();
  json jwk = EcJwk(key);
  jwk["x"] = Encode(other.x());
  ExpectRefused(FromJson(jwk).status(), "not a point of the curve");
  jwk["y"] = Encode(other.y());
  ExpectRefused(FromJson(jwk).status(), "public part does not belong to the private part");
  jwk["x"] = Encode(other.x().substr(1));
  ExpectRefused(FromJson(jwk).status(), "32 bytes each");
  jwk = EcJwk(key);
  jwk["d"] = Encode(std::string(32, '\xff'));
  EXPECT_FALSE(FromJson(jwk).ok()) << "a scalar not below the order";
  jwk["d"] = Encode(std::string(32, '\0'));
  EXPECT_FALSE(FromJson(jwk).ok()) << "zero";
}

TEST(KeyImportTest, OtherFilesAreCalledWhatTheyAre) {
  ExpectRefused(ImportPkcs8(SecretBytes::CopyOf(Pem("RSA PRIVATE KEY", RsaDer()))).status(),
                "openssl pkcs8 -topk8");
  ExpectRefused(ImportPkcs8(SecretBytes::CopyOf(Pem("ENCRYPTED PRIVATE KEY", "x"))).status(),
                "openssl pkcs8 -topk8");
  ExpectRefused(ImportPkcs8(SecretBytes::CopyOf(RsaDer() + "x")).status(), "not a sound private");
  // Ed25519.
  const std::string okp = *HexToBytes(
      "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f4475"
      "5842");
  ExpectRefused(ImportPkcs8(SecretBytes::CopyOf(okp)).status(), "neither");
  ExpectRefused(ImportSpki(RsaDer()).status(), "SubjectPublicKeyInfo");
}

// Whatever is wrong with a key, no error repeats a part of it.
TEST(KeyImportTest, ErrorsDoNotTellTheKey) {
  const json whole = RsaJwk();
  for (const auto& [name, value] : whole.items()) {
    if (!value.is_string()) continue;
    json jwk = whole;
    jwk[name] = std::string(value) + "!";
    const absl::Status status = FromJson(jwk).status();
    for (const auto& [other, secret] : whole.items()) {
      if (!secret.is_string() || std::string(secret).size() < 8) continue;
      EXPECT_FALSE(absl::StrContains(status.message(), std::string(secret).substr(0, 8))) << name;
    }
  }
}

}  // namespace
}  // namespace keyward::crypto
