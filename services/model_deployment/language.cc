#include "services/model_deployment/language.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/error.h"

namespace keyward::model_deployment {

namespace {

struct Alias {
  const char* two;
  const char* three;
};

// Norwegian and Serbo-Croatian stand under the codes of their written forms too.
constexpr Alias kAliases[] = {
    {"af", "afr"}, {"an", "arg"}, {"ar", "ara"}, {"ast", "ast"}, {"be", "bel"}, {"bg", "bul"},
    {"br", "bre"}, {"bs", "hbs"}, {"bs", "bos"}, {"ca", "cat"},  {"co", "cos"}, {"cs", "ces"},
    {"cy", "cym"}, {"da", "dan"}, {"de", "deu"}, {"el", "ell"},  {"en", "eng"}, {"eo", "epo"},
    {"es", "spa"}, {"et", "est"}, {"eu", "eus"}, {"fa", "fas"},  {"fi", "fin"}, {"fo", "fao"},
    {"fr", "fra"}, {"fy", "fry"}, {"ga", "gle"}, {"gd", "gla"},  {"gl", "glg"}, {"he", "heb"},
    {"hi", "hin"}, {"hr", "hrv"}, {"hr", "hbs"}, {"hu", "hun"},  {"hy", "hye"}, {"id", "ind"},
    {"is", "isl"}, {"it", "ita"}, {"ja", "jpn"}, {"ka", "kat"},  {"ko", "kor"}, {"la", "lat"},
    {"lb", "ltz"}, {"lt", "lit"}, {"lv", "lav"}, {"mk", "mkd"},  {"ms", "zlm"}, {"ms", "msa"},
    {"mt", "mlt"}, {"nb", "nob"}, {"nl", "nld"}, {"nn", "nno"},  {"no", "nor"}, {"no", "nob"},
    {"oc", "oci"}, {"pl", "pol"}, {"pt", "por"}, {"rm", "roh"},  {"ro", "ron"}, {"ru", "rus"},
    {"sc", "srd"}, {"se", "sme"}, {"sk", "slk"}, {"sl", "slv"},  {"sq", "sqi"}, {"sr", "srp"},
    {"sr", "hbs"}, {"sv", "swe"}, {"sw", "swa"}, {"tr", "tur"},  {"uk", "ukr"}, {"ur", "urd"},
    {"vi", "vie"}, {"zh", "zho"},
};

}  // namespace

absl::Status CheckLanguage(absl::string_view field, absl::string_view code) {
  bool good = code.size() == 3;
  for (char c : code) good = good && absl::ascii_islower(c);
  if (good) return absl::OkStatus();
  return InvalidField(field, "must be an ISO 639-3 code of three small letters, such as \"eng\"");
}

bool TagMeansLanguage(absl::string_view tag, absl::string_view iso639_3) {
  std::string primary = absl::AsciiStrToLower(tag.substr(0, tag.find_first_of("-_")));
  if (primary == iso639_3) return true;
  for (const Alias& alias : kAliases) {
    if (primary == alias.two && iso639_3 == alias.three) return true;
  }
  return false;
}

}  // namespace keyward::model_deployment
