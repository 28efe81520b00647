#include "common/crypto/secret_bytes.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/crypto/secret_memory.h"

namespace keyward::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);

// Their runtimes turn mlock() into nothing.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kSanitizerIgnoresLocks = true;
#else
constexpr bool kSanitizerIgnoresLocks = false;
#endif

// What /proc/self/smaps says of the mapping that holds `address`.
std::string SmapsOf(const void* address) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  std::string found;
  bool inside = false;
  while (std::getline(smaps, line)) {
    const std::vector<std::string> range = absl::StrSplit(line.substr(0, line.find(' ')), '-');
    uintptr_t begin = 0;
    uintptr_t end = 0;
    if (range.size() == 2 && absl::SimpleHexAtoi(range[0], &begin) &&
        absl::SimpleHexAtoi(range[1], &end)) {
      inside = begin <= wanted && wanted < end;
    }
    if (inside) found += line + "\n";
  }
  return found;
}

TEST(SecretBytesTest, HoldsWhatItWasGiven) {
  const SecretBytes secret = SecretBytes::CopyOf("attack at dawn");
  EXPECT_EQ(secret.ExposeSecret(), "attack at dawn");
  EXPECT_EQ(secret.size(), 14u);
  EXPECT_FALSE(secret.empty());
}

TEST(SecretBytesTest, MayBeEmpty) {
  SecretBytes secret;
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(secret.ExposeSecret(), "");
  EXPECT_EQ(secret, SecretBytes::CopyOf(""));
  EXPECT_EQ(secret, secret.Clone());
  EXPECT_TRUE(SecretBytes::Random(0).empty());
  secret.Truncate(0);
}

TEST(SecretBytesTest, MovedFromIsEmpty) {
  SecretBytes first = SecretBytes::CopyOf("secret");
  const SecretBytes& moved_from = first;
  SecretBytes second = std::move(first);
  EXPECT_TRUE(moved_from.empty());
  first = SecretBytes::CopyOf("other");
  second = std::move(first);
  EXPECT_TRUE(moved_from.empty());
  EXPECT_EQ(second.ExposeSecret(), "other");
}

TEST(SecretBytesTest, TakeFromWipesTheOriginal) {
  std::string original = "a password of some length, beyond small strings";
  const char* bytes = original.data();
  const size_t size = original.size();
  const SecretBytes secret = SecretBytes::TakeFrom(original);
  EXPECT_EQ(secret.size(), size);
  EXPECT_TRUE(original.empty());
  original.reserve(size);
  EXPECT_EQ(original.data(), bytes);
  original.resize(size, 'x');
  EXPECT_EQ(std::string(size, 'x'), original);
}

TEST(SecretBytesTest, FreedBlocksComeBackAsZeros) {
  std::vector<SecretBytes> secrets;
  for (int i = 0; i < 100; ++i) secrets.push_back(SecretBytes::Random(64));
  secrets.clear();
  for (int i = 0; i < 100; ++i) {
    secrets.push_back(SecretBytes::Zeroed(64));
    EXPECT_EQ(secrets.back().ExposeSecret(), std::string(64, '\0'));
  }
}

TEST(SecretBytesTest, TruncateKeepsTheFront) {
  SecretBytes secret = SecretBytes::CopyOf("0123456789");
  const char* rest = secret.ExposeSecret().data() + 4;
  secret.Truncate(4);
  EXPECT_EQ(secret.ExposeSecret(), "0123");
  EXPECT_TRUE(std::all_of(rest, rest + 6, [](char c) { return c == '\0'; }));
}

TEST(SecretBytesTest, EqualityLooksAtEveryByte) {
  const SecretBytes secret = SecretBytes::Random(100);
  EXPECT_EQ(secret, secret.Clone());
  for (size_t i = 0; i < secret.size(); ++i) {
    SecretBytes other = secret.Clone();
    other.MutableSecret()[i] ^= 1;
    EXPECT_NE(secret, other);
  }
  SecretBytes shorter = secret.Clone();
  shorter.Truncate(99);
  EXPECT_NE(secret, shorter);
}

TEST(SecretBytesTest, RandomValuesDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.emplace(SecretBytes::Random(16).ExposeSecret());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(SecretBytesTest, PrintsNothing) {
  EXPECT_EQ(testing::PrintToString(SecretBytes::CopyOf("hidden")), "<secret>");
}

TEST(SecretBytesTest, EverySizeHasItsBytes) {
  std::vector<SecretBytes> secrets;
  for (size_t size : {1, 31, 32, 33, 4095, 4096, 4097, 65536, 1 << 20}) {
    secrets.push_back(SecretBytes::Zeroed(size));
    for (uint8_t& byte : secrets.back().MutableSecret()) byte = static_cast<uint8_t>(size);
  }
  for (const SecretBytes& secret : secrets) {
    EXPECT_EQ(secret.ExposeSecret(),
              std::string(secret.size(), static_cast<char>(static_cast<uint8_t>(secret.size()))));
  }
}

TEST(SecretMemoryTest, PagesStayOutOfCoreDumps) {
  for (size_t size : {32, 8192}) {
    const SecretBytes secret = SecretBytes::Random(size);
    const std::string smaps = SmapsOf(secret.ExposeSecret().data());
    const size_t flags = smaps.find("VmFlags:");
    ASSERT_NE(flags, std::string::npos);
    EXPECT_TRUE(absl::StrContains(smaps.substr(flags), " dd")) << smaps.substr(flags);
  }
}

TEST(SecretMemoryTest, PagesAreLockedWhereTheLimitAllows) {
  if (kSanitizerIgnoresLocks) GTEST_SKIP() << "sanitizers ignore mlock()";
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  if (limit.rlim_cur < (1 << 20)) GTEST_SKIP() << "RLIMIT_MEMLOCK is below 1 MiB";
  const SecretBytes secret = SecretBytes::Random(32);
  EXPECT_TRUE(absl::StrContains(SmapsOf(secret.ExposeSecret().data()), " lo"));
}

// Runs in a process of its own, since it takes away what locking needs and is told only once.
int ReportsOfUnlockedMemory() {
  const rlimit nothing = {0, 0};
  if (setrlimit(RLIMIT_MEMLOCK, &nothing) != 0) return -1;
  if (setuid(65534) != 0 && geteuid() == 0) return -1;
  int reports = 0;
  ReportUnlockedSecretMemory([&reports](const absl::Status& status) {
    if (absl::IsResourceExhausted(status)) ++reports;
  });
  for (int i = 0; i < 3; ++i) SecretBytes::Random(100'000);
  ReportUnlockedSecretMemory([&reports](const absl::Status&) { reports += 10; });
  return reports;
}

TEST(SecretMemoryTest, AFailureToLockIsReportedOnceAndNotFatal) {
  if (kSanitizerIgnoresLocks) GTEST_SKIP() << "sanitizers ignore mlock()";
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(ReportsOfUnlockedMemory());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace keyward::crypto
