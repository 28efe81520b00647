#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_INSTALLATION_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_INSTALLATION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/model_deployment/language.h"

namespace keyward::model_deployment {

// The programs of a pipeline, in order, each with its arguments.
using Pipeline = std::vector<std::vector<std::string>>;

// Takes a mode file (one line of shell, as Apertium installs it) apart, without a shell: programs
// joined by |, arguments in single quotes or bare. The variables that Apertium's own script fills
// in become what this service wants: unknown words unmarked, output flushed at each NUL. Refuses
// programs that are not Apertium's and anything else that a shell would act on.
absl::StatusOr<Pipeline> ParseMode(absl::string_view mode);

// Which language pairs Debian's packages have installed. A value; thread-compatible.
class ApertiumInstallation {
 public:
  // Reads the mode files under `directory`. Modes with a variant ("spa-eng_US") are left out, and
  // so are those that ParseMode refuses or whose files are missing.
  static ApertiumInstallation Discover(const std::string& directory = "/usr/share/apertium/modes");

  std::vector<LanguagePair> Pairs() const;

  // The pipeline of a pair; null if it is not installed.
  const Pipeline* Find(const LanguagePair& pair) const;

  // The compiled dictionary that analyses words of `language`; empty if no installed pair
  // translates from it.
  std::string AnalyserOf(absl::string_view language) const;

 private:
  std::map<std::string, Pipeline> pipelines_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_INSTALLATION_H_
