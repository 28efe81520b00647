#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_TEMPORARY_FOLDER_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_TEMPORARY_FOLDER_H_

#include <string>

namespace keyward::key_vault::testing {

// A folder that goes with this object. A fault of the file system ends the test.
class TemporaryFolder {
 public:
  enum class Place {
    kDisk,
    // In memory where the machine has such a place, so that writes do not wait for a disk. For
    // tests that make many and do not ask what survives.
    kMemory,
  };

  explicit TemporaryFolder(Place place = Place::kDisk);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // The path of a file in it.
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_TEMPORARY_FOLDER_H_
