#ifndef KEYWARD_COMMON_SERVER_SERVER_CREDENTIALS_H_
#define KEYWARD_COMMON_SERVER_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "common/server/channel.h"

namespace keyward::server {

// Mutual TLS 1.3: a client must show a certificate of the authority in files.ca. The files are read
// again when they change; new connections use the new ones within a second or two.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const TlsFiles& files);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_SERVER_CREDENTIALS_H_
