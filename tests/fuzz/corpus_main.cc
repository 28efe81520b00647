#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// Runs a fuzz target as a test: on each file of its corpus, then on mutations of them, which are
// the same in every run. The target itself is libFuzzer's; with clang it links against that
// instead.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutationsAFile = 20'000;

class Mutator {
 public:
  std::string Mutate(std::string input, const std::string& other) {
    const size_t steps = 1 + Below(4);
    for (size_t i = 0; i < steps; ++i) Step(input, other);
    return input;
  }

 private:
  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void Step(std::string& input, const std::string& other) {
    const size_t at = Below(input.size());
    switch (Below(6)) {
      case 0:
        if (!input.empty()) input[at] ^= static_cast<char>(1 << Below(8));
        break;
      case 1:
        if (!input.empty()) input[at] = static_cast<char>(Below(256));
        break;
      case 2:
        input.insert(at, 1, static_cast<char>(Below(256)));
        break;
      case 3:
        input.erase(at, 1 + Below(8));
        break;
      case 4:
        input.resize(at);
        break;
      default:
        input = input.substr(0, at) + other.substr(Below(other.size()));
    }
  }

  std::mt19937 random_{20'240'501};
};

void Run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file.is_open()) {
      std::cerr << "cannot read " << argv[i] << "\n";
      return 1;
    }
  }
  if (corpus.empty()) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FILE…\n";
    return 1;
  }
  Run("");
  Mutator mutator;
  for (size_t i = 0; i < corpus.size(); ++i) {
    Run(corpus[i]);
    const std::string& other = corpus[(i + 1) % corpus.size()];
    for (int n = 0; n < kMutationsAFile; ++n) Run(mutator.Mutate(corpus[i], other));
  }
  std::cout << corpus.size() << " files, " << kMutationsAFile << " mutations of each\n";
  return 0;
}
