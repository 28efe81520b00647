#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/server/testing/server_process.h"
#include "common/server/testing/test_authority.h"
#include "nlohmann/json.hpp"

namespace keyward::server::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBinary[] = "common/server/testing/echo_main";

std::string Output(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(absl::StrCat(command, " 2>&1").c_str(), "r"),
                                             pclose);
  std::string output;
  std::array<char, 4096> buffer;
  while (size_t size = fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), size);
  }
  return output;
}

class MainTest : public ::testing::Test {
 protected:
  std::vector<std::string> Flags(const std::vector<std::string>& more = {}) {
    const TlsFiles tls = authority_.IssueService("echo");
    std::vector<std::string> flags = {
        "--listen=127.0.0.1:0", "--tls_certificate=" + tls.certificate,
        "--tls_private_key=" + tls.private_key, "--tls_ca=" + tls.ca,
        absl::StrCat("--database=sqlite:", folder_.path(), "/echo.db")};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }

  // grpcurl with alice's certificate, if there is a grpcurl.
  std::string Grpcurl(int port, const std::string& arguments) {
    const TlsFiles alice = authority_.IssueOperator("alice");
    // grpcurl knows no SPIFFE IDs; that the server is the right one is tested elsewhere.
    return Output(absl::StrCat(std::getenv("KEYWARD_GRPCURL"), " -insecure -cert ",
                               alice.certificate, " -key ", alice.private_key, " 127.0.0.1:", port,
                               " ", arguments));
  }

  TestFolder folder_;
  TestAuthority authority_;
};

TEST_F(MainTest, StartsServesAndDrainsOnSigterm) {
  ServerProcess server(kBinary, Flags());
  const std::string listening = server.AwaitEvent("server.listening");
  ASSERT_NE(listening, "") << server.log();
  const nlohmann::json ports = nlohmann::json::parse(listening, nullptr, false);
  EXPECT_THAT(Output(absl::StrCat(
                  "wget -q -O - http://127.0.0.1:", ports["metrics_port"].get<int>(), "/metrics")),
              HasSubstr("keyward_rpc_in_flight"));
  std::ifstream limits(absl::StrCat("/proc/", server.pid(), "/limits"));
  std::stringstream content;
  content << limits.rdbuf();
  const std::string squeezed = absl::StrReplaceAll(content.str(), {{"  ", ""}});
  EXPECT_THAT(squeezed, HasSubstr("Max core file size00"));
  server.Signal(SIGTERM);
  EXPECT_EQ(server.AwaitExit(), 0);
  for (const absl::string_view line : absl::StrSplit(server.log(), '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(nlohmann::json::accept(std::string(line))) << line;
  }
  EXPECT_THAT(server.log(), HasSubstr("server.drained"));
}

TEST_F(MainTest, RefusesUnknownFlags) {
  ServerProcess server(kBinary, Flags({"--no_such_flag=1"}));
  EXPECT_EQ(server.AwaitExit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("no_such_flag"));
}

TEST_F(MainTest, RefusesWhatIsNoFlag) {
  ServerProcess server(kBinary, Flags({"start"}));
  EXPECT_EQ(server.AwaitExit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("These are no flags: start"));
}

TEST_F(MainTest, RefusesToListenInPlaintext) {
  ServerProcess server(kBinary, {"--listen=127.0.0.1:0"});
  EXPECT_EQ(server.AwaitExit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("Set --tls_certificate"));
}

TEST_F(MainTest, RefusesAKeyThatOthersCanReadBeforeItTouchesAnything) {
  const std::vector<std::string> flags = Flags();
  ASSERT_EQ(chmod(flags[2].substr(flags[2].find('=') + 1).c_str(), 0644), 0);
  ServerProcess server(kBinary, flags);
  EXPECT_EQ(server.AwaitExit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("chmod 600"));
  EXPECT_THAT(server.log(), Not(HasSubstr("server.listening")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/echo.db"));
}

// Where in the file of an ELF program the byte with this address lies; 0 if nowhere.
size_t FileOffset(const std::string& program, uint64_t address) {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(program.data());
  for (int i = 0; i < header->e_phnum; ++i) {
    const auto* segment = reinterpret_cast<const Elf64_Phdr*>(program.data() + header->e_phoff +
                                                              i * header->e_phentsize);
    if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
        address < segment->p_vaddr + segment->p_filesz) {
      return address - segment->p_vaddr + segment->p_offset;
    }
  }
  return 0;
}

TEST_F(MainTest, ExitsBeforeItListensIfTheCryptographicModuleWasChanged) {
  const std::string nm = Output(absl::StrCat("nm ", kBinary, " | grep BORINGSSL_bcm_text_end"));
  uint64_t end = 0;
  ASSERT_TRUE(absl::SimpleHexAtoi(nm.substr(0, nm.find(' ')), &end)) << nm;
  std::ifstream file(kBinary, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::string program = content.str();
  const size_t offset = FileOffset(program, end - 1);
  ASSERT_NE(offset, 0u);
  program[offset] ^= 1;
  const std::string changed = folder_.path() + "/changed";
  std::ofstream(changed, std::ios::binary) << program;
  ASSERT_EQ(chmod(changed.c_str(), 0700), 0);
  ServerProcess server(changed, Flags());
  EXPECT_NE(server.AwaitExit(), 0);
  EXPECT_THAT(server.log(), HasSubstr("FIPS integrity test failed"));
  EXPECT_THAT(server.log(), Not(HasSubstr("server.listening")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/echo.db"));
}

TEST_F(MainTest, GrpcurlListsAndDescribesEverything) {
  if (std::getenv("KEYWARD_GRPCURL") == nullptr) GTEST_SKIP() << "KEYWARD_GRPCURL names no grpcurl";
  ServerProcess server(kBinary, Flags());
  const std::string listening = server.AwaitEvent("server.listening");
  ASSERT_NE(listening, "") << server.log();
  const int port = nlohmann::json::parse(listening, nullptr, false)["port"].get<int>();
  const std::string services = Grpcurl(port, "list");
  for (const char* expected :
       {"keyward.server.testing.EchoService", "keyward.events.v1.EventService",
        "keyward.audit.v1.AuditService", "grpc.health.v1.Health", "grpc.channelz.v1.Channelz",
        "grpc.reflection.v1alpha.ServerReflection"}) {
    EXPECT_THAT(services, HasSubstr(expected));
  }
  for (const absl::string_view service : absl::StrSplit(services, '\n', absl::SkipEmpty())) {
    EXPECT_THAT(Grpcurl(port, absl::StrCat("describe ", service)), HasSubstr("is a service"));
  }
  EXPECT_THAT(Grpcurl(port, "grpc.health.v1.Health/Check"), HasSubstr("SERVING"));
  EXPECT_THAT(Grpcurl(port, "grpc.channelz.v1.Channelz/GetServers"), HasSubstr("chttp2 listener"));
}

}  // namespace
}  // namespace keyward::server::testing
