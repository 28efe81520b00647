#include "common/auth/principal_directory.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/status/status_macros.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::auth {
namespace {

using MaybeRecord = std::optional<PrincipalRecord>;

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(timestamp));
}

absl::StatusOr<MaybeRecord> FromKeys(int64_t sequence,
                                     const identity::v1::SigningKeysChanged& keys) {
  SigningKeySet set{.sequence = sequence, .keys = {}};
  for (const identity::v1::SigningKey& key : keys.keys()) {
    KW_ASSIGN_OR_RETURN(crypto::EcPublicKey parsed, FromJwk(key.jwk(), key.key_id()));
    const std::string& issuer = key.issuer().empty() ? keys.issuer() : key.issuer();
    if (issuer.empty() ||
        !set.keys.emplace(key.key_id(), SigningKey{issuer, std::move(parsed)}).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("signing key '", key.key_id(), "' comes twice or has no issuer"));
    }
  }
  return MaybeRecord(std::move(set));
}

absl::StatusOr<MaybeRecord> FromPrincipal(int64_t sequence,
                                          const identity::v1::PrincipalChanged& change) {
  if (change.principal_id().empty()) return absl::InvalidArgumentError("principal_id is empty");
  return MaybeRecord(Principal{.sequence = sequence,
                               .id = change.principal_id(),
                               .identity = change.identity(),
                               .resource = change.resource(),
                               .tenant = change.tenant(),
                               .active = change.active(),
                               .not_before = ToTime(change.not_before())});
}

absl::StatusOr<MaybeRecord> FromGrant(int64_t sequence,
                                      const identity::v1::RoleAssignmentChanged& change) {
  const identity::v1::RoleAssignment& assignment = change.role_assignment();
  if (assignment.name().empty()) return absl::InvalidArgumentError("role_assignment.name is empty");
  return MaybeRecord(RoleGrant{.sequence = sequence,
                               .name = assignment.name(),
                               .principal = assignment.principal(),
                               .role = assignment.role(),
                               .scope = assignment.scope(),
                               .deleted = change.deleted(),
                               .not_before = ToTime(change.not_before())});
}

template <typename T>
std::optional<T> As(const google::protobuf::Message& message) {
  if (message.GetDescriptor() != T::descriptor()) return std::nullopt;
  return static_cast<const T&>(message);
}

// The record in a change; nothing for changes of other things.
absl::StatusOr<MaybeRecord> ToRecord(int64_t sequence, const google::protobuf::Message& change) {
  if (auto keys = As<identity::v1::SigningKeysChanged>(change)) return FromKeys(sequence, *keys);
  if (auto principal = As<identity::v1::PrincipalChanged>(change)) {
    return FromPrincipal(sequence, *principal);
  }
  if (auto grant = As<identity::v1::RoleAssignmentChanged>(change)) {
    return FromGrant(sequence, *grant);
  }
  return MaybeRecord();
}

template <typename T>
bool Unpack(const google::protobuf::Any& data,
            std::unique_ptr<google::protobuf::Message>& message) {
  if (!data.Is<T>()) return false;
  message = std::make_unique<T>();
  return true;
}

absl::StatusOr<MaybeRecord> ToRecord(const events::v1::Event& event) {
  std::unique_ptr<google::protobuf::Message> change;
  const google::protobuf::Any& data = event.data();
  if (!Unpack<identity::v1::SigningKeysChanged>(data, change) &&
      !Unpack<identity::v1::PrincipalChanged>(data, change) &&
      !Unpack<identity::v1::RoleAssignmentChanged>(data, change)) {
    return MaybeRecord();
  }
  if (!data.UnpackTo(change.get())) {
    return absl::InvalidArgumentError(absl::StrCat("event ", event.id(), " does not parse"));
  }
  return ToRecord(event.sequence(), *change);
}

}  // namespace

absl::Status PrincipalDirectory::Load(storage::Database& database) {
  std::vector<PrincipalRecord> records;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(records, LoadRecords(tx));
    return absl::OkStatus();
  }));
  for (const PrincipalRecord& record : records) table_.Set(record);
  return absl::OkStatus();
}

void PrincipalDirectory::AddHandler(events::EventHandler& handler) {
  handlers_.push_back(&handler);
}

absl::Status PrincipalDirectory::Apply(storage::Transaction& tx, const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(const MaybeRecord record, ToRecord(event));
  if (record) KW_RETURN_IF_ERROR(Take(tx, *record));
  for (events::EventHandler* handler : handlers_) {
    KW_RETURN_IF_ERROR(handler->Apply(tx, event));
  }
  return absl::OkStatus();
}

void PrincipalDirectory::Observe(const events::v1::Event& event) {
  // What does not parse was refused by whoever applied it, so this cannot fail.
  if (const absl::StatusOr<MaybeRecord> record = ToRecord(event); record.ok() && *record) {
    table_.Set(**record);
  }
  for (events::EventHandler* handler : handlers_) handler->Observe(event);
}

absl::Status PrincipalDirectory::ApplyChange(storage::Transaction& tx, int64_t sequence,
                                             const google::protobuf::Message& change) {
  KW_ASSIGN_OR_RETURN(const MaybeRecord record, ToRecord(sequence, change));
  return record ? Take(tx, *record) : absl::OkStatus();
}

absl::Status PrincipalDirectory::Take(storage::Transaction& tx, const PrincipalRecord& record) {
  KW_RETURN_IF_ERROR(SaveRecord(tx, record));
  tx.OnCommit([this, record] { table_.Set(record); });
  return absl::OkStatus();
}

}  // namespace keyward::auth
