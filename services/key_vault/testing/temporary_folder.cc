#include "services/key_vault/testing/temporary_folder.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace keyward::key_vault::testing {
namespace {

constexpr char kMemory[] = "/dev/shm";

std::string Parent(TemporaryFolder::Place place) {
  if (place == TemporaryFolder::Place::kMemory && access(kMemory, W_OK) == 0) return kMemory;
  const char* parent = getenv("TEST_TMPDIR");
  return parent == nullptr ? "/tmp" : parent;
}

}  // namespace

TemporaryFolder::TemporaryFolder(Place place) : path_(Parent(place) + "/vault-XXXXXX") {
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
