#include "services/model_deployment/document_parser.h"

#include <utility>

#include "common/status/error.h"
#include "services/model_deployment/tmx_parser.h"
#include "services/model_deployment/tsv_parser.h"

namespace keyward::model_deployment {

absl::StatusOr<std::unique_ptr<DocumentParser>> MakeDocumentParser(
    deployment::v1::DocumentFormat format, const LanguagePair& languages, PairSink sink) {
  switch (format) {
    case deployment::v1::DOCUMENT_FORMAT_TMX:
      return std::make_unique<TmxParser>(languages, std::move(sink));
    case deployment::v1::DOCUMENT_FORMAT_TSV:
      return std::make_unique<TsvParser>(std::move(sink));
    default:
      return InvalidField("format", "must be DOCUMENT_FORMAT_TMX or DOCUMENT_FORMAT_TSV");
  }
}

}  // namespace keyward::model_deployment
