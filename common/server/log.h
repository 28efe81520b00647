#ifndef KEYWARD_COMMON_SERVER_LOG_H_
#define KEYWARD_COMMON_SERVER_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::server {

enum class Severity { kInfo, kWarning, kError };

// One field of a log line; strings are only looked at, so they must outlive the call of Log.
struct LogField {
  using Value = std::variant<absl::string_view, int64_t, double, bool>;

  LogField(absl::string_view key, absl::string_view value) : key(key), value(value) {}
  LogField(absl::string_view key, const char* value) : key(key), value(absl::string_view(value)) {}
  LogField(absl::string_view key, const std::string& value)
      : key(key), value(absl::string_view(value)) {}
  LogField(absl::string_view key, bool value) : key(key), value(value) {}
  LogField(absl::string_view key, double value) : key(key), value(value) {}
  template <typename T,
            std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
  LogField(absl::string_view key, T value) : key(key), value(static_cast<int64_t>(value)) {}

  absl::string_view key;
  Value value;
};

// Writes one line of JSON to stderr in one piece: time, severity, event, then the fields. `event`
// says what happened, such as "feed.connected". Never pass key material, plaintext, tokens or
// requests. Thread-safe.
void Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields = {});

// The line that Log writes, without its end; for tests.
std::string FormatLogLine(absl::string_view time, Severity severity, absl::string_view event,
                          std::initializer_list<LogField> fields);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_LOG_H_
