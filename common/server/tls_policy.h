#ifndef KEYWARD_COMMON_SERVER_TLS_POLICY_H_
#define KEYWARD_COMMON_SERVER_TLS_POLICY_H_

namespace keyward::server {

// Makes TLS 1.3 the only version that gRPC negotiates in this process, on either side. Takes effect
// if called before the first credentials are made; idempotent and thread-safe.
void RequireTls13();

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_TLS_POLICY_H_
