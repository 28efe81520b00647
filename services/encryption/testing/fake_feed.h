#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_FEED_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_FEED_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::encryption::testing {

// The feed of a service that tests play: events in order, brought to a consumer at once or, while
// it is held, not before it is released. Thread-safe.
class FakeFeed {
 public:
  using Consumer = std::function<void(const events::v1::Event&)>;

  explicit FakeFeed(std::string source) : source_(std::move(source)) {}

  // Who gets the events from now on; null for nobody, as if it were down.
  void SetConsumer(Consumer consumer);

  // Publishes an event; returns its id.
  std::string Append(const std::string& type, const std::string& subject,
                     const google::protobuf::Message& data);

  // Keeps events back; brings what was kept back.
  void Hold();
  void Release();

  int64_t newest() const;

 private:
  void Deliver();

  const std::string source_;
  mutable absl::Mutex mutex_;
  Consumer consumer_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<events::v1::Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t delivered_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_FEED_H_
