#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/key_import.h"
#include "common/crypto/key_numbers.h"
#include "common/crypto/secret_memory.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

using nlohmann::json;

absl::Status Error(absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat("JWK: ", message));
}

int Base64UrlDigit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

// Of what has one spelling only: no padding, no whitespace, no bits left over that are not zero.
std::optional<SecretBytes> DecodeBase64Url(absl::string_view text) {
  SecretBytes bytes = SecretBytes::Zeroed(text.size() * 6 / 8);
  uint32_t bits = 0;
  int count = 0;
  size_t written = 0;
  for (char c : text) {
    const int digit = Base64UrlDigit(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(digit)) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.MutableSecret()[written++] = static_cast<uint8_t>(bits >> count);
  }
  if (count >= 6 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

// A parsed JWK whose strings are wiped when it goes.
class Members {
 public:
  explicit Members(json object) : object_(std::move(object)) {}
  ~Members() {
    for (json& value : object_) {
      if (!value.is_string()) continue;
      auto& text = value.get_ref<std::string&>();
      WipeMemory(text.data(), text.size());
    }
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  bool Has(const std::string& name) const { return object_.contains(name); }

  absl::StatusOr<std::string> Text(const std::string& name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) return Error(absl::StrCat("the member '", name, "' is missing"));
    if (!found->is_string()) return Error(absl::StrCat("the member '", name, "' is no string"));
    return found->get<std::string>();
  }

  // A member that is base64url, decoded.
  absl::StatusOr<SecretBytes> Bytes(const std::string& name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) return Error(absl::StrCat("the member '", name, "' is missing"));
    std::optional<SecretBytes> bytes;
    if (found->is_string()) bytes = DecodeBase64Url(found->get_ref<const std::string&>());
    if (!bytes.has_value() || bytes->empty()) {
      return Error(absl::StrCat("the member '", name, "' is no base64url without padding"));
    }
    return *std::move(bytes);
  }

  absl::StatusOr<std::vector<std::string>> KeyOps() const {
    std::vector<std::string> key_ops;
    const auto found = object_.find("key_ops");
    if (found == object_.end()) return key_ops;
    if (!found->is_array()) return Error("the member 'key_ops' is no array of strings");
    for (const json& value : *found) {
      if (!value.is_string()) return Error("the member 'key_ops' is no array of strings");
      key_ops.push_back(value.get<std::string>());
    }
    return key_ops;
  }

 private:
  json object_;
};

// Whether the key is private: that it has d, and then all the others of RSA too.
absl::StatusOr<bool> IsPrivateRsa(const Members& members) {
  if (members.Has("oth")) return Error("RSA with more than two primes ('oth') is not taken");
  std::vector<std::string> present;
  std::vector<std::string> missing;
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi"}) {
    (members.Has(name) ? present : missing).emplace_back(name);
  }
  if (present.empty()) return false;
  if (missing.empty()) return true;
  return Error(absl::StrCat("a private RSA key needs all of d p q dp dq qi; missing: ",
                            absl::StrJoin(missing, " ")));
}

absl::StatusOr<ImportedKey> ImportRsa(const Members& members) {
  KW_ASSIGN_OR_RETURN(const bool is_private, IsPrivateRsa(members));
  RsaNumbers numbers;
  KW_ASSIGN_OR_RETURN(numbers.n, members.Bytes("n"));
  KW_ASSIGN_OR_RETURN(numbers.e, members.Bytes("e"));
  if (!is_private) {
    KW_ASSIGN_OR_RETURN(RsaPublicKey key, RsaPublicKey::FromModulus(numbers.n.ExposeSecret(),
                                                                    numbers.e.ExposeSecret()));
    KW_RETURN_IF_ERROR(key.CheckImport());
    return key;
  }
  KW_ASSIGN_OR_RETURN(numbers.d, members.Bytes("d"));
  KW_ASSIGN_OR_RETURN(numbers.p, members.Bytes("p"));
  KW_ASSIGN_OR_RETURN(numbers.q, members.Bytes("q"));
  KW_ASSIGN_OR_RETURN(numbers.dp, members.Bytes("dp"));
  KW_ASSIGN_OR_RETURN(numbers.dq, members.Bytes("dq"));
  KW_ASSIGN_OR_RETURN(numbers.qi, members.Bytes("qi"));
  KW_ASSIGN_OR_RETURN(const SecretBytes pkcs8, ToPkcs8(numbers));
  KW_ASSIGN_OR_RETURN(RsaPrivateKey key, RsaPrivateKey::ImportPkcs8(pkcs8));
  return key;
}

absl::StatusOr<EcCurve> CurveOf(const Members& members) {
  KW_ASSIGN_OR_RETURN(const std::string name, members.Text("crv"));
  if (name == "P-256") return EcCurve::kP256;
  if (name == "P-384") return EcCurve::kP384;
  if (name == "P-521") return EcCurve::kP521;
  return Error("'crv' must be P-256, P-384 or P-521");
}

absl::StatusOr<ImportedKey> ImportEc(const Members& members) {
  EcNumbers numbers;
  KW_ASSIGN_OR_RETURN(numbers.curve, CurveOf(members));
  KW_ASSIGN_OR_RETURN(numbers.x, members.Bytes("x"));
  KW_ASSIGN_OR_RETURN(numbers.y, members.Bytes("y"));
  if (!members.Has("d")) {
    KW_ASSIGN_OR_RETURN(EcPublicKey key,
                        EcPublicKey::FromCoordinates(numbers.curve, numbers.x.ExposeSecret(),
                                                     numbers.y.ExposeSecret()));
    return key;
  }
  KW_ASSIGN_OR_RETURN(numbers.d, members.Bytes("d"));
  KW_ASSIGN_OR_RETURN(const SecretBytes pkcs8, ToPkcs8(numbers));
  KW_ASSIGN_OR_RETURN(EcPrivateKey key, EcPrivateKey::FromPkcs8(pkcs8));
  return key;
}

absl::StatusOr<ImportedKey> ImportOct(const Members& members) {
  KW_ASSIGN_OR_RETURN(SecretBytes k, members.Bytes("k"));
  absl::StatusOr<AesKey> key = AesKey::Create(std::move(k));
  if (!key.ok()) return Error("'k' must have 32 bytes, an AES-256 key");
  return *std::move(key);
}

absl::StatusOr<ImportedKey> ImportKey(const Members& members) {
  KW_ASSIGN_OR_RETURN(const std::string kty, members.Text("kty"));
  if (kty == "RSA") return ImportRsa(members);
  if (kty == "EC") return ImportEc(members);
  if (kty == "oct") return ImportOct(members);
  return Error("'kty' must be RSA, EC or oct");
}

}  // namespace

absl::StatusOr<ImportedJwk> ImportJwk(const SecretBytes& json) {
  KW_ASSIGN_OR_RETURN(nlohmann::json object, ParseStrictJsonObject(json.ExposeSecret()));
  const Members members(std::move(object));
  KW_ASSIGN_OR_RETURN(ImportedKey key, ImportKey(members));
  KW_ASSIGN_OR_RETURN(std::vector<std::string> key_ops, members.KeyOps());
  return ImportedJwk{std::move(key), std::move(key_ops)};
}

}  // namespace keyward::crypto
