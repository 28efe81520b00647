#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_HTTPS_GET_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_HTTPS_GET_H_

#include <map>
#include <string>

namespace keyward::managed_identity::testing {

// What a server on loopback answered.
struct HttpsAnswer {
  // 0 if there was none; `error` says why.
  int status = 0;
  std::string error;
  std::string body;
  // By name in lower case.
  std::map<std::string, std::string> headers;
};

// Asks https://localhost:port, at 127.0.0.1, for `path`, with `method`, without a client
// certificate, and trusting the authority in the file `ca` alone.
HttpsAnswer Https(int port, const std::string& path, const std::string& ca,
                  const std::string& method = "GET", int kilobytes_of_headers = 0);

}  // namespace keyward::managed_identity::testing

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TESTING_HTTPS_GET_H_
