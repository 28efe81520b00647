#ifndef KEYWARD_COMMON_EVENTS_EVENTS_SCHEMA_H_
#define KEYWARD_COMMON_EVENTS_EVENTS_SCHEMA_H_

#include "common/storage/migration.h"

namespace keyward::events {

// The tables behind Outbox, Feed and Follower. Every service opens its database with it.
storage::Schema EventsSchema();

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_EVENTS_SCHEMA_H_
