#include "services/encryption/testing/fake_feed.h"

#include "absl/strings/str_cat.h"

namespace keyward::encryption::testing {

void FakeFeed::SetConsumer(Consumer consumer) {
  {
    absl::MutexLock lock(&mutex_);
    consumer_ = std::move(consumer);
  }
  Deliver();
}

std::string FakeFeed::Append(const std::string& type, const std::string& subject,
                             const google::protobuf::Message& data) {
  events::v1::Event event;
  {
    absl::MutexLock lock(&mutex_);
    event.set_source(source_);
    event.set_sequence(static_cast<int64_t>(events_.size()) + 1);
    event.set_id(absl::StrCat(source_, "/", event.sequence()));
    event.set_type(type);
    event.set_subject(subject);
    event.mutable_time()->set_seconds(1'600'000'000 + event.sequence());
    event.set_correlation_id(absl::StrCat("correlation-", event.sequence()));
    event.mutable_data()->PackFrom(data);
    events_.push_back(event);
  }
  Deliver();
  return event.id();
}

void FakeFeed::Hold() {
  absl::MutexLock lock(&mutex_);
  held_ = true;
}

void FakeFeed::Release() {
  {
    absl::MutexLock lock(&mutex_);
    held_ = false;
  }
  Deliver();
}

int64_t FakeFeed::newest() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(events_.size());
}

void FakeFeed::Deliver() {
  while (true) {
    Consumer consumer;
    events::v1::Event event;
    {
      absl::MutexLock lock(&mutex_);
      if (held_ || consumer_ == nullptr || delivered_ == events_.size()) return;
      consumer = consumer_;
      event = events_[delivered_++];
    }
    consumer(event);
  }
}

}  // namespace keyward::encryption::testing
