#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TMX_PARSER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TMX_PARSER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/model_deployment/document_parser.h"

struct XML_ParserStruct;

namespace keyward::model_deployment {

// Reads TMX 1.4 (and its forerunners 1.1 to 1.3) as a stream, with expat. Each <tu> that holds a
// <tuv> in both languages is a pair; others are skipped. Of inline elements, the text of <hi>
// counts and the native code in <bpt>, <ept>, <it>, <ph> and <ut> does not.
//
// Strict where leniency would hurt: elements must stand where TMX has them, a document type
// declaration may name TMX's DTD (which is not loaded) but declare nothing itself, so there are no
// entities but XML's own five, and depth and the size of every token are bounded.
class TmxParser final : public DocumentParser {
 public:
  TmxParser(const LanguagePair& languages, PairSink sink);
  ~TmxParser() override;
  TmxParser(const TmxParser&) = delete;
  TmxParser& operator=(const TmxParser&) = delete;

  absl::Status Feed(absl::string_view bytes) override;
  absl::Status Finish() override;

 private:
  enum class Element { kTmx, kHeader, kBody, kTu, kTuv, kSeg, kText, kCode, kIgnored };
  struct Callbacks;

  void Start(absl::string_view name, const char** attributes);
  void End();
  void Text(absl::string_view text);
  void StartTmx(const char** attributes);
  void StartTuv(const char** attributes);
  void EndTu();
  // Remembers what is wrong, and where, and ends the parse.
  void Refuse(absl::string_view problem);
  absl::Status Parse(absl::string_view bytes, bool final);
  std::string Place() const;

  const LanguagePair languages_;
  const PairSink sink_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct*)> parser_;
  absl::Status error_;
  std::vector<Element> open_;
  int64_t fed_ = 0;
  int64_t pairs_ = 0;
  // Of the <tu> and <tuv> being read.
  std::string source_, target_, segment_;
  bool has_source_ = false, has_target_ = false;
  bool is_source_ = false, is_target_ = false, has_segment_ = false;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TMX_PARSER_H_
