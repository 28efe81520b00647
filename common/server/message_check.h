#ifndef KEYWARD_COMMON_SERVER_MESSAGE_CHECK_H_
#define KEYWARD_COMMON_SERVER_MESSAGE_CHECK_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace keyward::server {

// INVALID_ARGUMENT, reason INVALID_REQUEST, naming every field concerned, if a message holds a
// field or an enum value that this release does not know, at any depth. What is packed in an Any is
// not looked into.
absl::Status CheckMessage(const google::protobuf::Message& message);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_MESSAGE_CHECK_H_
