#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_WORLD_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_WORLD_H_

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault::testing {

// Who and what there is in a run of the model: few of each, so that much happens to each.

inline constexpr char kEncryption[] = "spiffe://keyward.local/service/encryption";
inline constexpr char kVictor[] = "spiffe://keyward.local/operator/victor";
inline constexpr char kOscar[] = "spiffe://keyward.local/operator/oscar";
inline constexpr char kOlga[] = "spiffe://keyward.local/operator/olga";
inline constexpr std::array<const char*, 4> kIdentities = {
    "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002",
    "22222222-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"};
inline constexpr char kRed[] = "tenants/red";
inline constexpr char kBlue[] = "tenants/blue";

// The administrator, the administrator of one tenant's vaults, a reader of one subscription, one
// without a role, two identities of each of two tenants, a service.
inline constexpr std::array<const char*, 9> kCallers = {
    kAlice,         kVictor,        kOscar,         kOlga,      kIdentities[0],
    kIdentities[1], kIdentities[2], kIdentities[3], kEncryption};

// The last differs from the first in case alone.
inline constexpr std::array<const char*, 4> kVaults = {"alpha", "bravo", "carol", "Alpha"};
inline constexpr std::array<const char*, 4> kKeys = {"first", "second", "third", "First"};

// Of the red tenant, of the blue one, of none.
inline constexpr std::array<const char*, 3> kSubscriptions = {
    "subscriptions/red-main", "subscriptions/blue-main", "subscriptions/unheard-of"};

inline bool IsIdentity(const std::string& caller) { return caller.find(':') == std::string::npos; }
inline std::string TenantOf(const std::string& identity) {
  return identity[0] == '1' ? kRed : kBlue;
}

// Choices that follow from one number.
class Dice {
 public:
  explicit Dice(uint32_t seed) : random_(seed) {}
  // From 0 to sides - 1.
  int Roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }
  bool OneIn(int times) { return Roll(times) == 0; }
  template <typename Array>
  auto& Pick(Array& array) {
    return array[static_cast<size_t>(Roll(static_cast<int>(array.size())))];
  }

 private:
  std::mt19937 random_;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_WORLD_H_
