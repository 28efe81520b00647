#ifndef KEYWARD_COMMON_SERVER_TESTING_TEST_AUTHORITY_H_
#define KEYWARD_COMMON_SERVER_TESTING_TEST_AUTHORITY_H_

#include <string>

#include "common/server/channel.h"

namespace keyward::server::testing {

// A folder of its own that goes with the test. A fault of the file system ends the test.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A certificate authority for one test, made with the openssl program.
class TestAuthority {
 public:
  TestAuthority();

  // Files with a new key and a certificate whose only URI name is `uri`, or none if it is empty.
  // Asked twice for the same `name`, replaces the files of that name, each in one step.
  TlsFiles Issue(const std::string& name, const std::string& uri);

  // Issue for spiffe://keyward.local/service/{service} and /operator/{operator_name}.
  TlsFiles IssueService(const std::string& service);
  TlsFiles IssueOperator(const std::string& operator_name);

 private:
  TestFolder folder_;
};

}  // namespace keyward::server::testing

#endif  // KEYWARD_COMMON_SERVER_TESTING_TEST_AUTHORITY_H_
