#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/crypto/authorities.h"

// What is believed holds a certificate, and what has not expired now had not expired before.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::crypto::CheckAuthorities;
  const absl::string_view pem(reinterpret_cast<const char*>(data), size);
  const bool good = CheckAuthorities(pem, absl::FromUnixSeconds(1'800'000'000)).ok();
  if (good && !absl::StrContains(pem, "CERTIFICATE-----")) std::abort();
  if (good && !CheckAuthorities(pem, absl::UnixEpoch()).ok()) std::abort();
  return 0;
}
