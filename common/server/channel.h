#ifndef KEYWARD_COMMON_SERVER_CHANNEL_H_
#define KEYWARD_COMMON_SERVER_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace keyward::server {

// Where a process finds its certificate, its key, and the authority that it trusts; PEM files. They
// may be replaced while it runs: new connections use the new ones within a second or two.
struct TlsFiles {
  std::string certificate;
  std::string private_key;
  std::string ca;
};

// A channel to a peer over mutual TLS 1.3. The peer must show a certificate of our authority with
// exactly the given SPIFFE ID ("spiffe://keyward.local/service/key_vault"); its host name does not
// matter. Reconnects by itself within about a second, and notices a dead peer.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const TlsFiles& files,
                                           absl::string_view peer_spiffe_id);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_CHANNEL_H_
