#ifndef KEYWARD_COMMON_SERVER_CALL_CONTEXT_H_
#define KEYWARD_COMMON_SERVER_CALL_CONTEXT_H_

#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/auth/caller.h"
#include "keyward/auth/v1/authorization.pb.h"

namespace keyward::server {

// What a handler knows of the call it serves beside the request. Copies share their notes. Note is
// thread-safe; the rest is set before the handler runs and constant from then on.
struct CallContext {
 public:
  CallContext();

  // Who calls; authorised already.
  auth::Caller caller;
  // By which rule the caller was let in, and for what: the value of its resource field. For a
  // service that judges again in the transaction of a change. Null where nobody was asked.
  const auth::v1::Authorization* rule = nullptr;
  std::string resource;
  // Follows the request through all services.
  std::string correlation_id;
  // When the caller stops waiting, or the server's own limit if it gave none. Passed on
  // (client_context.h).
  absl::Time deadline = absl::InfiniteFuture();
  // The caller's address, such as "ipv4:127.0.0.1:5123".
  std::string peer;

  // Adds a detail to the audit entry of the call, such as the key version used; never a secret. Cut
  // after 600 bytes, for a caller may have chosen it.
  void Note(std::string key, std::string value) const;

  // What was noted so far.
  std::map<std::string, std::string> Notes() const;

 private:
  struct SharedNotes;
  std::shared_ptr<SharedNotes> notes_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_CALL_CONTEXT_H_
