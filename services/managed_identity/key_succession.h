#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_KEY_SUCCESSION_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_KEY_SUCCESSION_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "common/server/sealed_column.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/signing_key.h"

namespace keyward::managed_identity {

// Where the sealed signing keys are, and what each is sealed with beside the root key.
server::SealedColumn SigningKeyColumn();
std::string SigningKeyContext(const std::string& key_id);

// How token signing keys follow each other. Once there is a key, there are an ACTIVE one and a NEXT
// one after every change; each change publishes the whole set, by SigningKeysChanged. A change must
// be committed by the caller; errors are those of the database and of the root key. Thread-safe.
class KeySuccession {
 public:
  // The ACTIVE and the NEXT key at one moment.
  struct Pair {
    SigningKey active;
    SigningKey next;
  };
  struct Advanced {
    SigningKey active;
    SigningKey retired;
  };

  explicit KeySuccession(const crypto::RootKey& root_key) : root_key_(root_key) {}

  // What they are now. DATA_LOSS if there are not both.
  static absl::StatusOr<Pair> FindPair(storage::Transaction& tx);

  // Makes what is missing. If the NEXT key is another issuer's, replaces it by one of `issuer`.
  absl::Status Ensure(Change& change, const std::string& issuer) const;

  // Lets the NEXT key sign, and makes another NEXT. A key that no service knows must not sign, so
  // whoever asks has waited for the delivery of seen.next.last_event; and if another replica was
  // faster, so that the two are not the ones `seen` any more, nothing is done and returned.
  absl::StatusOr<std::optional<Advanced>> Advance(Change& change, const Pair& seen) const;

  // Revokes a key that is published, and returns it. The NEXT one takes the place of the ACTIVE one
  // at once, with the event to wait for in its last_event.
  absl::StatusOr<SigningKey> Revoke(Change& change, SigningKey key, const std::string& by) const;

  // Takes back RETIRED keys whose tokens have all expired; returns how many that were.
  absl::StatusOr<int> Withdraw(Change& change) const;

 private:
  absl::StatusOr<SigningKey> Make(Change& change, const std::string& issuer,
                                  SigningKeyState state) const;

  const crypto::RootKey& root_key_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_KEY_SUCCESSION_H_
