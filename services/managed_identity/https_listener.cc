#include "services/managed_identity/https_listener.h"

#include <httplib.h>
#include <sys/socket.h>

#include <thread>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/connection_pool.h"

// Calls functions of libssl (SSL_…) only: see third_party/httplib.

namespace keyward::managed_identity {
namespace {

constexpr size_t kMaxRequestBody = 1024;
constexpr size_t kRequestsPerConnection = 20;
// All that one connection may send, handshake included: the library limits each line of a request,
// but neither the number of headers nor bodies in chunks.
constexpr size_t kMostBytes = 64 * 1024;

struct CertificateFiles {
  std::string certificate;
  std::string private_key;
};

// The pool whose thread this is; for OpenSSL's callback, which knows of none.
thread_local ConnectionPool* current_pool = nullptr;

void OnHandshake(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && current_pool != nullptr) {
    current_pool->Began(SSL_get_fd(ssl));
  }
}

// OpenSSL shows each message, and for each record its header, which ends with the record's size.
void OnMessage(int sent, int, int type, const void* data, size_t size, SSL*, void*) {
  if (sent != 0 || type != SSL3_RT_HEADER || size < 5 || current_pool == nullptr) return;
  const auto* header = static_cast<const unsigned char*>(data);
  current_pool->Received(size + (header[3] << 8 | header[4]));
}

// Returns whether the handshake may go on.
int UseCertificate(SSL* ssl, void* files) {
  const auto& [certificate, private_key] = *static_cast<const CertificateFiles*>(files);
  const bool used = SSL_use_certificate_chain_file(ssl, certificate.c_str()) == 1 &&
                    SSL_use_PrivateKey_file(ssl, private_key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                    SSL_check_private_key(ssl) == 1;
  if (!used) {
    server::Log(server::Severity::kError, "oidc.certificate_unusable",
                {{"certificate", certificate},
                 {"advice", "it cannot be read, or the private key is another's"}});
  }
  return used ? 1 : 0;
}

bool SetUp(SSL_CTX& context, CertificateFiles& files) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_info_callback(&context, OnHandshake);
  SSL_CTX_set_msg_callback(&context, OnMessage);
  SSL_CTX_set_cert_cb(&context, UseCertificate, &files);
  return SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) == 1 &&
         SSL_CTX_use_PrivateKey_file(&context, files.private_key.c_str(), SSL_FILETYPE_PEM) == 1;
}

// Lends a ConnectionPool to httplib.
class Queue final : public httplib::TaskQueue {
 public:
  explicit Queue(ConnectionPool& pool) : pool_(pool) {}

  // Returns nothing in some releases of httplib, whether it was taken in others.
  using Taken = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));
  Taken enqueue(std::function<void()> serve) override {
    pool_.Add([this, serve = std::move(serve)] {
      current_pool = &pool_;
      serve();
      current_pool = nullptr;
    });
    return static_cast<Taken>(true);
  }
  void shutdown() override { pool_.Stop(); }

 private:
  ConnectionPool& pool_;
};

absl::StatusOr<std::pair<std::string, int>> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", listen, "' is not host:port (--oidc_listen)"));
  }
  return std::make_pair(listen.substr(0, colon), port);
}

}  // namespace

class HttpsListener::Impl {
 public:
  Impl(const Options& options, std::map<std::string, MakePage> pages)
      : pages_(std::move(pages)),
        files_{options.certificate, options.private_key},
        pool_(options.threads, options.queue, options.connection_limit, kMostBytes),
        server_([this](SSL_CTX& context) { return SetUp(context, files_); }) {
    const absl::Duration silence = options.silence_limit;
    server_.new_task_queue = [this] { return new Queue(pool_); };
    server_.set_read_timeout(absl::ToInt64Seconds(silence), 0);
    server_.set_write_timeout(absl::ToInt64Seconds(silence), 0);
    server_.set_keep_alive_timeout(absl::ToInt64Seconds(silence));
    server_.set_keep_alive_max_count(kRequestsPerConnection);
    server_.set_payload_max_length(kMaxRequestBody);
    // Not SO_REUSEPORT, which would let another process listen there too.
    server_.set_socket_options([](auto socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    for (const auto& [path, make] : pages_) AddPage(path, make);
  }

  ~Impl() {
    server_.stop();
    // The thread may be waiting for room in the pool, which it stops itself at its end.
    pool_.Cancel();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(const std::string& listen) {
    if (!server_.is_valid()) {
      return absl::UnavailableError(absl::StrCat(
          "the certificate ", files_.certificate, " with the private key ", files_.private_key,
          " cannot be used (--oidc_tls_certificate, --oidc_tls_private_key)"));
    }
    KW_ASSIGN_OR_RETURN(const auto address, ParseListen(listen));
    const auto& [host, port] = address;
    port_ =
        port == 0 ? server_.bind_to_any_port(host) : (server_.bind_to_port(host, port) ? port : -1);
    if (port_ <= 0) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", listen, " (--oidc_listen)"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // What stop() ends is what has begun.
    while (!server_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  void AddPage(const std::string& path, const MakePage& make) {
    server_.Get(absl::StrReplaceAll(path, {{".", "\\."}}),
                [&make](const httplib::Request&, httplib::Response& response) {
                  absl::StatusOr<HttpsPage> page = make();
                  if (!page.ok()) {
                    server::Log(server::Severity::kError, "oidc.page_failed",
                                {{"cause", std::string(page.status().message())}});
                    response.status = 503;
                    return;
                  }
                  response.set_header("Cache-Control", page->cache_control);
                  response.set_header("X-Content-Type-Options", "nosniff");
                  response.set_content(std::move(page->body), page->content_type.c_str());
                });
  }

  const std::map<std::string, MakePage> pages_;
  CertificateFiles files_;
  ConnectionPool pool_;
  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<HttpsListener>> HttpsListener::Start(
    const Options& options, std::map<std::string, MakePage> pages) {
  auto impl = std::make_unique<Impl>(options, std::move(pages));
  KW_RETURN_IF_ERROR(impl->Listen(options.listen));
  return absl::WrapUnique(new HttpsListener(std::move(impl)));
}

HttpsListener::HttpsListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpsListener::~HttpsListener() = default;

int HttpsListener::port() const { return impl_->port(); }

}  // namespace keyward::managed_identity
