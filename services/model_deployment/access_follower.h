#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_FOLLOWER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_FOLLOWER_H_

#include <functional>

#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/deployments.h"

namespace keyward::model_deployment {

// Acts on the encryption service's events. A loss of access takes effect in one transaction: the
// account is DENIED, its models are UNDEPLOYED, its uploads condemned (or sealed), the loss noted
// for the Destroyer. With the commit the gate closes, then the workers are killed and waited for,
// so that all this is done before the event is acknowledged. Nothing here ever makes a model serve
// again. Called from one thread.
class AccessFollower final : public events::EventHandler {
 public:
  // `changed` is called with an account when it lost or got back what it holds, after the commit.
  AccessFollower(AccessGates& gates, Deployments& deployments, const clock::Clock& clock,
                 std::function<void(const std::string& account)> changed)
      : gates_(gates), deployments_(deployments), clock_(clock), changed_(std::move(changed)) {}

  absl::Status Apply(storage::Transaction& tx, const events::v1::Event& event) override;

  // The effect in memory alone. It hangs on the event, not on who applied it: another replica, or
  // this one, whose commit succeeded although the database's answer was lost.
  void Observe(const events::v1::Event& event) override;

 private:
  absl::Status ApplyAccount(storage::Transaction& tx, const events::v1::Event& event,
                            const encryption::v1::AccountChanged& change);
  absl::Status ApplyLoss(storage::Transaction& tx, const events::v1::Event& event,
                         const encryption::v1::AccountChanged& change);
  absl::Status ApplyScopeDestroyed(storage::Transaction& tx, const events::v1::Event& event,
                                   const encryption::v1::ScopeDestroyed& change);
  absl::Status CondemnOnRequest(storage::Transaction& tx, const events::v1::Event& event,
                                const encryption::v1::ScopeDestroyed& change);

  AccessGates& gates_;
  Deployments& deployments_;
  const clock::Clock& clock_;
  const std::function<void(const std::string& account)> changed_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_FOLLOWER_H_
