#include "common/server/log.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace keyward::server {
namespace {

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

void AppendString(std::string& line, absl::string_view text) {
  if (IsPlain(text)) {
    absl::StrAppend(&line, "\"", text, "\"");
    return;
  }
  // A log line stays valid UTF-8 and one line, whatever a peer sent.
  line += nlohmann::json(std::string(text))
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AppendValue(std::string& line, const LogField::Value& value) {
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    AppendString(line, *text);
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    absl::StrAppend(&line, *integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    line += nlohmann::json(*number).dump();
  } else {
    line += std::get<bool>(value) ? "true" : "false";
  }
}

absl::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "error";
}

}  // namespace

std::string FormatLogLine(absl::string_view time, Severity severity, absl::string_view event,
                          std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat("{\"time\":\"", time, "\",\"severity\":\"",
                                  SeverityName(severity), "\",\"event\":");
  AppendString(line, event);
  for (const LogField& field : fields) {
    line += ',';
    AppendString(line, field.key);
    line += ':';
    AppendValue(line, field.value);
  }
  line += '}';
  return line;
}

void Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  const std::string line = FormatLogLine(time, severity, event, fields) + "\n";
  // One write, so that lines of several threads do not mix. A log that cannot be written must not
  // stop the service.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace keyward::server
