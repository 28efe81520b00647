#include "services/key_vault/testing/temporary_folder.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace keyward::key_vault::testing {

TemporaryFolder::TemporaryFolder() {
  const char* parent = getenv("TEST_TMPDIR");
  path_ = std::string(parent == nullptr ? "/tmp" : parent) + "/vault-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror("mkdtemp");
    std::abort();
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace keyward::key_vault::testing
