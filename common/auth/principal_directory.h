#ifndef KEYWARD_COMMON_AUTH_PRINCIPAL_DIRECTORY_H_
#define KEYWARD_COMMON_AUTH_PRINCIPAL_DIRECTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/auth/principal_records.h"
#include "common/auth/principal_store.h"
#include "common/auth/principal_table.h"
#include "common/events/event_handler.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"
#include "google/protobuf/message.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::auth {

// What a service knows of principals: the keys that verify tokens, which principals exist and from
// when on their tokens count, and role assignments. Fed by managed_identity's feed; kept in the
// service's own database (AuthSchema) and in memory, where a change shows at the moment its
// transaction commits. An event that comes again changes nothing. Thread-safe.
class PrincipalDirectory final : public events::EventHandler {
 public:
  // Reads what the database holds into memory: once, before use, and after the follower was made.
  absl::Status Load(storage::Database& database);

  // Passes every event on to `handler` too, in the same transaction and after its own effect.
  // Before the follower starts only. `handler` must outlive this.
  void AddHandler(events::EventHandler& handler);

  // Takes over one event; events about anything else have no effect here. INVALID_ARGUMENT if one
  // is malformed, which stops the feed: better stale than wrong.
  absl::Status Apply(storage::Transaction& tx, const events::v1::Event& event) override;

  // Takes it over in memory only.
  void Observe(const events::v1::Event& event) override;

  // For managed_identity, which is its own source: `change` is the data of the event that got
  // `sequence` in the same transaction. Handlers are not called.
  absl::Status ApplyChange(storage::Transaction& tx, int64_t sequence,
                           const google::protobuf::Message& change);

  // The key that verifies tokens with this key id, if `issuer` published it.
  std::optional<crypto::EcPublicKey> FindSigningKey(absl::string_view issuer,
                                                    absl::string_view key_id) const {
    return table_.FindSigningKey(issuer, key_id);
  }

  // The principal, if the feed ever told of it.
  std::optional<Principal> FindPrincipal(absl::string_view id) const {
    return table_.FindPrincipal(id);
  }

  // Whether a role assignment of `principal` on one of `scopes` contains the permission.
  bool HoldsPermission(absl::string_view principal, absl::string_view permission,
                       absl::Span<const std::string> scopes) const {
    return table_.HoldsPermission(principal, permission, scopes);
  }

 private:
  absl::Status Take(storage::Transaction& tx, const PrincipalRecord& record);

  PrincipalTable table_;
  std::vector<events::EventHandler*> handlers_;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_PRINCIPAL_DIRECTORY_H_
