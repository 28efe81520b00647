#include "services/encryption/platform_keys.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/aes_key.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {
namespace {

using storage::Row;
using storage::Transaction;

std::string ContextOf(int64_t version) { return absl::StrCat("encryption/platform-key/", version); }

// Two replicas that start at once agree on one first key: the row decides.
absl::Status MakeFirst(storage::Database& database, const crypto::RootKey& root_key,
                       absl::Time now) {
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      root_key.Seal(crypto::AesKey::Generate().bytes(), ContextOf(1)));
  return database.Write([&](Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO platform_keys (version, sealed, create_time) "
            "SELECT 1, :sealed, CAST(:now AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM "
            "platform_keys) "
            "ON CONFLICT DO NOTHING",
            {{"sealed", storage::Blob(sealed)}, {"now", now}})
        .status();
  });
}

absl::StatusOr<std::string> ContextOfRow(const std::vector<std::string>& key) {
  int64_t version = 0;
  if (!absl::SimpleAtoi(key.at(0), &version)) return absl::InternalError("no version");
  return ContextOf(version);
}

}  // namespace

server::SealedColumn PlatformKeyColumn() {
  return {.table = "platform_keys",
          .key = {{.name = "version", .is_number = true}},
          .column = "sealed",
          .context = ContextOfRow};
}

absl::StatusOr<std::unique_ptr<PlatformKeys>> PlatformKeys::Load(storage::Database& database,
                                                                 const crypto::RootKey& root_key,
                                                                 absl::Time now) {
  KW_RETURN_IF_ERROR(MakeFirst(database, root_key, now));
  std::vector<Row> rows;
  KW_RETURN_IF_ERROR(database.Read([&](Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(rows, tx.Query("SELECT version, sealed FROM platform_keys"));
    return absl::OkStatus();
  }));
  Keys keys;
  for (const Row& row : rows) {
    const int64_t version = row.GetInt64(0);
    KW_ASSIGN_OR_RETURN(crypto::SecretBytes bytes,
                        root_key.Unseal(row.GetBlob(1), ContextOf(version)));
    KW_ASSIGN_OR_RETURN(const crypto::AesKey key, crypto::AesKey::Create(std::move(bytes)));
    keys[version] = std::make_unique<const crypto::AesGcmAead>(key);
  }
  return std::unique_ptr<PlatformKeys>(new PlatformKeys(std::move(keys)));
}

const crypto::AesGcmAead* PlatformKeys::Find(int64_t version) const {
  const auto found = keys_.find(version);
  return found == keys_.end() ? nullptr : found->second.get();
}

}  // namespace keyward::encryption
