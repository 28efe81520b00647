#include "common/storage/engine.h"

#include "absl/status/status.h"

namespace keyward::storage {

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(std::string_view url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite)) return MakeSqliteEngine(std::string(url.substr(kSqlite.size())));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return MakePostgresqlEngine(std::string(url));
  }
  // The URL may hold a password, so it is not repeated here.
  return absl::InvalidArgumentError(
      "the database URL must begin with \"sqlite:/\" or \"postgresql://\"");
}

}  // namespace keyward::storage
