#ifndef KEYWARD_SERVICES_ENCRYPTION_STREAM_ACCESS_H_
#define KEYWARD_SERVICES_ENCRYPTION_STREAM_ACCESS_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/server/call_context.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/named_object.h"
#include "services/encryption/object_keys.h"

namespace keyward::encryption {

// The leave to work on one object for longer than one pass of the gate takes. For one thread.
class StreamAccess {
 public:
  // All that are given by reference must outlive this.
  StreamAccess(KeyGate& gate, ObjectKeys& keys, const clock::Clock& clock, server::CallContext call,
               NamedObject object)
      : gate_(gate),
        keys_(keys),
        clock_(clock),
        call_(std::move(call)),
        object_(std::move(object)) {}

  struct NewObject {
    envelope::ObjectHeader header;
    envelope::DataKeys keys;
    // The version of the customer's key in use; empty with platform-managed keys.
    std::string customer_key_version;
  };

  // Each passes the gate: without an object yet; with a new one; with one that is stored. Errors
  // are those of KeyGate::Run and ObjectKeys.
  absl::Status Enter();
  absl::StatusOr<NewObject> Create();
  absl::StatusOr<envelope::DataKeys> Open(const envelope::ObjectHeader& header);

  // OK if the work may go on now, after one of the above: the gate is open and was never shut for a
  // loss in between, and the account's keys, as they are now, open the object. Asks nobody else
  // unless those keys have changed, or were last used kPassEvery ago.
  absl::Status Confirm();

  const envelope::ObjectId& id() const { return object_.id; }

 private:
  // Keys that the gate gave are not good for longer than those in the cache, by much.
  static constexpr absl::Duration kPassEvery = absl::Minutes(1);
  // How long the gate may take for one pass.
  static constexpr absl::Duration kPassTime = absl::Seconds(10);

  template <typename Result>
  absl::StatusOr<Result> Pass(absl::FunctionRef<absl::StatusOr<Result>(const OpenAccount&)> work);
  absl::Status CheckUnbroken(const Account& now) const;

  KeyGate& gate_;
  ObjectKeys& keys_;
  const clock::Clock& clock_;
  const server::CallContext call_;
  const NamedObject object_;
  // Of the object, once it is known.
  std::optional<envelope::ObjectHeader> header_;
  // As it was when the gate was last passed, and when that was.
  AccountPtr seen_;
  absl::Duration passed_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_STREAM_ACCESS_H_
