#include "services/model_deployment/tsv_parser.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {
constexpr size_t kMaximumLineSize = 2 * kMaximumSegmentSize + 3;
}  // namespace

absl::Status TsvParser::Feed(absl::string_view bytes) {
  while (!bytes.empty()) {
    size_t end = bytes.find('\n');
    absl::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMaximumLineSize) return Malformed("the line is too long");
    if (end == absl::string_view::npos) {
      partial_.append(piece.data(), piece.size());
      return absl::OkStatus();
    }
    if (partial_.empty()) {
      KW_RETURN_IF_ERROR(Line(piece));
    } else {
      partial_.append(piece.data(), piece.size());
      KW_RETURN_IF_ERROR(Line(partial_));
      partial_.clear();
    }
    bytes.remove_prefix(end + 1);
    ++line_;
  }
  return absl::OkStatus();
}

absl::Status TsvParser::Finish() {
  if (!partial_.empty()) KW_RETURN_IF_ERROR(Line(partial_));
  if (pairs_ == 0) return Malformed("there is no line with source, tab and target");
  return absl::OkStatus();
}

absl::Status TsvParser::Line(absl::string_view line) {
  if (line_ == 1) line = absl::StripPrefix(line, "\xEF\xBB\xBF");
  line = absl::StripSuffix(line, "\r");
  if (line.empty()) return absl::OkStatus();
  if (absl::StrContains(line, '\0')) return Malformed("a NUL character is no text");
  if (!IsValidUtf8(line)) return Malformed("the line is not UTF-8");
  size_t tab = line.find('\t');
  if (tab == absl::string_view::npos) return Malformed("the line has no tab");
  absl::string_view source = line.substr(0, tab);
  absl::string_view target = line.substr(tab + 1);
  if (absl::StrContains(target, '\t')) return Malformed("the line has more than one tab");
  if (source.size() > kMaximumSegmentSize || target.size() > kMaximumSegmentSize) {
    return Malformed("a segment is longer than 64 KiB");
  }
  ++pairs_;
  sink_(source, target);
  return absl::OkStatus();
}

absl::Status TsvParser::Malformed(absl::string_view problem) const {
  return DocumentMalformed(absl::StrCat("line ", line_), problem);
}

}  // namespace keyward::model_deployment
