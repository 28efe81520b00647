#ifndef KEYWARD_COMMON_HTTPS_FETCH_H_
#define KEYWARD_COMMON_HTTPS_FETCH_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/https/url.h"

namespace keyward::https {

// How much a fetch may take of us.
struct FetchLimits {
  // Of the body; headers and what TLS adds may be 64 KiB besides.
  size_t bytes = 256 * 1024;
  // From the first packet to the last, however slowly the server sends.
  absl::Duration time = absl::Seconds(10);
};

// Gets what is at `url`, over TLS, from a server whose certificate is good for the host and chains
// to one of `ca_certificates` (PEM), and to nothing else: the system's authorities do not count.
// Asks once, follows no redirect, uses no proxy, sends no secret. Errors say in words what went
// wrong: FAILED_PRECONDITION if whoever answers has no such certificate, so that asking again does
// not help until somebody changes it or the authorities; UNAVAILABLE for everything else but an
// answer 200 within the limits. Blocks for at most limits.time
// and the time that the system takes to resolve the name. Thread-safe.
//
// Must not be called in a process that lets SIGPIPE kill it; servers ignore it (process.h).
absl::StatusOr<std::string> Fetch(const Url& url, const std::string& ca_certificates,
                                  const FetchLimits& limits = {});

}  // namespace keyward::https

#endif  // KEYWARD_COMMON_HTTPS_FETCH_H_
