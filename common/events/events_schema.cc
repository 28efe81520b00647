#include "common/events/events_schema.h"

namespace keyward::events {
namespace {

// event_sequence has one row; its lock orders the commits of everything that appends.
// In event_consumers, lease_length is what the last lease was believed to last, margin included;
// renewals tells one lease from the next; lease_until is for people.
constexpr char kFirst[] = R"sql(
CREATE TABLE event_sequence (
  id BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO event_sequence (id, last) VALUES (1, 0);
CREATE TABLE events (
  sequence BIGINT PRIMARY KEY,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  time BIGINT NOT NULL,
  data TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  caused_by TEXT NOT NULL
);
CREATE TABLE event_consumers (
  name TEXT PRIMARY KEY,
  acknowledged BIGINT NOT NULL,
  renewals BIGINT NOT NULL,
  lease_length BIGINT NOT NULL,
  lease_until BIGINT NOT NULL
);
CREATE TABLE event_cursors (
  source TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL
);
)sql";

}  // namespace

storage::Schema EventsSchema() { return {"events", {{1, "create the event tables", kFirst}}}; }

}  // namespace keyward::events
