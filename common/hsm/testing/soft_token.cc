#include "common/hsm/testing/soft_token.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace keyward::hsm::testing {
namespace {

void Check(bool ok, const std::string& what) {
  if (ok) return;
  std::cerr << "cannot " << what << "\n";
  std::abort();
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
  Check(chmod(path.c_str(), 0600) == 0, absl::StrCat("write ", path));
}

std::string ModulePath() {
  const char* folder = std::getenv("TEST_SRCDIR");
  Check(folder != nullptr, "find the test's files");
  return absl::StrCat(folder, "/keyward/common/hsm/testing/fragile_module.so");
}

}  // namespace

SoftToken::SoftToken() {
  const char* parent = std::getenv("TEST_TMPDIR");
  folder_ = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/soft_token_XXXXXX");
  Check(mkdtemp(folder_.data()) != nullptr, "make a folder");
  std::filesystem::create_directory(File("tokens"));
  Write(File("softhsm2.conf"), absl::StrCat("directories.tokendir = ", File("tokens"),
                                            "\nobjectstore.backend = file\nlog.level = ERROR\n"));
  Write(File("pin"), "1234\n");
  setenv("SOFTHSM2_CONF", File("softhsm2.conf").c_str(), 1);
  setenv("KEYWARD_FRAGILE_TOKEN", File("fragile").c_str(), 1);
  MakeToken("keyward");
}

SoftToken::~SoftToken() { std::filesystem::remove_all(folder_); }

void SoftToken::MakeToken(const std::string& label) {
  Check(std::system(absl::StrCat("softhsm2-util --init-token --free --pin 1234 --so-pin 5678 "
                                 "--label ",
                                 label, " >/dev/null")
                        .c_str()) == 0,
        "make a token (is softhsm2 installed?)");
}

TokenUri SoftToken::uri() const {
  return {.token = "keyward", .object = "", .module_path = ModulePath(), .pin_file = File("pin")};
}

std::string SoftToken::uri_text(const std::string& object) const {
  return absl::StrCat("pkcs11:token=keyward;object=", object, "?module-path=", ModulePath(),
                      "&pin-source=file:", File("pin"));
}

std::shared_ptr<Token> SoftToken::Open() const {
  auto token = Token::Open(uri());
  if (!token.ok()) std::cerr << token.status() << "\n";
  Check(token.ok(), "open the token");
  return *std::move(token);
}

void SoftToken::PullOut() const { Write(File("fragile.out"), ""); }

void SoftToken::PutBack() const { Check(unlink(File("fragile.out").c_str()) == 0, "put it back"); }

void SoftToken::BreakNextDecryption() const { Write(File("fragile.broken"), ""); }

}  // namespace keyward::hsm::testing
