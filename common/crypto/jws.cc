#include "common/crypto/jws.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/hash.h"
#include "common/crypto/strict_json.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

constexpr absl::string_view kAlgorithm = "ES256";

absl::Status Refused(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("the JWS is not valid: ", why));
}

bool IsPlainText(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyIdSize &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

// The library's decoder is lenient (padding, spaces, spare bits), which would give one signature
// many spellings: only the one that its encoder writes is taken.
absl::StatusOr<std::string> Base64UrlDecode(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || absl::WebSafeBase64Escape(bytes) != text) {
    return Refused("a part is not base64url without padding");
  }
  return bytes;
}

absl::StatusOr<std::string> StringMember(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return Refused(absl::StrCat("the header has no string ", name));
  }
  return member->get<std::string>();
}

struct Header {
  std::string key_id;
  std::string type;
};

absl::StatusOr<Header> ParseHeader(absl::string_view text) {
  const auto members = ParseStrictJsonObject(text);
  if (!members.ok()) return Refused("the header is not a strict JSON object");
  KW_ASSIGN_OR_RETURN(const std::string algorithm, StringMember(*members, "alg"));
  if (algorithm != kAlgorithm) return Refused("the algorithm is not ES256");
  Header header;
  KW_ASSIGN_OR_RETURN(header.key_id, StringMember(*members, "kid"));
  KW_ASSIGN_OR_RETURN(header.type, StringMember(*members, "typ"));
  if (members->size() != 3) return Refused("the header has members other than alg, kid and typ");
  if (!IsPlainText(header.key_id) || !IsPlainText(header.type)) {
    return Refused("the header's kid or typ is malformed");
  }
  return header;
}

}  // namespace

absl::StatusOr<std::string> SignJws(const EcPrivateKey& key, absl::string_view key_id,
                                    absl::string_view type, absl::string_view payload) {
  if (key.public_key().curve() != EcCurve::kP256) {
    return absl::InvalidArgumentError("ES256 takes a key on P-256");
  }
  if (!IsPlainText(key_id) || !IsPlainText(type)) {
    return absl::InvalidArgumentError("the key id or the type is malformed");
  }
  KW_RETURN_IF_ERROR(ParseStrictJsonObject(payload).status());
  const nlohmann::json header = {
      {"alg", std::string(kAlgorithm)}, {"kid", std::string(key_id)}, {"typ", std::string(type)}};
  std::string jws = absl::StrCat(absl::WebSafeBase64Escape(header.dump()), ".",
                                 absl::WebSafeBase64Escape(payload));
  KW_ASSIGN_OR_RETURN(const std::string signature, key.Sign(Sha256(jws)));
  absl::StrAppend(&jws, ".", absl::WebSafeBase64Escape(signature));
  if (jws.size() > kMaxJwsSize) return absl::InvalidArgumentError("a JWS has at most 8 KiB");
  return jws;
}

absl::StatusOr<UnverifiedJws> ParseJws(absl::string_view compact) {
  if (compact.size() > kMaxJwsSize) return Refused("it has more than 8 KiB");
  const std::vector<absl::string_view> parts = absl::StrSplit(compact, '.');
  if (parts.size() != 3) return Refused("it does not have three parts");
  KW_ASSIGN_OR_RETURN(const std::string header_text, Base64UrlDecode(parts[0]));
  KW_ASSIGN_OR_RETURN(Header header, ParseHeader(header_text));
  UnverifiedJws jws;
  jws.key_id = std::move(header.key_id);
  jws.type = std::move(header.type);
  KW_ASSIGN_OR_RETURN(jws.payload, Base64UrlDecode(parts[1]));
  if (!ParseStrictJsonObject(jws.payload).ok()) {
    return Refused("the payload is not a strict JSON object");
  }
  KW_ASSIGN_OR_RETURN(jws.signature, Base64UrlDecode(parts[2]));
  if (jws.signature.size() != 2 * FieldSize(EcCurve::kP256)) {
    return Refused("the signature does not have 64 bytes");
  }
  jws.signing_input = std::string(compact.substr(0, compact.rfind('.')));
  return jws;
}

absl::Status VerifyParsedJws(const UnverifiedJws& jws, absl::string_view type,
                             const EcPublicKey& key) {
  if (jws.type != type) return Refused(absl::StrCat("its type is not ", type));
  if (key.curve() != EcCurve::kP256 || !key.Verify(Sha256(jws.signing_input), jws.signature).ok()) {
    return Refused("the signature does not verify");
  }
  return absl::OkStatus();
}

absl::StatusOr<VerifiedJws> VerifyJws(absl::string_view compact, absl::string_view type,
                                      JwsKeyFinder find_key) {
  KW_ASSIGN_OR_RETURN(UnverifiedJws jws, ParseJws(compact));
  if (jws.type != type) return Refused(absl::StrCat("its type is not ", type));
  KW_ASSIGN_OR_RETURN(const EcPublicKey key, find_key(jws.key_id));
  KW_RETURN_IF_ERROR(VerifyParsedJws(jws, type, key));
  return VerifiedJws{std::move(jws.key_id), std::move(jws.payload)};
}

}  // namespace keyward::crypto
