#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TSV_PARSER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TSV_PARSER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "services/model_deployment/document_parser.h"

namespace keyward::model_deployment {

// Reads lines of source, one tab, target, in UTF-8; a byte order mark, CRLF and empty lines are
// fine, and the last line need not end.
class TsvParser final : public DocumentParser {
 public:
  explicit TsvParser(PairSink sink) : sink_(std::move(sink)) {}

  absl::Status Feed(absl::string_view bytes) override;
  absl::Status Finish() override;

 private:
  absl::Status Line(absl::string_view line);
  absl::Status Malformed(absl::string_view problem) const;

  const PairSink sink_;
  std::string partial_;
  int64_t line_ = 1;
  int64_t pairs_ = 0;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TSV_PARSER_H_
