// identity.verify_token: verifying a bearer token locally (form, signature, claims, principal),
// beside ES256 alone in the same run; and identity.verify_token_again: a token whose signature was
// checked before, beside its SHA-256 alone. Nanoseconds; two lines of JSON.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/auth/principal_directory.h"
#include "common/auth/principal_store.h"
#include "common/auth/testing/test_identities.h"
#include "common/auth/token_verifier.h"
#include "common/clock/clock.h"
#include "common/crypto/hash.h"
#include "common/crypto/jws.h"
#include "common/storage/database.h"
#include "nlohmann/json.hpp"

namespace keyward::bench {
namespace {

constexpr char kPrincipal[] = "11111111-2222-3333-4444-555555555555";
// Value and limit are measured in turns, so that both see the same machine.
constexpr int kTurns = 11;
constexpr int kTokens = 500;

// How long `operation` takes for one token on average; ends the program if it ever fails.
template <typename Operation>
double Nanoseconds(const std::vector<std::string>& tokens, Operation operation) {
  const absl::Time start = absl::Now();
  for (const std::string& token : tokens) {
    if (!operation(token)) std::abort();
  }
  return absl::ToDoubleNanoseconds(absl::Now() - start) / static_cast<double>(tokens.size());
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const char* name, const std::vector<double>& values, const std::vector<double>& limits) {
  const double value = Median(values), limit = Median(limits);
  std::cout << nlohmann::json{{"name", name},
                              {"value", static_cast<int>(value)},
                              {"unit", "ns"},
                              {"limit", static_cast<int>(limit)},
                              {"ratio", value / limit}}
                   .dump()
            << std::endl;
}

void Measure(storage::Database& database) {
  auth::PrincipalDirectory directory;
  auth::testing::TestIdentities identities(database, directory, clock::RealClock());
  identities.SetPrincipal(kPrincipal);
  const auth::TokenVerifier verifier("key_vault", directory, clock::RealClock());
  const auto verify = [&](const std::string& token) { return verifier.Verify(token).ok(); };
  const crypto::EcPublicKey& key = identities.key().public_key();
  const auto es256 = [&](const crypto::UnverifiedJws& jws) {
    return key.Verify(crypto::Sha256(jws.signing_input), jws.signature).ok();
  };
  std::vector<double> first, again, bare_es256, bare_hash;
  for (int turn = 0; turn < kTurns; ++turn) {
    std::vector<std::string> tokens;
    std::vector<crypto::UnverifiedJws> parsed;
    for (int i = 0; i < kTokens; ++i) {
      auth::TokenClaims claims = identities.Claims(kPrincipal, "key_vault");
      claims.id = std::to_string(turn * kTokens + i);
      tokens.push_back(identities.Sign(claims));
      parsed.push_back(*crypto::ParseJws(tokens.back()));
    }
    size_t next = 0;
    bare_es256.push_back(
        Nanoseconds(tokens, [&](const std::string&) { return es256(parsed[next++]); }));
    first.push_back(Nanoseconds(tokens, verify));
    bare_hash.push_back(Nanoseconds(
        tokens, [](const std::string& token) { return !crypto::Sha256(token).empty(); }));
    again.push_back(Nanoseconds(tokens, verify));
  }
  Print("identity.verify_token", first, bare_es256);
  Print("identity.verify_token_again", again, bare_hash);
}

}  // namespace
}  // namespace keyward::bench

int main() {
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  int result = 1;
  if (auto database = keyward::storage::Database::Open("sqlite:" + dir + "/identity.db",
                                                       {keyward::auth::AuthSchema()});
      database.ok()) {
    keyward::bench::Measure(**database);
    result = 0;
  }
  std::filesystem::remove_all(dir);
  return result;
}
