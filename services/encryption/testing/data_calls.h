#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_DATA_CALLS_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_DATA_CALLS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "keyward/encryption/v1/data.pb.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/testing/fake_stream.h"

namespace keyward::encryption::testing {

using EncryptingClient = FakeStream<v1::EncryptStreamRequest, v1::EncryptStreamResponse>;
using DecryptingClient = FakeStream<v1::DecryptStreamRequest, v1::DecryptStreamResponse>;

inline constexpr size_t kChunk = 1 << 20;

// An object as requests name it.
struct Target {
  std::string account = "accounts/contoso";
  std::string scope = "uploads";
  std::string object = "object";
};

// A client that will send the object's name, and the text cut into chunks.
EncryptingClient Encrypting(const Target& target, absl::string_view plaintext,
                            size_t chunk = kChunk);
DecryptingClient Decrypting(const Target& target, absl::string_view ciphertext,
                            size_t chunk = kChunk);

// Everything that a client was sent, in one piece.
std::string Received(const EncryptingClient& client);
std::string Received(const DecryptingClient& client);
// How much that is.
size_t ReceivedSize(const EncryptingClient& client);
size_t ReceivedSize(const DecryptingClient& client);

// How an attempt to decrypt ended, and what came out of it.
struct Decrypted {
  absl::Status status;
  std::string plaintext;
};

// The three ways to decrypt a whole object.
Decrypted DecryptAlone(EncryptionCore& core, const Target& target, const std::string& ciphertext);
Decrypted DecryptInBatch(EncryptionCore& core, const Target& target, const std::string& ciphertext);
Decrypted DecryptAsStream(EncryptionCore& core, const Target& target, const std::string& ciphertext,
                          size_t chunk = kChunk);

// The error of an item, as the call would have it alone.
absl::Status ToStatus(const google::rpc::Status& error);

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_DATA_CALLS_H_
