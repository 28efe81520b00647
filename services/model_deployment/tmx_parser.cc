#include "services/model_deployment/tmx_parser.h"

#include <expat.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"

namespace keyward::model_deployment {

namespace {

constexpr size_t kMaximumDepth = 32;
// Expat reads an unfinished token from its start again with each piece, so both are bounded.
constexpr size_t kPieceSize = 64 * 1024;
constexpr int64_t kMaximumTokenSize = 512 * 1024;

const char* Attribute(const char** attributes, absl::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) return attributes[1];
  }
  return nullptr;
}

}  // namespace

struct TmxParser::Callbacks {
  static TmxParser& Self(void* data) { return *static_cast<TmxParser*>(data); }

  static void Start(void* data, const char* name, const char** attributes) {
    Self(data).Start(name, attributes);
  }
  static void End(void* data, const char*) { Self(data).End(); }
  static void Text(void* data, const char* text, int size) {
    Self(data).Text(absl::string_view(text, static_cast<size_t>(size)));
  }
  static void Doctype(void* data, const char*, const char*, const char*, int has_internal_subset) {
    if (has_internal_subset != 0) Self(data).Refuse("its DOCTYPE declares something itself");
  }
  static void EntityDeclaration(void* data, const char*, int, const char*, int, const char*,
                                const char*, const char*, const char*) {
    Self(data).Refuse("it declares an entity");
  }
  static void SkippedEntity(void* data, const char*, int) {
    Self(data).Refuse("it uses an entity that XML does not define");
  }
};

TmxParser::TmxParser(const LanguagePair& languages, PairSink sink)
    : languages_(languages),
      sink_(std::move(sink)),
      parser_(XML_ParserCreate(nullptr), [](XML_ParserStruct* parser) { XML_ParserFree(parser); }) {
  XML_SetUserData(parser_.get(), this);
  XML_SetElementHandler(parser_.get(), Callbacks::Start, Callbacks::End);
  XML_SetCharacterDataHandler(parser_.get(), Callbacks::Text);
  XML_SetStartDoctypeDeclHandler(parser_.get(), Callbacks::Doctype);
  XML_SetEntityDeclHandler(parser_.get(), Callbacks::EntityDeclaration);
  XML_SetSkippedEntityHandler(parser_.get(), Callbacks::SkippedEntity);
}

TmxParser::~TmxParser() = default;

absl::Status TmxParser::Feed(absl::string_view bytes) {
  while (!bytes.empty()) {
    absl::string_view piece = bytes.substr(0, kPieceSize);
    KW_RETURN_IF_ERROR(Parse(piece, /*final=*/false));
    bytes.remove_prefix(piece.size());
  }
  return absl::OkStatus();
}

absl::Status TmxParser::Finish() {
  KW_RETURN_IF_ERROR(Parse("", /*final=*/true));
  if (pairs_ == 0) {
    return DocumentMalformed(Place(), absl::StrCat("no <tu> has a <tuv> in ", languages_.source,
                                                   " and one in ", languages_.target));
  }
  return absl::OkStatus();
}

absl::Status TmxParser::Parse(absl::string_view bytes, bool final) {
  if (!error_.ok()) return error_;
  fed_ += static_cast<int64_t>(bytes.size());
  XML_Status status = XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), final);
  if (!error_.ok()) return error_;
  if (status != XML_STATUS_OK) {
    error_ = DocumentMalformed(Place(), XML_ErrorString(XML_GetErrorCode(parser_.get())));
  } else if (fed_ - XML_GetCurrentByteIndex(parser_.get()) > kMaximumTokenSize) {
    error_ = DocumentMalformed(Place(), "a tag or comment is too long");
  }
  return error_;
}

