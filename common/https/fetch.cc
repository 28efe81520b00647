#include "common/https/fetch.h"

#include <httplib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace keyward::https {
namespace {

// What an answer may have besides its body: handshake, headers and the frames of TLS.
constexpr size_t kMostOverhead = 64 * 1024;

absl::Status Failed(const Url& url, absl::string_view why,
                    absl::StatusCode code = absl::StatusCode::kUnavailable) {
  return absl::Status(code, absl::StrCat("https://", url.host, ":", url.port, url.path, ": ", why));
}

// Text under a path that only this process can open, and on no disk: the library reads authorities
// from files, and adds the system's to those it is given in any other way.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text) : fd_(memfd_create("ca", MFD_CLOEXEC)) {
    whole_ = fd_ >= 0 && write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  bool ok() const { return whole_; }
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
  bool whole_ = false;
};

// Ends a connection when its time is up. The library limits each wait, and a server that sends a
// byte now and then could hold it for ever.
class Deadline {
 public:
  explicit Deadline(absl::Duration time) : thread_([this, time] { Watch(time); }) {}
  ~Deadline() {
    {
      absl::MutexLock lock(&mutex_);
      done_ = true;
    }
    thread_.join();
    for (const int fd : sockets_) close(fd);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // A duplicate, which names the same connection also when the library has closed its own.
  void Add(int socket) {
    absl::MutexLock lock(&mutex_);
    sockets_.push_back(dup(socket));
    if (passed_) shutdown(socket, SHUT_RDWR);
  }

  bool passed() {
    absl::MutexLock lock(&mutex_);
    return passed_;
  }

  // Of the record layer, handshakes and headers included. Ends the connection once they are more
  // than `most`.
  void Received(size_t bytes, size_t most) {
    absl::MutexLock lock(&mutex_);
    received_ += bytes;
    if (received_ <= most) return;
    flooded_ = true;
    for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
  }
  bool flooded() {
    absl::MutexLock lock(&mutex_);
    return flooded_;
  }

 private:
  void Watch(absl::Duration time) {
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&done_), time)) return;
    passed_ = true;
    for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
  }

  absl::Mutex mutex_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  bool passed_ ABSL_GUARDED_BY(mutex_) = false;
  bool flooded_ ABSL_GUARDED_BY(mutex_) = false;
  size_t received_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int> sockets_;
  std::thread thread_;
};

// Who counts, and how far.
struct Counter {
  Deadline& deadline;
  size_t most;
};

// OpenSSL shows each message, and for each record its header, which ends with the record's size.
void OnMessage(int sent, int, int type, const void* data, size_t size, SSL*, void* counter) {
  if (sent != 0 || type != SSL3_RT_HEADER || size < 5) return;
  const auto* header = static_cast<const unsigned char*>(data);
  const auto& [deadline, most] = *static_cast<const Counter*>(counter);
  deadline.Received(size + (header[3] << 8 | header[4]), most);
}

void Configure(httplib::SSLClient& client, const MemoryFile& authorities, const FetchLimits& limits,
               Deadline& deadline) {
  const time_t seconds = absl::ToInt64Seconds(absl::Ceil(limits.time, absl::Seconds(1)));
  client.set_ca_cert_path(authorities.path());
  client.enable_server_certificate_verification(true);
  client.set_connection_timeout(seconds);
  client.set_read_timeout(seconds);
  client.set_write_timeout(seconds);
  client.set_follow_location(false);
  client.set_keep_alive(false);
  client.set_decompress(false);
  client.set_socket_options([&deadline](int socket) { deadline.Add(socket); });
}

// What verifying the server's certificate came to, as OpenSSL numbers it.
std::string DescribeCertificate(long result) {
  switch (result) {
    case X509_V_OK:
      return "its certificate is not for this host";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "its certificate chains to none of the pinned authorities";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate, or one above it, has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate, or one above it, is not valid yet";
    default:
      return absl::StrCat("its certificate does not verify (X509_V_ERR ", result, ")");
  }
}

absl::Status Describe(const Url& url, httplib::Error error, long certificate,
                      const FetchLimits& limits) {
  constexpr auto kCertificate = absl::StatusCode::kFailedPrecondition;
  switch (error) {
    case httplib::Error::Connection:
      return Failed(url, "nobody answers there");
    case httplib::Error::SSLServerVerification:
      return Failed(url, DescribeCertificate(certificate), kCertificate);
    case httplib::Error::SSLConnection:
      return Failed(url, "the TLS handshake failed");
    case httplib::Error::SSLLoadingCerts:
      return Failed(url, "the pinned authorities are no certificates in PEM", kCertificate);
    case httplib::Error::Canceled:
      return Failed(url, absl::StrCat("the answer has more than ", limits.bytes, " bytes"));
    default:
      return Failed(url, absl::StrCat("no complete answer (", httplib::to_string(error), ")"));
  }
}

}  // namespace

absl::StatusOr<std::string> Fetch(const Url& url, const std::string& ca_certificates,
                                  const FetchLimits& limits) {
  const MemoryFile authorities(ca_certificates);
  if (!authorities.ok()) return Failed(url, "no memory for the pinned authorities");
  Deadline deadline(limits.time);
  // The library limits each header, and not their number.
  Counter counter{deadline, limits.bytes + kMostOverhead};
  httplib::SSLClient client(url.host, url.port);
  Configure(client, authorities, limits, deadline);
  if (SSL_CTX* context = client.ssl_context(); context != nullptr) {
    SSL_CTX_set_msg_callback(context, OnMessage);
    SSL_CTX_set_msg_callback_arg(context, &counter);
  }
  std::string body;
  int status = 0;
  const httplib::Result result = client.Get(
      url.path, httplib::Headers{{"Accept", "application/json"}, {"Accept-Encoding", "identity"}},
      [&](const httplib::Response& response) {
        status = response.status;
        return status == 200;
      },
      [&](const char* data, size_t size) {
        if (size > limits.bytes - body.size()) return false;
        body.append(data, size);
        return true;
      });
  if (deadline.passed()) {
    return Failed(url,
                  absl::StrCat("no complete answer within ", absl::FormatDuration(limits.time)));
  }
  if (deadline.flooded()) {
    return Failed(url, absl::StrCat("the answer has more than ", limits.bytes, " bytes"));
  }
  if (status != 0 && status != 200) {
    return Failed(url, absl::StrCat("it answers ", status,
                                    status / 100 == 3 ? "; redirects are not followed" : ""));
  }
  if (!result) {
    return Describe(url, result.error(), client.get_openssl_verify_result(), limits);
  }
  return body;
}

}  // namespace keyward::https
