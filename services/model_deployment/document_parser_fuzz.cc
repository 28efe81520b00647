#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "services/model_deployment/document_parser.h"
#include "services/model_deployment/unicode.h"

namespace {

using keyward::model_deployment::MakeDocumentParser;

// How many pairs a document has when it comes in pieces of `piece` bytes; -1 if it is refused.
int64_t Read(keyward::deployment::v1::DocumentFormat format, absl::string_view document,
             size_t piece) {
  int64_t pairs = 0;
  auto parser = MakeDocumentParser(
      format, {"eng", "spa"}, [&](absl::string_view source, absl::string_view target) {
        // What comes out is text, and of bounded size.
        for (absl::string_view text : {source, target}) {
          if (!keyward::model_deployment::IsValidUtf8(text) || absl::StrContains(text, '\0') ||
              text.size() > keyward::model_deployment::kMaximumSegmentSize) {
            std::abort();
          }
        }
        ++pairs;
      });
  absl::Status status;
  while (status.ok() && !document.empty()) {
    status = (*parser)->Feed(document.substr(0, piece));
    document.remove_prefix(std::min(piece, document.size()));
  }
  if (status.ok()) status = (*parser)->Finish();
  if (status.ok()) return pairs;
  if (keyward::ErrorReason(status) != "DOCUMENT_MALFORMED") std::abort();
  return -1;
}

}  // namespace

// A document reads the same however it is cut.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  for (auto format : {keyward::deployment::v1::DOCUMENT_FORMAT_TMX,
                      keyward::deployment::v1::DOCUMENT_FORMAT_TSV}) {
    if (Read(format, input, 3) != Read(format, input, 1 << 20)) std::abort();
  }
  return 0;
}
