#include "services/key_vault/testing/store_latency.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/many_keys.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

// Of each store, with private keys of their own.
constexpr int kRealKeys = 4;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::abort();
}

template <typename T>
T Value(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

using Vaults = v1::VaultService::Stub;
using Keys = v1::KeyService::Stub;
using Cryptography = v1::CryptographyService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";

// A server with so many keys in one vault, most of which nobody can unwrap with.
class Store {
 public:
  explicit Store(int keys) : keys_(keys) {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
    const auto channel = server_.AsOperator("alice");
    vaults_stub_ = std::make_unique<Vaults>(channel);
    keys_stub_ = std::make_unique<Keys>(channel);
    cryptography_ = std::make_unique<Cryptography>(channel);
    v1::CreateVaultRequest vault;
    vault.set_vault_id("contoso");
    vault.mutable_vault()->set_subscription("subscriptions/main");
    vault.mutable_vault()->set_region("westeurope");
    vault.mutable_vault()->add_access_policy()->set_principal(kAlice);
    vault.mutable_vault()->mutable_access_policy(0)->add_key_permissions("all");
    Value(VaultServer::Call(*vaults_stub_, &Vaults::CreateVault, vault));
    Check(FillVault(server_.running().foundation().database(), "contoso", keys));
    for (int i = 0; i < kRealKeys; ++i) AddRealKey(keys / kRealKeys * i + keys / kRealKeys / 2);
  }

  // Reads the whole database once, so that it is in memory and the disk bears on nothing.
  void Warm() {
    std::ifstream file(server_.options().database.substr(sizeof("sqlite:") - 1), std::ios::binary);
    std::vector<char> buffer(1 << 20);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))) {
    }
  }

  absl::Duration Get(std::mt19937_64& random) {
    v1::GetKeyRequest request;
    request.set_name(Name(static_cast<int>(random() % static_cast<uint64_t>(keys_))));
    return Timed(*keys_stub_, &Keys::GetKey, request);
  }

  absl::Duration Unwrap(std::mt19937_64& random) {
    return Timed(*cryptography_, &Cryptography::UnwrapKey, unwraps_[random() % unwraps_.size()]);
  }

 private:
  static std::string Name(int n) { return absl::StrCat("vaults/contoso/keys/", FilledKeyId(n)); }

  template <typename Stub, typename Method, typename Request>
  static absl::Duration Timed(Stub& stub, Method method, const Request& request) {
    const auto start = std::chrono::steady_clock::now();
    Value(VaultServer::Call(stub, method, request));
    return absl::FromChrono(std::chrono::steady_clock::now() - start);
  }

  // Puts a key of the vault's own making in the place of the n-th.
  void AddRealKey(int n) {
    const std::string name = Name(n);
    v1::DeleteKeyRequest remove;
    remove.set_name(name);
    Value(VaultServer::Call(*keys_stub_, &Keys::DeleteKey, remove));
    v1::PurgeKeyRequest purge;
    purge.set_name(name);
    Value(VaultServer::Call(*keys_stub_, &Keys::PurgeKey, purge));
    v1::CreateKeyRequest create;
    create.set_parent("vaults/contoso");
    create.set_key_id(FilledKeyId(n));
    create.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
    Value(VaultServer::Call(*keys_stub_, &Keys::CreateKey, create));
    v1::WrapKeyRequest wrap;
    wrap.set_name(name);
    wrap.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    wrap.set_plaintext(std::string(32, 'k'));
    const v1::WrapKeyResponse wrapped =
        Value(VaultServer::Call(*cryptography_, &Cryptography::WrapKey, wrap));
    v1::UnwrapKeyRequest unwrap;
    unwrap.set_name(wrapped.key_version());
    unwrap.set_algorithm(wrap.algorithm());
    unwrap.set_ciphertext(wrapped.ciphertext());
    unwraps_.push_back(unwrap);
  }

  const int keys_;
  VaultServer server_;
  std::unique_ptr<Vaults> vaults_stub_;
  std::unique_ptr<Keys> keys_stub_;
  std::unique_ptr<Cryptography> cryptography_;
  std::vector<v1::UnwrapKeyRequest> unwraps_;
};

absl::Duration Median(std::vector<absl::Duration> times) {
  const auto middle = times.begin() + static_cast<int64_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace

StoreLatency CompareStores(int few, int many, int calls) {
  Store small(few);
  Store large(many);
  small.Warm();
  large.Warm();
  std::mt19937_64 random(1);
  const auto compare = [&](absl::Duration (Store::*call)(std::mt19937_64&)) {
    std::vector<absl::Duration> in_small;
    std::vector<absl::Duration> in_large;
    for (int i = 0; i < calls; ++i) {
      in_small.push_back((small.*call)(random));
      in_large.push_back((large.*call)(random));
    }
    return StoreLatency::Pair{Median(std::move(in_small)), Median(std::move(in_large))};
  };
  return {.get = compare(&Store::Get), .unwrap = compare(&Store::Unwrap)};
}

}  // namespace keyward::key_vault::testing
