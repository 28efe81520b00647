#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_LOSS_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_LOSS_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "keyward/encryption/v1/access.pb.h"

namespace keyward::model_deployment {

// One loss of access and how far its consequences have come.
struct Loss {
  enum class State {
    // Uploads wait, sealed, for access to come back or for the grace to end.
    kSealed = 1,
    // Uploads are to be destroyed.
    kDestroying = 2,
    // Access came back in time: nothing is destroyed, the receipt says so.
    kRestored = 3,
    // The revocation receipt is signed; nothing is left to do.
    kDone = 4,
  };

  // The encryption service's event that told of it; what it is known by.
  std::string access_event;
  std::string account;
  // The epoch that began with it.
  int64_t epoch = 0;
  encryption::v1::Cause cause = encryption::v1::CAUSE_UNSPECIFIED;
  // The event where access was taken away.
  std::string loss_event;
  absl::Time loss_time;
  absl::Time gate_closed_time;
  // When the keys of the uploads were destroyed, once that is known.
  std::optional<absl::Time> scope_destroyed_time;
  // Whether the encryption service has confirmed that to a question of ours.
  bool scope_confirmed = false;
  // So far.
  int64_t uploads_destroyed = 0;
  int64_t upload_bytes_destroyed = 0;
  State state = State::kDestroying;
};

// Inserts a loss; does nothing if one is known by this event. Returns whether it was new.
absl::StatusOr<bool> AddLoss(storage::Transaction& tx, const Loss& loss);

absl::StatusOr<std::optional<Loss>> FindLoss(storage::Transaction& tx,
                                             absl::string_view access_event);
// All that are DESTROYING or RESTORED.
absl::StatusOr<std::vector<Loss>> UnfinishedLosses(storage::Transaction& tx);

// Sealed losses of the account with an epoch up to `epoch` go on to destruction.
absl::Status ReleaseSealedLosses(storage::Transaction& tx, absl::string_view account, int64_t epoch,
                                 absl::Time scope_destroyed_time);
// Sealed losses of the account were undone in time.
absl::Status RestoreSealedLosses(storage::Transaction& tx, absl::string_view account);

absl::Status ConfirmScopeDestroyed(storage::Transaction& tx, absl::string_view access_event,
                                   absl::Time time);
absl::Status CountDestroyed(storage::Transaction& tx, absl::string_view access_event,
                            int64_t uploads, int64_t bytes);
absl::Status FinishLoss(storage::Transaction& tx, absl::string_view access_event);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_LOSS_STORE_H_
