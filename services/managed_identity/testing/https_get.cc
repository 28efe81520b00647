#include "services/managed_identity/testing/https_get.h"

#include <httplib.h>

#include "absl/strings/ascii.h"

namespace keyward::managed_identity::testing {

HttpsAnswer Https(int port, const std::string& path, const std::string& ca,
                  const std::string& method, int kilobytes_of_headers) {
  httplib::SSLClient client("localhost", port);
  client.set_hostname_addr_map({{"localhost", "127.0.0.1"}});
  client.set_ca_cert_path(ca.c_str());
  client.enable_server_certificate_verification(true);
  // Long, for machines that are busy.
  client.set_connection_timeout(60);
  client.set_read_timeout(60);
  httplib::Request request;
  request.method = method;
  request.path = path;
  for (int i = 0; i < kilobytes_of_headers; ++i) {
    request.headers.emplace("X-Padding", std::string(1024, 'x'));
  }
  const httplib::Result result = client.send(request);
  HttpsAnswer answer;
  if (!result) {
    answer.error = httplib::to_string(result.error());
    return answer;
  }
  answer.status = result->status;
  answer.body = result->body;
  for (const auto& [name, value] : result->headers) {
    answer.headers[absl::AsciiStrToLower(name)] = value;
  }
  return answer;
}

}  // namespace keyward::managed_identity::testing
