#ifndef KEYWARD_TESTS_MISSION_STORY_H_
#define KEYWARD_TESTS_MISSION_STORY_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "tests/mission/customer.h"
#include "tests/mission/transcript.h"

namespace keyward::mission {

// The main job of Keyward, from an empty platform to the last receipt, as an outside client drives
// it. Each line of it is a check of the transcript; the first that fails ends it. The demo prints
// it, the tests assert it, also while servers are killed.
class Story {
 public:
  struct Options {
    // A TMX file with English and Spanish pairs.
    std::string training_set;
    // At least so many distinct pairs must be left after filtering.
    int64_t training_pairs = 10'000;
    // The data directory of the suite, if it is on this machine: then the story also looks at what
    // lies on disk, and whether worker processes are gone.
    std::string data_dir;
    // Whether servers are killed meanwhile: then a consumer may have been waited out.
    bool under_fire = false;
    // Step 7 needs a while; the tests that kill servers leave some of it out.
    bool every_cause = true;
  };

  // Names of this run's customers begin with `id`: 3-7 of [0-9a-z], a letter first.
  Story(Client& client, Transcript& transcript, Options options, std::string id);

  // Plays all steps. Each begins where the one before ended.
  absl::Status Play();

  // Called with the number of the step that begins.
  void SetOnStep(std::function<void(int)> hook) { on_step_ = std::move(hook); }

 private:
  absl::Status PlatformManaged();
  absl::Status CustomerManaged();
  absl::Status Upload();
  absl::Status TrainAndTranslate();
  absl::Status DisableIdentity();
  absl::Status ComeBack();
  absl::Status EveryOtherCause();

  absl::Status CheckRulesBroken();
  // Nobody takes the key away without having seen who uses it.
  absl::Status CheckInUse();
  absl::Status CheckCiphertextOnly();
  absl::Status CheckPreview();
  absl::Status CheckDestroyed(Customer& customer, encryption::v1::Cause cause, int64_t uploads,
                              absl::Time returned);
  absl::Status CheckReceipts(Customer& customer, encryption::v1::Cause cause, int64_t uploads,
                             absl::Time lost_at);
  absl::Status CheckVaultAudit();
  absl::Status LoseBy(encryption::v1::Cause cause);

  std::set<std::string> BlobFiles() const;

  Client& client_;
  Transcript& transcript_;
  const Options options_;
  const std::string id_;
  std::function<void(int)> on_step_;

  Customer customer_;
  std::string principal_;
  std::set<std::string> upload_blobs_;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_STORY_H_
