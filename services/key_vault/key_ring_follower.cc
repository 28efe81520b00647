#include "services/key_vault/key_ring_follower.h"

#include <utility>

#include "common/events/event_store.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "keyward/events/v1/events.pb.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/event_types.h"

namespace keyward::key_vault {
namespace {

constexpr char kSource[] = "key_vault";
constexpr int kBatch = 1000;

// The resource whose keys the event took away; empty if it took none.
std::string TakenAway(const events::v1::Event& event) {
  keyvault::v1::KeyChanged key;
  if (event.type() == kKeyDisabled || event.type() == kKeyDeleted || event.type() == kKeyPurged) {
    return event.data().UnpackTo(&key) ? key.key() : "";
  }
  const bool of_vault = event.type() == kVaultDeleted || event.type() == kVaultPurged;
  return of_vault ? event.subject() : "";
}

}  // namespace

void KeyRingFollower::Start(absl::Duration interval) {
  worker_.Start([this, interval] {
    const absl::Status status = CatchUp();
    if (!status.ok()) {
      server::Log(server::Severity::kWarning, "key_ring.follow_failed",
                  {{"cause", std::string(status.message())}});
    }
    return interval;
  });
}

absl::Status KeyRingFollower::CatchUp() {
  absl::MutexLock lock(&catching_up_);
  std::vector<std::string> taken;
  size_t read = 0;
  do {
    std::vector<events::v1::Event> events;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      if (sequence_.has_value()) {
        KW_ASSIGN_OR_RETURN(events, events::EventsAfter(tx, kSource, *sequence_, kBatch));
      } else {
        KW_ASSIGN_OR_RETURN(sequence_, events::NewestSequence(tx));
      }
      return absl::OkStatus();
    }));
    for (const events::v1::Event& event : events) {
      if (std::string resource = TakenAway(event); !resource.empty()) {
        key_ring_.ForgetAllOf(resource);
        taken.push_back(std::move(resource));
      }
      sequence_ = event.sequence();
    }
    read = events.size();
  } while (read == kBatch);
  for (const std::string& resource : again_) key_ring_.ForgetAllOf(resource);
  again_ = std::move(taken);
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
