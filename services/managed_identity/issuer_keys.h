#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ISSUER_KEYS_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ISSUER_KEYS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/foreign_keys.h"
#include "common/clock/clock.h"
#include "common/https/url.h"
#include "services/managed_identity/federation.h"

namespace keyward::managed_identity {

// Gets a document over HTTPS from a server that must chain to the given authorities (PEM), as
// https::Fetch does.
using HttpsFetcher = std::function<absl::StatusOr<std::string>(const https::Url& url,
                                                               const std::string& authorities)>;

// The public keys of trusted issuers, fetched when they are needed and kept for a while. Whatever
// callers send, an issuer is asked at most once in ten seconds, by one call at a time while another
// waits for its answer; at most two calls fetch or wait for one issuer, so that a slow one does not
// keep others' callers out, and at most eight for all, so that slow ones cannot take up the server.
// Thread-safe.
class IssuerKeys {
 public:
  // How long keys count after they were fetched.
  static constexpr absl::Duration kLongestUse = absl::Minutes(5);
  // How long after an attempt to fetch the next one may be.
  static constexpr absl::Duration kShortestInterval = absl::Seconds(10);
  static constexpr int kMaxBusy = 8;
  static constexpr int kMaxBusyForOne = 2;

  // `clock` must outlive this.
  IssuerKeys(HttpsFetcher fetch, const clock::Clock& clock)
      : fetch_(std::move(fetch)), clock_(clock) {}

  struct Answer {
    std::shared_ptr<const auth::ForeignKeys> keys;
    // After which time the issuer may be asked again, for a key that is not among them.
    absl::Duration retry_after;
  };

  // The keys of an issuer, fetched anew if the last ones are too old or `key_id` is none of them.
  // UNAVAILABLE (ISSUER_UNREACHABLE), saying why, if they cannot be had, or not before `deadline`.
  absl::StatusOr<Answer> Get(const TrustedIssuer& issuer, const std::string& key_id,
                             absl::Time deadline);

 private:
  struct Entry {
    std::shared_ptr<const auth::ForeignKeys> keys;
    absl::Duration fetched = -absl::InfiniteDuration();
    absl::Duration attempted = -absl::InfiniteDuration();
    absl::Status failure;
    bool fetching = false;
    // Calls that fetch from this issuer or wait for somebody who does.
    int busy = 0;
  };

  Entry& EntryOf(const TrustedIssuer& issuer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refresh(const TrustedIssuer& issuer, Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<auth::ForeignKeys> Fetch(const TrustedIssuer& issuer) const;
  absl::StatusOr<https::Url> Discover(const TrustedIssuer& issuer) const;

  const HttpsFetcher fetch_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  // By digest of what SameSource compares: keys that were had another way do not count.
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // The same of all issuers.
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ISSUER_KEYS_H_
