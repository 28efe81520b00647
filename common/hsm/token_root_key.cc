#include "common/hsm/token_root_key.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/hsm/errors.h"
#include "common/hsm/objects.h"
#include "common/status/status_macros.h"

namespace keyward::hsm {
namespace {

constexpr char kSealVersion = 2;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;
constexpr CK_ULONG kKeySize = 32;

// Never null, which modules take for a wrong argument even where there are no bytes.
unsigned char* Bytes(absl::string_view text) {
  static unsigned char none = 0;
  if (text.empty()) return &none;
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

Attributes Wanted(const std::string& label) {
  Attributes attributes;
  attributes.AddNumber(CKA_CLASS, CKO_SECRET_KEY).AddFlag(CKA_TOKEN, true).Add(CKA_LABEL, label);
  return attributes;
}

// AES-GCM with its parameters; what it points to must outlive it.
class Gcm {
 public:
  Gcm(absl::string_view nonce, absl::string_view context)
      : parameters_{Bytes(nonce),   nonce.size(),   8 * nonce.size(),
                    Bytes(context), context.size(), 8 * kTagSize},
        mechanism_{CKM_AES_GCM, &parameters_, sizeof(parameters_)} {}
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;

  CK_MECHANISM* mechanism() { return &mechanism_; }

 private:
  CK_GCM_PARAMS parameters_;
  CK_MECHANISM mechanism_;
};

absl::Status DoesNotOpen() {
  return absl::InvalidArgumentError("the sealed secret does not authenticate");
}

}  // namespace

TokenRootKey::TokenRootKey(std::shared_ptr<Token> token, std::string label, std::string id)
    : token_(std::move(token)),
      label_(std::move(label)),
      id_(std::move(id)),
      key_(Wanted(label_).Add(CKA_ID, id_)) {}

absl::StatusOr<std::unique_ptr<TokenRootKey>> TokenRootKey::Find(std::shared_ptr<Token> token,
                                                                 const std::string& label,
                                                                 absl::string_view id) {
  std::vector<std::string> ids;
  KW_RETURN_IF_ERROR(token->Run("looking for the root key", [&](const Session& session) {
    ids.clear();
    Attributes wanted = Wanted(label);
    if (!id.empty()) wanted.Add(CKA_ID, id);
    std::vector<CK_OBJECT_HANDLE> found;
    CK_RV result = FindObjects(session, wanted, found);
    for (size_t i = 0; i < found.size() && result == CKR_OK; ++i) {
      result = ReadAttribute(session, found[i], CKA_ID, ids.emplace_back());
    }
    return result;
  }));
  if (ids.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the token ", token->label(), " has no key with the label ", label,
                     id.empty() ? "" : " and the id that this database needs"));
  }
  std::string lowest = *std::min_element(ids.begin(), ids.end());
  if (lowest.size() != crypto::kRootKeyIdSize) {
    return TokenRefuses(token->label(), absl::StrCat("the key ", label,
                                                     " has no CKA_ID of 8 bytes, so it is none "
                                                     "of Keyward's; choose another object"));
  }
  auto key = absl::WrapUnique(new TokenRootKey(std::move(token), label, std::move(lowest)));
  KW_RETURN_IF_ERROR(key->CheckAttributes());
  return key;
}

absl::StatusOr<std::unique_ptr<TokenRootKey>> TokenRootKey::Create(std::shared_ptr<Token> token,
                                                                   const std::string& label) {
  const std::string id = crypto::RandomBytes(crypto::kRootKeyIdSize);
  Attributes attributes = Wanted(label);
  attributes.Add(CKA_ID, id)
      .AddNumber(CKA_KEY_TYPE, CKK_AES)
      .AddNumber(CKA_VALUE_LEN, kKeySize)
      .AddFlag(CKA_PRIVATE, true)
      .AddFlag(CKA_SENSITIVE, true)
      .AddFlag(CKA_EXTRACTABLE, false)
      .AddFlag(CKA_ENCRYPT, true)
      .AddFlag(CKA_DECRYPT, true)
      .AddFlag(CKA_WRAP, false)
      .AddFlag(CKA_UNWRAP, false);
  KW_RETURN_IF_ERROR(token->Run("making the root key", [&](const Session& session) {
    std::vector<CK_ATTRIBUTE> list = attributes.ToModule();
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE made = 0;
    return session.functions.C_GenerateKey(session.handle, &mechanism, list.data(), list.size(),
                                           &made);
  }));
  return Find(std::move(token), label, id);
}

