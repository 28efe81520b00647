#ifndef KEYWARD_COMMON_SERVER_PROCESS_H_
#define KEYWARD_COMMON_SERVER_PROCESS_H_

#include "absl/status/status.h"

namespace keyward::server {

// What a server's process does once, first of all, before it has a second thread.

// No core dump of this process is ever written, and no other process of the same user may look into
// its memory. INTERNAL if the kernel refuses.
absl::Status DisableCoreDumps();

// Keeps SIGTERM and SIGINT for AwaitShutdownSignal, in this thread and those it will make; a broken
// connection does not kill the process.
void BlockShutdownSignals();

// Debian builds Abseil so that every lock of a mutex is looked at for a deadlock to come. Tests
// keep that; a release does not pay for it.
void StopSearchForDeadlocks();

// Waits for SIGTERM or SIGINT; returns its number.
int AwaitShutdownSignal();

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_PROCESS_H_
