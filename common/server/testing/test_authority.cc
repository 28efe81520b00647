#include "common/server/testing/test_authority.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyward::server::testing {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << "\n";
  std::abort();
}

void Run(const std::string& command) {
  if (std::system(command.c_str()) != 0) Fail(absl::StrCat("failed: ", command));
}

constexpr char kNewKey[] =
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 ";

}  // namespace

TestFolder::TestFolder() {
  const char* const root = std::getenv("TEST_TMPDIR");
  std::string pattern = absl::StrCat(root == nullptr ? "/tmp" : root, "/keyward.XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) Fail("mkdtemp failed");
  path_ = pattern;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestAuthority::TestAuthority() {
  Run(absl::StrCat(kNewKey, "-subj /CN=test-authority -keyout ", folder_.path(), "/ca.key -out ",
                   folder_.path(), "/ca.pem -addext basicConstraints=critical,CA:TRUE 2>",
                   folder_.path(), "/log"));
}

TlsFiles TestAuthority::Issue(const std::string& name, const std::string& uri) {
  const std::string stem = absl::StrCat(folder_.path(), "/", name);
  const std::string alternative_name = uri.empty() ? "DNS:localhost" : absl::StrCat("URI:", uri);
  Run(absl::StrCat(kNewKey, "-subj /CN=", name, " -CA ", folder_.path(), "/ca.pem -CAkey ",
                   folder_.path(), "/ca.key -keyout ", stem, ".key.new -out ", stem,
                   ".pem.new -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=",
                   alternative_name, " 2>", stem, ".log"));
  std::filesystem::permissions(
      stem + ".key.new", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(stem + ".key.new", stem + ".key");
  std::filesystem::rename(stem + ".pem.new", stem + ".pem");
  return {.certificate = stem + ".pem",
          .private_key = stem + ".key",
          .ca = absl::StrCat(folder_.path(), "/ca.pem")};
}

TlsFiles TestAuthority::IssueService(const std::string& service) {
  return Issue(service, absl::StrCat("spiffe://keyward.local/service/", service));
}

TlsFiles TestAuthority::IssueOperator(const std::string& operator_name) {
  return Issue(operator_name, absl::StrCat("spiffe://keyward.local/operator/", operator_name));
}

}  // namespace keyward::server::testing