absl::Status TokenRootKey::CheckAttributes() const {
  const std::pair<CK_ATTRIBUTE_TYPE, bool> flags[] = {
      {CKA_SENSITIVE, true}, {CKA_EXTRACTABLE, false}, {CKA_ENCRYPT, true}, {CKA_DECRYPT, true}};
  Attributes wanted = Wanted(label_);
  wanted.Add(CKA_ID, id_).AddNumber(CKA_KEY_TYPE, CKK_AES).AddNumber(CKA_VALUE_LEN, kKeySize);
  for (const auto& [type, flag] : flags) wanted.AddFlag(type, flag);
  std::vector<CK_OBJECT_HANDLE> found;
  KW_RETURN_IF_ERROR(token_->Run("looking at the root key", [&](const Session& session) {
    return FindObjects(session, wanted, found);
  }));
  if (found.size() == 1) return absl::OkStatus();
  return TokenRefuses(
      token_->label(),
      absl::StrCat("the key ", label_,
                   " is not one AES-256 key that is sensitive, cannot be extracted, and may "
                   "encrypt and decrypt. Choose another object, and let the service make it"));
}

absl::StatusOr<std::string> TokenRootKey::Seal(const crypto::SecretBytes& secret,
                                               absl::string_view context) const {
  // Some tokens put a nonce of their own choice in the place of this one.
  const std::string nonce = crypto::RandomBytes(kNonceSize);
  std::string ciphertext;
  KW_RETURN_IF_ERROR(token_->Run("sealing", [&](const Session& session) {
    CK_OBJECT_HANDLE key = 0;
    CK_RV result = key_.Handle(session, key);
    if (result != CKR_OK) return result;
    Gcm gcm(nonce, context);
    result = session.functions.C_EncryptInit(session.handle, gcm.mechanism(), key);
    if (result != CKR_OK) return result;
    ciphertext.resize(secret.size() + kTagSize);
    CK_ULONG size = ciphertext.size();
    result = session.functions.C_Encrypt(session.handle, Bytes(secret.ExposeSecret()),
                                         secret.size(), Bytes(ciphertext), &size);
    if (result == CKR_OK && size != ciphertext.size()) return CK_RV{CKR_GENERAL_ERROR};
    return result;
  }));
  return crypto::SealedForm(kSealVersion, id_, absl::StrCat(nonce, ciphertext));
}

absl::StatusOr<crypto::SecretBytes> TokenRootKey::Open(absl::string_view body,
                                                       absl::string_view context,
                                                       bool& refused) const {
  const absl::string_view ciphertext = body.substr(kNonceSize);
  crypto::SecretBytes secret;
  KW_RETURN_IF_ERROR(token_->Run("unsealing", [&](const Session& session) {
    CK_OBJECT_HANDLE key = 0;
    CK_RV result = key_.Handle(session, key);
    if (result != CKR_OK) return result;
    Gcm gcm(body.substr(0, kNonceSize), context);
    result = session.functions.C_DecryptInit(session.handle, gcm.mechanism(), key);
    if (result != CKR_OK) return result;
    // Room for the tag, which some tokens want, although it is not written.
    secret = crypto::SecretBytes::Zeroed(ciphertext.size());
    CK_ULONG size = secret.size();
    result = session.functions.C_Decrypt(session.handle, Bytes(ciphertext), ciphertext.size(),
                                         secret.MutableSecret().data(), &size);
    refused = result != CKR_OK;
    secret.Truncate(refused ? 0 : std::min<size_t>(size, secret.size()));
    return CK_RV{CKR_OK};
  }));
  return secret;
}

bool TokenRootKey::Works() const {
  const crypto::SecretBytes probe = crypto::SecretBytes::Random(kKeySize);
  const absl::StatusOr<std::string> sealed = Seal(probe, label_);
  if (!sealed.ok()) return false;
  bool refused = false;
  const auto opened = Open(absl::string_view(*sealed).substr(1 + id_.size()), label_, refused);
  return opened.ok() && !refused && *opened == probe;
}

absl::StatusOr<crypto::SecretBytes> TokenRootKey::Unseal(absl::string_view sealed,
                                                         absl::string_view context) const {
  KW_ASSIGN_OR_RETURN(const absl::string_view body, crypto::SealedBody(kSealVersion, id_, sealed));
  if (body.size() < kNonceSize + kTagSize) return DoesNotOpen();
  // Tokens call a wrong tag many names, and some the one of a token that broke down: only what a
  // token that works refuses twice is wrong.
  for (int attempt = 0; attempt < 2; ++attempt) {
    bool refused = false;
    KW_ASSIGN_OR_RETURN(crypto::SecretBytes secret, Open(body, context, refused));
    if (!refused) return secret;
    if (!Works()) return TokenUnavailable(token_->label(), "it does not unseal");
  }
  return DoesNotOpen();
}

}  // namespace keyward::hsm
