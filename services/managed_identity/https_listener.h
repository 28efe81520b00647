#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_HTTPS_LISTENER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_HTTPS_LISTENER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace keyward::managed_identity {

// What a page of an HttpsListener answers with: 200, this type and these bytes.
struct HttpsPage {
  std::string content_type;
  // The value of Cache-Control.
  std::string cache_control;
  std::string body;
};

// A small HTTPS server for what anybody may read: TLS 1.2 or newer with a server certificate, none
// wanted of the client; GET and HEAD of a few pages, 404 for all else. What strangers can take up
// is bounded: few threads, few waiting connections, short requests, and an end for every connection
// however slowly it talks. The certificate's files are read for each connection, so that a new one
// needs no restart. Thread-safe.
class HttpsListener {
 public:
  struct Options {
    // host:port; the host an address.
    std::string listen;
    // PEM files: the chain, and its private key.
    std::string certificate;
    std::string private_key;
    // Connections served at the same time, and how many wait for that; more wait in the kernel.
    int threads = 4;
    int queue = 64;
    // How long a connection may last, and how long it may say nothing.
    absl::Duration connection_limit = absl::Seconds(10);
    absl::Duration silence_limit = absl::Seconds(2);
  };
  // Makes a page when it is asked for, on any thread; an error is answered with 503 and goes to the
  // log.
  using MakePage = std::function<absl::StatusOr<HttpsPage>()>;

  // Serves `pages`, by path such as "/.well-known/jwks.json". UNAVAILABLE, saying why, if it cannot
  // listen or the certificate is not good.
  static absl::StatusOr<std::unique_ptr<HttpsListener>> Start(
      const Options& options, std::map<std::string, MakePage> pages);
  // Ends every connection.
  ~HttpsListener();

  int port() const;

 private:
  class Impl;
  explicit HttpsListener(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_HTTPS_LISTENER_H_
