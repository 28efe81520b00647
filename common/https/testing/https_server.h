#ifndef KEYWARD_COMMON_HTTPS_TESTING_HTTPS_SERVER_H_
#define KEYWARD_COMMON_HTTPS_TESTING_HTTPS_SERVER_H_

#include <memory>
#include <string>

#include "common/server/channel.h"

namespace keyward::https::testing {

// An HTTPS server on a free port of localhost that serves fixed answers. A failure ends the test.
// Thread-safe.
class HttpsServer {
 public:
  // Shows the certificate in `files`; their `ca` is not used.
  explicit HttpsServer(const server::TlsFiles& files);
  ~HttpsServer();
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;

  int port() const;
  // "https://localhost:{port}".
  std::string url() const;

  // From now on answers GETs of `path` so; of all others, 404.
  void Serve(const std::string& path, const std::string& body, int status = 200,
             const std::string& location = "");
  // How many GETs of `path` have come.
  int requests(const std::string& path) const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace keyward::https::testing

#endif  // KEYWARD_COMMON_HTTPS_TESTING_HTTPS_SERVER_H_
