// What an unwrap costs beside RSA itself: the check of the access policy, the state of the key, the
// handler. Without gRPC, TLS and audit.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "common/auth/principal_directory.h"
#include "common/crypto/rsa.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_permission_gate.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::kAlice;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/wrapping";

struct Bench {
  Bench() : gate(*env.database, principals, [] { return absl::OkStatus(); }) {
    env.CreateVault("contoso");
    env.CreateKey("contoso", "wrapping", v1::KEY_TYPE_RSA_2048);
    v1::WrapKeyRequest wrap;
    wrap.set_name(kKey);
    wrap.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    wrap.set_plaintext(std::string(32, 'x'));
    const auto wrapped = env.cryptography.Wrap(VaultEnv::Call(), wrap);
    unwrap.set_name(wrapped->key_version());
    unwrap.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    unwrap.set_ciphertext(wrapped->ciphertext());
    caller.principal = kAlice;
  }

  VaultEnv env;
  auth::PrincipalDirectory principals;
  KeyPermissionGate gate;
  v1::UnwrapKeyRequest unwrap;
  auth::Caller caller;
};

void BM_BareRsa(benchmark::State& state) {
  const auto key = crypto::RsaPrivateKey::Generate(2048);
  const std::string ciphertext = *key->public_key().Encrypt(std::string(32, 'x'));
  for (auto _ : state) benchmark::DoNotOptimize(key->Decrypt(ciphertext));
}
BENCHMARK(BM_BareRsa);

void BM_CheckAndUnwrap(benchmark::State& state) {
  static Bench& bench = *new Bench();
  for (auto _ : state) {
    if (!bench.gate.Check(bench.caller, kKey, "unwrapKey").ok()) std::abort();
    server::CallContext call;
    call.caller = bench.caller;
    if (!bench.env.cryptography.Unwrap(call, bench.unwrap).ok()) std::abort();
  }
}
BENCHMARK(BM_CheckAndUnwrap)->Threads(1)->Threads(2);

void BM_FindKeyAccess(benchmark::State& state) {
  static Bench& bench = *new Bench();
  const KeyReference key = *KeyReference::Parse(kKey);
  for (auto _ : state) {
    bench.env.Read([&](storage::Transaction& tx) { return FindKeyAccess(tx, key).status(); });
  }
}
BENCHMARK(BM_FindKeyAccess);

void BM_CheckPolicy(benchmark::State& state) {
  static Bench& bench = *new Bench();
  for (auto _ : state) {
    if (!bench.gate.Check(bench.caller, kKey, "unwrapKey").ok()) std::abort();
  }
}
BENCHMARK(BM_CheckPolicy);

}  // namespace
}  // namespace keyward::key_vault

BENCHMARK_MAIN();
