#ifndef KEYWARD_COMMON_SERVER_CREDENTIALS_OF_H_
#define KEYWARD_COMMON_SERVER_CREDENTIALS_OF_H_

#include <grpcpp/server_context.h>

#include <string>

#include "common/auth/authenticator.h"

namespace keyward::server {

// What the peer of a call showed: the SPIFFE ID in its certificate, the metadata "authorization".
auth::Credentials CredentialsOf(const grpc::ServerContextBase& context);

// The correlation id that came with a call, if it is one (1-64 of [0-9A-Za-z._-]), else a new one.
std::string CorrelationIdOf(const grpc::ServerContextBase& context);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_CREDENTIALS_OF_H_
