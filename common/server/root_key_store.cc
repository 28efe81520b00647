#include "common/server/root_key_store.h"

#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

using crypto::RootKey;
using crypto::RootKeyProvider;
using Key = std::unique_ptr<RootKey>;

constexpr char kContext[] = "keyward/root-key-check";
constexpr size_t kCheckSize = 32;

// The rows of root_key_check.
constexpr int64_t kSettled = 1;
constexpr int64_t kNext = 2;

absl::Status DoesNotFit(const std::string& place, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "what the database holds cannot be opened with the root key in ", place, " (--root_key): ",
      why, ". Put back the key that belongs to this database; without it, what it seals is lost."));
}

absl::Status LacksKey(absl::string_view id) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the database still needs the root key ", absl::BytesToHexString(id),
      ": not everything has been sealed under another yet. Name the place where it is in "
      "--previous_root_keys until RootKeyService/GetRootKeyState says that it may go."));
}

// What a root key of this database sealed; none if there is none.
absl::StatusOr<std::optional<std::string>> ReadCheck(storage::Transaction& tx, int64_t row_id) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("SELECT sealed FROM root_key_check WHERE id = :id", {{"id", row_id}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetBlob(0);
}

struct Checks {
  std::optional<std::string> settled;
  std::optional<std::string> next;

  // The ids of the keys that sealed them.
  std::vector<absl::string_view> ids() const {
    std::vector<absl::string_view> ids;
    for (const auto* check : {&next, &settled}) {
      if (check->has_value()) ids.push_back(crypto::SealedBy(**check).value_or(""));
    }
    return ids;
  }
};

absl::StatusOr<Checks> ReadChecks(storage::Database& database) {
  Checks checks;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(checks.settled, ReadCheck(tx, kSettled));
    KW_ASSIGN_OR_RETURN(checks.next, ReadCheck(tx, kNext));
    return absl::OkStatus();
  }));
  return checks;
}

// Of several replicas that start on a new database, one's key is the database's; of those that
// change to another key, the last one's is next.
absl::Status StoreCheck(storage::Database& database, const RootKey& root_key, int64_t row) {
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      root_key.Seal(crypto::SecretBytes::Random(kCheckSize), kContext));
  return database.Write([&](storage::Transaction& tx) -> absl::Status {
    if (row == kNext) {
      KW_RETURN_IF_ERROR(
          tx.Execute("DELETE FROM root_key_check WHERE id = :id", {{"id", row}}).status());
    }
    return tx
        .Execute(
            "INSERT INTO root_key_check (id, sealed) VALUES (:id, :sealed) "
            "ON CONFLICT DO NOTHING",
            {{"id", row}, {"sealed", storage::Blob(sealed)}})
        .status();
  });
}

// The key in a place that has one of the ids, the first one first; if it has none of them, the key
// that is there.
absl::StatusOr<Key> LoadOneOf(const RootKeyProvider& place,
                              const std::vector<absl::string_view>& ids) {
  for (const absl::string_view id : ids) {
    auto key = place.Load(id);
    if (!absl::IsNotFound(key.status())) return key;
  }
  return place.Load("");
}

absl::StatusOr<Key> OpenFirst(const RootKeyProvider& primary, storage::Database& database) {
  KW_ASSIGN_OR_RETURN(const Key key, primary.LoadOrCreate());
  KW_RETURN_IF_ERROR(StoreCheck(database, *key, kSettled));
  KW_ASSIGN_OR_RETURN(const Checks checks, ReadChecks(database));
  return LoadOneOf(primary, checks.ids());
}

bool Has(const std::vector<Key>& keys, absl::string_view id) {
  for (const Key& key : keys) {
    if (key->id() == id) return true;
  }
  return false;
}

// The primary of a database that has had a root key.
absl::StatusOr<Key> OpenPrimary(const RootKeyProvider& primary, const std::vector<Key>& previous,
                                const Checks& checks) {
  auto key = LoadOneOf(primary, checks.ids());
  if (!absl::IsNotFound(key.status())) return key;
  if (previous.empty()) return DoesNotFit(primary.place(), key.status().message());
  for (const absl::string_view id : checks.ids()) {
    if (!Has(previous, id)) return DoesNotFit(primary.place(), key.status().message());
  }
  return primary.LoadOrCreate();
}

}  // namespace

storage::Schema RootKeySchema() {
  return {"root_key",
          {{1, "remember which root key belongs to the database",
            "CREATE TABLE root_key_check (id BIGINT PRIMARY KEY, sealed TEXT NOT NULL);\n"}}};
}

absl::StatusOr<std::unique_ptr<crypto::RootKeySet>> OpenRootKeys(
    const RootKeyProvider& primary, const std::vector<std::unique_ptr<RootKeyProvider>>& previous,
    storage::Database& database) {
  KW_ASSIGN_OR_RETURN(Checks checks, ReadChecks(database));
  std::vector<Key> previous_keys;
  for (const std::unique_ptr<RootKeyProvider>& place : previous) {
    auto key = LoadOneOf(*place, checks.ids());
    if (absl::IsNotFound(key.status())) {
      return absl::FailedPreconditionError(
          absl::StrCat(key.status().message(), " (--previous_root_keys)"));
    }
    KW_RETURN_IF_ERROR(key.status());
    previous_keys.push_back(*std::move(key));
  }
  auto key = checks.settled.has_value() ? OpenPrimary(primary, previous_keys, checks)
                                        : OpenFirst(primary, database);
  KW_RETURN_IF_ERROR(key.status());
  auto keys = std::make_unique<crypto::RootKeySet>(*std::move(key), std::move(previous_keys));
  KW_ASSIGN_OR_RETURN(checks, ReadChecks(database));
  for (const auto& check : {checks.settled, checks.next}) {
    if (!check.has_value()) continue;
    const absl::string_view id = crypto::SealedBy(*check).value_or("");
    if (keys->Has(id) || (check == checks.settled && previous.empty())) {
      const absl::Status opened = keys->Unseal(*check, kContext).status();
      if (absl::IsUnavailable(opened)) return opened;
      if (!opened.ok()) return DoesNotFit(primary.place(), opened.message());
    } else {
      return LacksKey(id);
    }
  }
  const std::vector<absl::string_view> ids = checks.ids();
  if (ids.front() != keys->id()) KW_RETURN_IF_ERROR(StoreCheck(database, *keys, kNext));
  return keys;
}

absl::StatusOr<RootKeyIds> ReadRootKeyIds(storage::Transaction& tx) {
  RootKeyIds ids;
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> settled, ReadCheck(tx, kSettled));
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> next, ReadCheck(tx, kNext));
  if (!settled.has_value()) return absl::FailedPreconditionError("the database has no root key");
  ids.settled = std::string(crypto::SealedBy(*settled).value_or(""));
  if (next.has_value()) ids.next = std::string(crypto::SealedBy(*next).value_or(""));
  return ids;
}

absl::Status SettleRootKey(storage::Transaction& tx, absl::string_view next) {
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> check, ReadCheck(tx, kNext));
  if (!check.has_value() || crypto::SealedBy(*check).value_or("") != next) return absl::OkStatus();
  KW_RETURN_IF_ERROR(tx.Execute("UPDATE root_key_check SET sealed = :sealed WHERE id = :id",
                                {{"sealed", storage::Blob(*check)}, {"id", kSettled}})
                         .status());
  return tx.Execute("DELETE FROM root_key_check WHERE id = :id", {{"id", kNext}}).status();
}

}  // namespace keyward::server