void TmxParser::Start(absl::string_view name, const char** attributes) {
  if (!error_.ok()) return;
  if (open_.size() >= kMaximumDepth) return Refuse("elements are nested too deeply");
  if (open_.empty()) {
    if (name != "tmx") return Refuse("the outermost element is not <tmx>");
    return StartTmx(attributes);
  }
  Element parent = open_.back();
  auto open = [&](Element element) { open_.push_back(element); };
  if (parent == Element::kIgnored || parent == Element::kCode) return open(parent);
  if (parent == Element::kTmx && name == "header") return open(Element::kIgnored);
  if (parent == Element::kTmx && name == "body") return open(Element::kBody);
  if (parent == Element::kBody && name == "tu") {
    has_source_ = has_target_ = false;
    return open(Element::kTu);
  }
  if (parent == Element::kTu && name == "tuv") return StartTuv(attributes);
  if ((parent == Element::kTu || parent == Element::kTuv) && (name == "note" || name == "prop")) {
    return open(Element::kIgnored);
  }
  if (parent == Element::kTuv && name == "seg") {
    if (has_segment_) return Refuse("a <tuv> has two <seg>");
    has_segment_ = true;
    segment_.clear();
    return open(Element::kSeg);
  }
  if (parent == Element::kSeg || parent == Element::kText) {
    if (name == "hi") return open(Element::kText);
    for (absl::string_view code : {"bpt", "ept", "it", "ph", "ut"}) {
      if (name == code) return open(Element::kCode);
    }
  }
  Refuse("an element stands where TMX has none of its name");
}

void TmxParser::StartTmx(const char** attributes) {
  const char* version = Attribute(attributes, "version");
  if (version == nullptr || !absl::StartsWith(version, "1.")) {
    return Refuse("<tmx> must have a version of 1.1 to 1.4");
  }
  open_.push_back(Element::kTmx);
}

void TmxParser::StartTuv(const char** attributes) {
  const char* language = Attribute(attributes, "xml:lang");
  if (language == nullptr) language = Attribute(attributes, "lang");
  if (language == nullptr) return Refuse("a <tuv> has no xml:lang");
  is_source_ = TagMeansLanguage(language, languages_.source);
  is_target_ = !is_source_ && TagMeansLanguage(language, languages_.target);
  has_segment_ = false;
  open_.push_back(Element::kTuv);
}

void TmxParser::End() {
  if (!error_.ok()) return;
  Element element = open_.back();
  open_.pop_back();
  if (element == Element::kTu) return EndTu();
  if (element != Element::kTuv) return;
  if (!has_segment_) return Refuse("a <tuv> has no <seg>");
  // Of several variants of a language the first counts.
  if (is_source_ && !has_source_) {
    source_.swap(segment_);
    has_source_ = true;
  } else if (is_target_ && !has_target_) {
    target_.swap(segment_);
    has_target_ = true;
  }
}

void TmxParser::EndTu() {
  if (!has_source_ || !has_target_) return;
  ++pairs_;
  sink_(source_, target_);
}

void TmxParser::Text(absl::string_view text) {
  if (!error_.ok() || open_.empty()) return;
  Element element = open_.back();
  if (element == Element::kSeg || element == Element::kText) {
    if (segment_.size() + text.size() > kMaximumSegmentSize) {
      return Refuse("a <seg> is longer than 64 KiB");
    }
    segment_.append(text.data(), text.size());
  } else if (element != Element::kIgnored && element != Element::kCode &&
             text.find_first_not_of(" \t\r\n") != absl::string_view::npos) {
    Refuse("text stands where TMX has none");
  }
}

void TmxParser::Refuse(absl::string_view problem) {
  if (!error_.ok()) return;
  error_ = DocumentMalformed(Place(), problem);
  XML_StopParser(parser_.get(), XML_FALSE);
}

std::string TmxParser::Place() const {
  return absl::StrCat("line ", XML_GetCurrentLineNumber(parser_.get()), ", column ",
                      XML_GetCurrentColumnNumber(parser_.get()) + 1);
}

}  // namespace keyward::model_deployment
