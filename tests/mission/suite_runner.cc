// Starts a suite for tests that are not in C++: suite_runner DIR. Prints one line of JSON that says
// where it listens, then runs until its standard input ends.

#include <iostream>
#include <limits>
#include <string>

#include "nlohmann/json.hpp"
#include "tests/mission/suite.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: suite_runner DIR\n";
    return 2;
  }
  auto suite = keyward::mission::Suite::Start(argv[1]);
  if (!suite.ok()) {
    std::cerr << suite.status() << "\n";
    return 1;
  }
  const keyward::mission::Endpoints endpoints = (*suite)->EndpointsFor();
  std::cout << nlohmann::json{{"managed_identity", endpoints.managed_identity},
                              {"key_vault", endpoints.key_vault},
                              {"encryption", endpoints.encryption},
                              {"model_deployment", endpoints.model_deployment},
                              {"pki_dir", (*suite)->pki_dir()},
                              {"data_dir", (*suite)->data_dir()}}
                   .dump()
            << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return 0;
}
