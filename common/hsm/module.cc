#include "common/hsm/module.h"

#include <dlfcn.h>

#include <map>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/hsm/errors.h"
#include "common/status/status_macros.h"

namespace keyward::hsm {
namespace {

absl::Status ModuleError(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("the PKCS #11 module ", path, ": ", why));
}

// The modules in use, since each may be initialised once in a process.
struct Loaded {
  absl::Mutex mutex;
  std::map<std::string, std::weak_ptr<Module>> modules ABSL_GUARDED_BY(mutex);
};

Loaded& AllLoaded() {
  static auto* const loaded = new Loaded;  // outlives every static
  return *loaded;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Module>> Module::Load(const std::string& path) {
  Loaded& loaded = AllLoaded();
  absl::MutexLock lock(&loaded.mutex);
  std::weak_ptr<Module>& known = loaded.modules[path];
  if (std::shared_ptr<Module> module = known.lock()) return module;
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return ModuleError(path, dlerror());
  const auto get_functions =
      reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get_functions == nullptr || get_functions(&functions) != CKR_OK || functions == nullptr) {
    dlclose(library);
    return ModuleError(path, "it does not offer the functions of PKCS #11");
  }
  std::shared_ptr<Module> module = absl::WrapUnique(new Module(library, functions, path));
  KW_RETURN_IF_ERROR(module->Initialize());
  known = module;
  return module;
}

Module::~Module() {
  functions_->C_Finalize(nullptr);
  dlclose(library_);
}

absl::Status Module::Initialize() {
  CK_C_INITIALIZE_ARGS arguments = {};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV result = functions_->C_Initialize(&arguments);
  if (result == CKR_OK || result == CKR_CRYPTOKI_ALREADY_INITIALIZED) return absl::OkStatus();
  return ModuleError(path_, absl::StrCat("C_Initialize: ", ToString(result)));
}

absl::Status Module::Restart(uint64_t life) {
  absl::MutexLock lock(&mutex);
  if (life != life_) return absl::OkStatus();
  ++life_;
  functions_->C_Finalize(nullptr);
  return Initialize();
}

}  // namespace keyward::hsm
