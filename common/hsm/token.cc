#include "common/hsm/token.h"

#include <algorithm>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/private_file.h"
#include "common/hsm/errors.h"
#include "common/status/status_macros.h"

namespace keyward::hsm {
namespace {

constexpr size_t kMostPin = 256;
constexpr size_t kMostIdle = 64;

absl::StatusOr<crypto::SecretBytes> ReadPin(const std::string& path) {
  auto pin = crypto::ReadPrivateFile("PIN file", path, kMostPin);
  if (absl::IsNotFound(pin.status())) {
    return absl::FailedPreconditionError(pin.status().message());
  }
  KW_RETURN_IF_ERROR(pin.status());
  size_t size = pin->size();
  while (size > 0 && absl::ascii_isspace(pin->ExposeSecret()[size - 1])) --size;
  pin->Truncate(size);
  if (size == 0) return absl::FailedPreconditionError(absl::StrCat("PIN file ", path, ": empty"));
  return pin;
}

absl::string_view Label(const CK_TOKEN_INFO& info) {
  return absl::StripTrailingAsciiWhitespace(
      absl::string_view(reinterpret_cast<const char*>(info.label), sizeof(info.label)));
}

}  // namespace

absl::StatusOr<std::shared_ptr<Token>> Token::Open(const TokenUri& uri) {
  KW_ASSIGN_OR_RETURN(crypto::SecretBytes pin, ReadPin(uri.pin_file));
  KW_ASSIGN_OR_RETURN(std::shared_ptr<Module> module, Module::Load(uri.module_path));
  std::shared_ptr<Token> token =
      absl::WrapUnique(new Token(uri, std::move(module), std::move(pin)));
  KW_RETURN_IF_ERROR(token->Reconnect(0));
  return token;
}

Token::~Token() {
  absl::ReaderMutexLock module_lock(&module_->mutex);
  absl::MutexLock lock(&mutex_);
  if (life_ != module_->life()) return;
  for (const Idle& session : idle_) module_->functions().C_CloseSession(session.handle);
}

absl::Status Token::Run(absl::string_view what, absl::FunctionRef<CK_RV(const Session&)> work) {
  uint64_t connection = 0;
  CK_RV result = RunOnce(work, connection);
  if (MayBeLost(result)) {
    KW_RETURN_IF_ERROR(Reconnect(connection));
    result = RunOnce(work, connection);
  }
  if (result == CKR_OK) return absl::OkStatus();
  const std::string why = absl::StrCat(what, ": ", ToString(result));
  return MayBeLost(result) ? TokenUnavailable(uri_.token, why) : TokenRefuses(uri_.token, why);
}

CK_RV Token::RunOnce(absl::FunctionRef<CK_RV(const Session&)> work, uint64_t& connection) {
  absl::ReaderMutexLock module_lock(&module_->mutex);
  CK_SESSION_HANDLE handle = 0;
  if (const CK_RV result = TakeSession(handle, connection); result != CKR_OK) return result;
  const CK_RV result = work({module_->functions(), handle, connection});
  if (result == CKR_OK) {
    GiveBack({handle, connection});
  } else {
    // What a failure leaves behind in a session is not worth finding out.
    module_->functions().C_CloseSession(handle);
  }
  return result;
}

CK_RV Token::TakeSession(CK_SESSION_HANDLE& handle, uint64_t& connection) {
  CK_SLOT_ID slot = 0;
  {
    absl::MutexLock lock(&mutex_);
    connection = connection_;
    if (life_ != module_->life()) return CKR_SESSION_HANDLE_INVALID;
    // The first one keeps the login.
    if (idle_.size() > 1) {
      handle = idle_.back().handle;
      idle_.pop_back();
      return CKR_OK;
    }
    slot = slot_;
  }
  return module_->functions().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                            nullptr, &handle);
}

void Token::GiveBack(Idle session) {
  {
    absl::MutexLock lock(&mutex_);
    if (session.connection == connection_ && idle_.size() < kMostIdle) {
      idle_.push_back(session);
      return;
    }
  }
  module_->functions().C_CloseSession(session.handle);
}

absl::Status Token::Reconnect(uint64_t connection) {
  absl::MutexLock lock(&connecting_);
  {
    absl::MutexLock state(&mutex_);
    if (connection_ != connection) return absl::OkStatus();
  }
  absl::Status attached = pin_refused_;
  if (attached.ok()) attached = AttachOrRestart();
  // Whoever starts is told to mend the PIN. To a service that runs it is an outage like others.
  if (connection == 0 || attached.ok() || absl::IsUnavailable(attached)) return attached;
  return TokenUnavailable(uri_.token, attached.message());
}

absl::Status Token::AttachOrRestart() {
  uint64_t life = 0;
  const absl::Status attached = Attach(life);
  if (!absl::IsUnavailable(attached)) return attached;
  KW_RETURN_IF_ERROR(module_->Restart(life));
  return Attach(life);
}

absl::Status Token::Attach(uint64_t& life) {
  absl::ReaderMutexLock module_lock(&module_->mutex);
  life = module_->life();
  KW_ASSIGN_OR_RETURN(const CK_SLOT_ID slot, FindSlot());
  CK_SESSION_HANDLE session = 0;
  const CK_RV opened = module_->functions().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                          nullptr, nullptr, &session);
  if (opened != CKR_OK) {
    return TokenUnavailable(uri_.token, absl::StrCat("C_OpenSession: ", ToString(opened)));
  }
  if (const absl::Status status = LogIn(session); !status.ok()) {
    module_->functions().C_CloseSession(session);
    return status;
  }
  std::vector<Idle> old;
  {
    absl::MutexLock lock(&mutex_);
    if (life_ == life) old.swap(idle_);
    life_ = life;
    slot_ = slot;
    idle_ = {{session, ++connection_}};
  }
  for (const Idle& idle : old) module_->functions().C_CloseSession(idle.handle);
  return absl::OkStatus();
}

absl::StatusOr<CK_SLOT_ID> Token::FindSlot() {
  const CK_FUNCTION_LIST& functions = module_->functions();
  CK_ULONG count = 0;
  CK_RV result = functions.C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (result == CKR_OK) result = functions.C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (result != CKR_OK) {
    return TokenUnavailable(uri_.token, absl::StrCat("C_GetSlotList: ", ToString(result)));
  }
  slots.resize(std::min<size_t>(count, slots.size()));
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info = {};
    if (functions.C_GetTokenInfo(slot, &info) == CKR_OK && Label(info) == uri_.token) return slot;
  }
  return TokenUnavailable(uri_.token,
                          absl::StrCat("the module ", uri_.module_path, " shows no such token"));
}

absl::Status Token::LogIn(CK_SESSION_HANDLE session) {
  const absl::string_view pin = pin_.ExposeSecret();
  const CK_RV result = module_->functions().C_Login(
      session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.data())), pin.size());
  if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return absl::OkStatus();
  const std::string why = absl::StrCat("C_Login: ", ToString(result));
  if (MayBeLost(result)) return TokenUnavailable(uri_.token, why);
  pin_refused_ =
      TokenRefuses(uri_.token, absl::StrCat(why, ". Put the user's PIN into ", uri_.pin_file,
                                            ", see that the token is not locked, and start again"));
  return pin_refused_;
}

}  // namespace keyward::hsm
