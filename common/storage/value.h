#ifndef KEYWARD_COMMON_STORAGE_VALUE_H_
#define KEYWARD_COMMON_STORAGE_VALUE_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace keyward::storage {

// What a column holds: nothing, a BIGINT or a TEXT. Moments are microseconds since 1970, durations
// microseconds, truth 0 or 1, bytes base64 (Blob). Converts from all of these. A value type.
class Value {
 public:
  using Rep = std::variant<std::monostate, int64_t, std::string>;

  Value() = default;
  Value(std::nullptr_t) {}
  template <std::integral T>
  Value(T number) : rep_(static_cast<int64_t>(number)) {}
  Value(std::string text) : rep_(std::move(text)) {}
  Value(std::string_view text) : rep_(std::string(text)) {}
  Value(const char* text) : rep_(std::string(text)) {}
  Value(absl::Time time) : rep_(absl::ToUnixMicros(time)) {}
  Value(absl::Duration duration) : rep_(absl::ToInt64Microseconds(duration)) {}
  // Null if there is none.
  template <typename T>
  Value(std::optional<T> value) {
    if (value.has_value()) *this = Value(*std::move(value));
  }

  const Rep& rep() const { return rep_; }

 private:
  Rep rep_;
};

// Bytes of any kind, as base64.
Value Blob(std::string_view bytes);

// A value for the parameter written ":name" in the SQL.
struct Parameter {
  std::string_view name;
  Value value;
};

// One row of a result, its columns counted from 0. Null reads as 0, "" or the epoch where IsNull
// was not asked. Reading a column that is not there, or as a type whose form it does not have, is a
// fault of the caller and ends the process. A value type.
class Row {
 public:
  using Columns = std::vector<std::optional<std::string>>;

  explicit Row(Columns columns) : columns_(std::move(columns)) {}

  int size() const { return static_cast<int>(columns_.size()); }
  bool IsNull(int column) const;
  int64_t GetInt64(int column) const;
  bool GetBool(int column) const { return GetInt64(column) != 0; }
  absl::Time GetTime(int column) const { return absl::FromUnixMicros(GetInt64(column)); }
  absl::Duration GetDuration(int column) const { return absl::Microseconds(GetInt64(column)); }
  const std::string& GetString(int column) const;
  // What Blob made.
  std::string GetBlob(int column) const;

 private:
  const std::optional<std::string>& At(int column) const;

  Columns columns_;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_VALUE_H_
