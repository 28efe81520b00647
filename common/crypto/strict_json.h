#ifndef KEYWARD_COMMON_CRYPTO_STRICT_JSON_H_
#define KEYWARD_COMMON_CRYPTO_STRICT_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::crypto {

// Parses a JSON object (RFC 8259) as signed data want it, so that no two readers can understand it
// differently: one object and nothing after it, valid UTF-8, no member name twice in one object, no
// comments, nested at most 16 deep. INVALID_ARGUMENT otherwise. The type of each member is for the
// caller to check. Throws nothing.
absl::StatusOr<nlohmann::json> ParseStrictJsonObject(absl::string_view text);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_STRICT_JSON_H_
