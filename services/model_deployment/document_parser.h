#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_PARSER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_PARSER_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "keyward/deployment/v1/documents.pb.h"
#include "services/model_deployment/language.h"

namespace keyward::model_deployment {

// No segment of a document may be longer, in bytes of UTF-8.
inline constexpr size_t kMaximumSegmentSize = 64 * 1024;

// Takes the pairs of a document in order; the views are valid during the call only.
using PairSink = std::function<void(absl::string_view source, absl::string_view target)>;

// Reads a document that comes in pieces of any size, with memory bounded whatever the document's
// size, and tells each pair of sentences to a sink. Both methods return INVALID_ARGUMENT
// (DOCUMENT_MALFORMED, with the place and no word of the text) for what does not read as its
// format; the parser is useless then. Not thread-safe.
class DocumentParser {
 public:
  virtual ~DocumentParser() = default;

  // Reads the next bytes.
  virtual absl::Status Feed(absl::string_view bytes) = 0;

  // The document is over. It must be complete, and hold at least one pair of the two languages.
  virtual absl::Status Finish() = 0;
};

// A parser for documents of `format`. INVALID_ARGUMENT for a format that is none.
absl::StatusOr<std::unique_ptr<DocumentParser>> MakeDocumentParser(
    deployment::v1::DocumentFormat format, const LanguagePair& languages, PairSink sink);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_PARSER_H_
