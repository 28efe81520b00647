#ifndef KEYWARD_COMMON_STORAGE_MESSAGE_HASH_H_
#define KEYWARD_COMMON_STORAGE_MESSAGE_HASH_H_

#include <string>

#include "google/protobuf/message.h"

namespace keyward::storage {

// The SHA-256, as raw bytes, of a message's full name and its fields; the same for equal messages.
std::string MessageHash(const google::protobuf::Message& message);

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_MESSAGE_HASH_H_
