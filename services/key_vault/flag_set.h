#ifndef KEYWARD_SERVICES_KEY_VAULT_FLAG_SET_H_
#define KEYWARD_SERVICES_KEY_VAULT_FLAG_SET_H_

#include <cstdint>
#include <initializer_list>

namespace keyward::key_vault {

// A set of values of an enumeration whose values count from 0 and whose last one is followed by
// kCount. A value type, stored as a number.
template <typename Flag>
class FlagSet {
 public:
  constexpr FlagSet() = default;
  constexpr FlagSet(std::initializer_list<Flag> flags) {
    for (Flag flag : flags) Insert(flag);
  }

  static constexpr FlagSet All() { return FlagSet((int64_t{1} << Count()) - 1); }
  // What bits() returned; unknown bits are dropped.
  static constexpr FlagSet FromBits(int64_t bits) { return FlagSet(bits & All().bits_); }

  constexpr void Insert(Flag flag) { bits_ |= Bit(flag); }
  constexpr bool Contains(Flag flag) const { return (bits_ & Bit(flag)) != 0; }
  constexpr bool ContainsAll(FlagSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr int64_t bits() const { return bits_; }

  constexpr FlagSet operator|(FlagSet other) const { return FlagSet(bits_ | other.bits_); }
  constexpr FlagSet operator&(FlagSet other) const { return FlagSet(bits_ & other.bits_); }
  // What is in this set and not in the other.
  constexpr FlagSet operator-(FlagSet other) const { return FlagSet(bits_ & ~other.bits_); }
  friend constexpr bool operator==(FlagSet, FlagSet) = default;

 private:
  constexpr explicit FlagSet(int64_t bits) : bits_(bits) {}
  static constexpr int Count() { return static_cast<int>(Flag::kCount); }
  static constexpr int64_t Bit(Flag flag) { return int64_t{1} << static_cast<int>(flag); }

  int64_t bits_ = 0;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_FLAG_SET_H_
