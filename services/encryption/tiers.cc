#include "services/encryption/tiers.h"

namespace keyward::encryption {
namespace {

constexpr Tier kTiers[] = {
    {"F0", false}, {"S1", true}, {"S2", true}, {"S3", true},
    {"S4", true},  {"C2", true}, {"C3", true}, {"C4", true},
};

}  // namespace

absl::Span<const Tier> Tiers() { return kTiers; }

const Tier* FindTier(absl::string_view name) {
  for (const Tier& tier : kTiers) {
    if (tier.name == name) return &tier;
  }
  return nullptr;
}

}  // namespace keyward::encryption
