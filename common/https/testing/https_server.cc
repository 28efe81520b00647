#include "common/https/testing/https_server.h"

#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace keyward::https::testing {

class HttpsServer::Impl {
 public:
  explicit Impl(const server::TlsFiles& files)
      : server_(files.certificate.c_str(), files.private_key.c_str()) {
    server_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response);
    });
    port_ = server_.is_valid() ? server_.bind_to_any_port("127.0.0.1") : -1;
    if (port_ <= 0) {
      std::cerr << "no HTTPS server\n";
      std::abort();
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  ~Impl() {
    server_.stop();
    thread_.join();
  }

  int port() const { return port_; }

  void Serve(const std::string& path, const std::string& body, int status,
             const std::string& location) {
    absl::MutexLock lock(&mutex_);
    pages_[path] = {body, status, location};
  }

  int requests(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    return requests_[path];
  }

 private:
  struct Page {
    std::string body;
    int status = 404;
    std::string location;
  };

  void Answer(const httplib::Request& request, httplib::Response& response) {
    absl::MutexLock lock(&mutex_);
    ++requests_[request.path];
    const Page& page = pages_[request.path];
    response.status = page.status;
    if (!page.location.empty()) response.set_header("Location", page.location);
    response.set_content(page.body, "application/json");
  }

  absl::Mutex mutex_;
  std::map<std::string, Page> pages_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> requests_ ABSL_GUARDED_BY(mutex_);
  httplib::SSLServer server_;
  int port_ = -1;
  std::thread thread_;
};

HttpsServer::HttpsServer(const server::TlsFiles& files) : impl_(std::make_unique<Impl>(files)) {}
HttpsServer::~HttpsServer() = default;

int HttpsServer::port() const { return impl_->port(); }
std::string HttpsServer::url() const { return absl::StrCat("https://localhost:", port()); }

void HttpsServer::Serve(const std::string& path, const std::string& body, int status,
                        const std::string& location) {
  impl_->Serve(path, body, status, location);
}

int HttpsServer::requests(const std::string& path) const { return impl_->requests(path); }

}  // namespace keyward::https::testing
