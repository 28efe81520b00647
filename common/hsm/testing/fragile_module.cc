// A PKCS #11 module for tests: SoftHSM, but its tokens can be pulled out. Files tell it what is the
// case; their names start with what KEYWARD_FRAGILE_TOKEN holds.

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

namespace {

constexpr char kSoftHsm[] = "/usr/lib/softhsm/libsofthsm2.so";

CK_FUNCTION_LIST* real = nullptr;
CK_FUNCTION_LIST fragile;
std::mutex mutex;
bool was_out = false;
// Counts how often the token was pulled out; sessions of an earlier time are void. (Really closing
// sessions that are in use is more than SoftHSM bears.)
int times_out = 0;
std::map<CK_SESSION_HANDLE, int> opened;

std::string File(const char* suffix) {
  const char* prefix = std::getenv("KEYWARD_FRAGILE_TOKEN");
  return std::string(prefix == nullptr ? "/nowhere" : prefix) + suffix;
}

bool IsOutLocked() {
  const bool out = access(File(".out").c_str(), F_OK) == 0;
  if (out && !was_out) ++times_out;
  was_out = out;
  return out;
}

bool IsOut() {
  std::lock_guard lock(mutex);
  return IsOutLocked();
}

// What a call in a session meets before anything else.
CK_RV Check(CK_SESSION_HANDLE session) {
  std::lock_guard lock(mutex);
  if (IsOutLocked()) return CKR_DEVICE_REMOVED;
  const auto found = opened.find(session);
  return found != opened.end() && found->second == times_out ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

CK_RV GetSlotList(CK_BBOOL present, CK_SLOT_ID* slots, CK_ULONG* count) {
  if (!IsOut()) return real->C_GetSlotList(present, slots, count);
  *count = 0;
  return CKR_OK;
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify,
                  CK_SESSION_HANDLE* session) {
  std::lock_guard lock(mutex);
  if (IsOutLocked()) return CKR_TOKEN_NOT_PRESENT;
  const CK_RV result = real->C_OpenSession(slot, flags, application, notify, session);
  if (result == CKR_OK) opened[*session] = times_out;
  return result;
}

CK_RV CloseSession(CK_SESSION_HANDLE session) {
  std::lock_guard lock(mutex);
  opened.erase(session);
  return real->C_CloseSession(session);
}

CK_RV EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  const CK_RV check = Check(session);
  return check == CKR_OK ? real->C_EncryptInit(session, mechanism, key) : check;
}

CK_RV DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  const CK_RV check = Check(session);
  return check == CKR_OK ? real->C_DecryptInit(session, mechanism, key) : check;
}

CK_RV Decrypt(CK_SESSION_HANDLE session, unsigned char* in, CK_ULONG in_size, unsigned char* out,
              CK_ULONG* out_size) {
  const CK_RV result = real->C_Decrypt(session, in, in_size, out, out_size);
  return unlink(File(".broken").c_str()) == 0 ? CKR_GENERAL_ERROR : result;
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  const CK_RV check = Check(session);
  return check == CKR_OK ? real->C_SignInit(session, mechanism, key) : check;
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* attributes, CK_ULONG count) {
  const CK_RV check = Check(session);
  return check == CKR_OK ? real->C_FindObjectsInit(session, attributes, count) : check;
}

CK_RV GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* public_key,
                      CK_ULONG public_count, CK_ATTRIBUTE* private_key, CK_ULONG private_count,
                      CK_OBJECT_HANDLE* made_public, CK_OBJECT_HANDLE* made_private) {
  if (const CK_RV check = Check(session); check != CKR_OK) return check;
  return real->C_GenerateKeyPair(session, mechanism, public_key, public_count, private_key,
                                 private_count, made_public, made_private);
}

}  // namespace

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  std::lock_guard lock(mutex);
  if (real == nullptr) {
    void* const library = dlopen(kSoftHsm, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return CKR_GENERAL_ERROR;
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    if (get == nullptr || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    fragile = *real;
    fragile.C_GetSlotList = GetSlotList;
    fragile.C_OpenSession = OpenSession;
    fragile.C_CloseSession = CloseSession;
    fragile.C_EncryptInit = EncryptInit;
    fragile.C_DecryptInit = DecryptInit;
    fragile.C_Decrypt = Decrypt;
    fragile.C_SignInit = SignInit;
    fragile.C_FindObjectsInit = FindObjectsInit;
    fragile.C_GenerateKeyPair = GenerateKeyPair;
  }
  *list = &fragile;
  return CKR_OK;
}
