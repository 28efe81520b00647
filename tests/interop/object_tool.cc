#include <cstdint>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/encoding/hex.h"
#include "common/envelope/double_stream.h"
#include "common/envelope/header_keys.h"
#include "common/status/status_macros.h"

// Makes and opens stored objects under keys given on the command line, for tests that compare with
// other implementations:
//   object_tool seal|open SCOPE_KEY PLATFORM_KEY ACCOUNT SCOPE OBJECT < in > out
// Keys are 64 hexadecimal digits each. Both have number 1.
namespace {

using keyward::crypto::AesGcmAead;
using keyward::crypto::AesKey;
using keyward::crypto::SecretBytes;
namespace envelope = keyward::envelope;

absl::Status ToStdout(absl::string_view bytes) {
  std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return absl::OkStatus();
}

absl::StatusOr<AesKey> ParseKey(const char* hex) {
  const std::optional<std::string> key = keyward::HexToBytes(hex);
  if (!key.has_value()) return absl::InvalidArgumentError("a key must be hexadecimal");
  return AesKey::Create(SecretBytes::CopyOf(*key));
}

absl::Status SealObject(const envelope::ObjectId& id, const AesGcmAead& scope_key,
                        const AesGcmAead& platform_key, absl::string_view input) {
  const auto keys = envelope::DataKeys::Generate();
  KW_ASSIGN_OR_RETURN(const auto header,
                      envelope::SealDataKeys(id, keys, {1, scope_key}, {1, platform_key}));
  KW_ASSIGN_OR_RETURN(auto encryptor, envelope::ObjectEncryptor::Create(header, keys));
  KW_RETURN_IF_ERROR(encryptor.Update(input, ToStdout));
  return encryptor.Finish(ToStdout);
}

absl::Status OpenObject(const envelope::ObjectId& id, const AesGcmAead& scope_key,
                        const AesGcmAead& platform_key, absl::string_view input) {
  KW_ASSIGN_OR_RETURN(const auto split, envelope::SplitStored(input));
  KW_ASSIGN_OR_RETURN(const auto keys,
                      envelope::OpenDataKeys(split.header, id, scope_key, platform_key));
  KW_ASSIGN_OR_RETURN(auto decryptor, envelope::ObjectDecryptor::Create(split.header, id, keys));
  KW_RETURN_IF_ERROR(decryptor.Update(split.body, ToStdout));
  return decryptor.Finish(ToStdout);
}

absl::Status Run(int argc, char** argv) {
  const std::string mode = argc == 7 ? argv[1] : "";
  if (mode != "seal" && mode != "open") {
    return absl::InvalidArgumentError(
        "usage: object_tool seal|open SCOPE_KEY PLATFORM_KEY ACCOUNT SCOPE OBJECT");
  }
  KW_ASSIGN_OR_RETURN(const AesKey scope_key, ParseKey(argv[2]));
  KW_ASSIGN_OR_RETURN(const AesKey platform_key, ParseKey(argv[3]));
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  return (mode == "seal" ? SealObject : OpenObject)(
      {argv[4], argv[5], argv[6]}, AesGcmAead(scope_key), AesGcmAead(platform_key), input);
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status = Run(argc, argv);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
