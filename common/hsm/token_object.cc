#include "common/hsm/token_object.h"

#include <vector>

namespace keyward::hsm {

CK_RV TokenObject::Handle(const Session& session, CK_OBJECT_HANDLE& handle) const {
  {
    absl::MutexLock lock(&mutex_);
    if (known_.has_value() && known_->connection == session.connection) {
      handle = known_->handle;
      return CKR_OK;
    }
  }
  std::vector<CK_OBJECT_HANDLE> found;
  if (const CK_RV result = FindObjects(session, attributes_, found); result != CKR_OK) {
    return result;
  }
  if (found.empty()) return CKR_KEY_HANDLE_INVALID;
  handle = found[0];
  absl::MutexLock lock(&mutex_);
  known_ = Known{session.connection, handle};
  return CKR_OK;
}

}  // namespace keyward::hsm
