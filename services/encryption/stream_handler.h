#ifndef KEYWARD_SERVICES_ENCRYPTION_STREAM_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_STREAM_HANDLER_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/server/message_stream.h"
#include "keyward/encryption/v1/data.pb.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/object_keys.h"

namespace keyward::encryption {

// EncryptStream and DecryptStream, in memory for a few segments. The gate is asked before each
// message is looked at and before each one leaves, and while nothing happens too, so that a stream
// ends by itself; its keys are wiped then. Thread-safe.
class StreamHandler {
 public:
  struct Options {
    // How long a client may neither send anything nor take what it is sent.
    absl::Duration idle = absl::Seconds(30);
    absl::Duration longest = absl::Hours(1);
  };

  using EncryptStream = server::MessageStream<v1::EncryptStreamRequest, v1::EncryptStreamResponse>;
  using DecryptStream = server::MessageStream<v1::DecryptStreamRequest, v1::DecryptStreamResponse>;

  // All must outlive this.
  StreamHandler(KeyGate& gate, ObjectKeys& keys, const clock::Clock& clock, Options options)
      : gate_(gate), keys_(keys), clock_(clock), options_(options) {}
  StreamHandler(KeyGate& gate, ObjectKeys& keys, const clock::Clock& clock)
      : StreamHandler(gate, keys, clock, Options()) {}

  // Serves one stream to its end.
  absl::Status Encrypt(const server::CallContext& call, EncryptStream& stream);
  absl::Status Decrypt(const server::CallContext& call, DecryptStream& stream);

 private:
  KeyGate& gate_;
  ObjectKeys& keys_;
  const clock::Clock& clock_;
  const Options options_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_STREAM_HANDLER_H_
