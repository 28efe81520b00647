#include "services/key_vault/testing/many_keys.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_format.h"
#include "common/status/status_macros.h"
#include "keyward/keyvault/v1/keys.pb.h"

namespace keyward::key_vault::testing {
namespace {

constexpr int kPublicKeyLength = 178;
constexpr int kSealedKeyLength = 220;
constexpr int kKeysATransaction = 10'000;

// The keys from `first` to before `end`.
absl::Status Add(storage::Transaction& tx, const std::string& vault_id, int first, int end) {
  KW_RETURN_IF_ERROR(
      tx.Execute("WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 "
                 "< :end) INSERT INTO keys (vault_id, key_id, folded_id, key_type, newest_version, "
                 "create_time, update_time) SELECT :vault, printf('key-%09d', i), "
                 "printf('key-%09d', i), :type, printf('%032x', i), 0, 0 FROM n",
                 {{"vault", vault_id},
                  {"first", first},
                  {"end", end},
                  {"type", static_cast<int64_t>(keyvault::v1::KEY_TYPE_EC_P256)}})
          .status());
  return tx
      .Execute(
          "INSERT INTO key_versions (vault_id, key_id, version_id, number, enabled, key_ops, "
          "revision, create_time, update_time, tags, public_key_pem, sealed_private_key) SELECT "
          "vault_id, key_id, newest_version, 1, 1, 63, 1, 0, 0, '{}', printf('%.*c', "
          ":public_length, 'p'), printf('%.*c', :sealed_length, 's') FROM keys WHERE vault_id = "
          ":vault AND key_id >= :first ORDER BY key_id",
          {{"vault", vault_id},
           {"first", FilledKeyId(first)},
           {"public_length", kPublicKeyLength},
           {"sealed_length", kSealedKeyLength}})
      .status();
}

}  // namespace

std::string FilledKeyId(int n) { return absl::StrFormat("key-%09d", n); }

absl::Status FillVault(storage::Database& database, const std::string& vault_id, int keys) {
  for (int first = 0; first < keys; first += kKeysATransaction) {
    const int end = std::min(first + kKeysATransaction, keys);
    KW_RETURN_IF_ERROR(
        database.Write([&](storage::Transaction& tx) { return Add(tx, vault_id, first, end); }));
  }
  return absl::OkStatus();
}

}  // namespace keyward::key_vault::testing
