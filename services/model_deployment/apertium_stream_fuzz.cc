#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/apertium_stream.h"

using keyward::model_deployment::DecodeFromApertium;
using keyward::model_deployment::EncodeForApertium;
using keyward::model_deployment::NounForm;
using keyward::model_deployment::Sentence;

// A pipeline that changes nothing gives every sentence back, phrases included; and no answer that a
// pipeline could give is too odd to be taken apart.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  Sentence sentence;
  std::string whole;
  for (absl::string_view piece : absl::StrSplit(input, '|')) {
    sentence.push_back(
        {std::string(piece), sentence.size() % 2 == 1, static_cast<NounForm>(sentence.size() % 5)});
    whole += sentence.back().text;
  }
  for (bool as_nouns : {true, false}) {
    auto encoded = EncodeForApertium(sentence, 7, as_nouns);
    if (!encoded.ok()) return 0;
    auto decoded = DecodeFromApertium(encoded->stream, *encoded);
    if (!decoded.ok() || *decoded != whole) std::abort();
    DecodeFromApertium(input, *encoded).IgnoreError();
  }
  return 0;
}
