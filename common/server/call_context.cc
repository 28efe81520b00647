#include "common/server/call_context.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace keyward::server {
namespace {

constexpr size_t kMaxNoteSize = 600;

}  // namespace

struct CallContext::SharedNotes {
  absl::Mutex mutex;
  std::map<std::string, std::string> values ABSL_GUARDED_BY(mutex);
};

CallContext::CallContext() : notes_(std::make_shared<SharedNotes>()) {}

void CallContext::Note(std::string key, std::string value) const {
  absl::MutexLock lock(&notes_->mutex);
  if (value.size() > kMaxNoteSize) value.resize(kMaxNoteSize);
  notes_->values[std::move(key)] = std::move(value);
}

std::map<std::string, std::string> CallContext::Notes() const {
  absl::MutexLock lock(&notes_->mutex);
  return notes_->values;
}

}  // namespace keyward::server
