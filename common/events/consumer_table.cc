#include "common/events/consumer_table.h"

#include <algorithm>
#include <set>

namespace keyward::events {

void ConsumerTable::Open(const std::string& name, int64_t session, int64_t after_sequence) {
  Consumer& consumer = consumers_[name];
  consumer.session = session;
  consumer.acknowledged = std::min(consumer.acknowledged, after_sequence);
}

void ConsumerTable::Close(const std::string& name, int64_t session) {
  if (IsOpen(name, session)) consumers_[name].session = 0;
}

bool ConsumerTable::IsOpen(const std::string& name, int64_t session) const {
  const auto found = consumers_.find(name);
  return found != consumers_.end() && found->second.session == session;
}

void ConsumerTable::Acknowledge(const std::string& name, int64_t sequence) {
  Consumer& consumer = consumers_[name];
  consumer.acknowledged = std::max(consumer.acknowledged, sequence);
}

void ConsumerTable::Grant(const std::string& name, absl::Duration until) {
  Consumer& consumer = consumers_[name];
  consumer.believed_until = std::max(consumer.believed_until, until);
}

void ConsumerTable::Granted(const std::string& name, int64_t renewals) {
  Consumer& consumer = consumers_[name];
  consumer.renewals = std::max(consumer.renewals, renewals);
}

bool ConsumerTable::HasAcknowledged(const std::string& name, int64_t sequence) const {
  const auto found = consumers_.find(name);
  return found != consumers_.end() && found->second.acknowledged >= sequence;
}

void ConsumerTable::Merge(const std::vector<StoredConsumer>& stored, absl::Duration now) {
  std::set<std::string> names;
  for (const StoredConsumer& row : stored) names.insert(row.name);
  std::erase_if(consumers_, [&](const auto& entry) {
    const Consumer& consumer = entry.second;
    return consumer.session == 0 && consumer.renewals > 0 && consumer.believed_until <= now &&
           names.count(entry.first) == 0;
  });
  for (const StoredConsumer& row : stored) {
    Consumer& consumer = consumers_[row.name];
    if (consumer.session == 0) consumer.acknowledged = row.acknowledged;
    if (row.renewals <= consumer.renewals) continue;
    consumer.renewals = row.renewals;
    consumer.believed_until = std::max(consumer.believed_until, now + row.lease_length);
  }
}

DeliveryProgress::DeliveryProgress(const ConsumerTable& table, int64_t sequence, absl::Duration now)
    : sequence_(sequence) {
  for (const auto& [name, consumer] : table.consumers()) {
    const bool had_a_lease =
        consumer.renewals > 0 || consumer.believed_until > absl::ZeroDuration();
    if (had_a_lease) pending_[name] = consumer.believed_until;
  }
  Update(table, now);
}

bool DeliveryProgress::Update(const ConsumerTable& table, absl::Duration now) {
  bool moved = false;
  for (auto it = pending_.begin(); it != pending_.end();) {
    const auto& [name, until] = *it;
    const bool applied = table.HasAcknowledged(name, sequence_);
    if (!applied && until > now) {
      ++it;
      continue;
    }
    (applied ? applied_ : waited_out_).push_back(name);
    it = pending_.erase(it);
    moved = true;
  }
  return moved;
}

bool DeliveryProgress::HasNews(const ConsumerTable& table) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const auto& entry) {
    return table.HasAcknowledged(entry.first, sequence_);
  });
}

absl::Duration DeliveryProgress::next_end() const {
  absl::Duration end = absl::InfiniteDuration();
  for (const auto& [name, until] : pending_) end = std::min(end, until);
  return end;
}

v1::Delivery DeliveryProgress::ToDelivery() const {
  v1::Delivery delivery;
  delivery.set_sequence(sequence_);
  *delivery.mutable_applied() = {applied_.begin(), applied_.end()};
  *delivery.mutable_waited_out() = {waited_out_.begin(), waited_out_.end()};
  return delivery;
}

}  // namespace keyward::events
