#include "common/envelope/header_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"

namespace keyward::envelope {
namespace {

using crypto::AesGcmAead;
using crypto::AesKey;

class HeaderKeysTest : public testing::Test {
 protected:
  ObjectHeader Seal() const {
    return *SealDataKeys(id_, keys_, {7, scope_key_}, {3, platform_key_});
  }

  const ObjectId id_ = {"accounts/contoso", "uploads", "document"};
  const DataKeys keys_ = DataKeys::Generate();
  const AesGcmAead scope_key_{AesKey::Generate()};
  const AesGcmAead platform_key_{AesKey::Generate()};
};

TEST_F(HeaderKeysTest, OpensWhatWasSealed) {
  const ObjectHeader header = Seal();
  EXPECT_EQ(header.id(), id_);
  EXPECT_EQ(header.scope_key_generation(), 7u);
  EXPECT_EQ(header.platform_key_version(), 3u);
  const auto keys = OpenDataKeys(header, id_, scope_key_, platform_key_);
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(keys->inner == keys_.inner);
  EXPECT_TRUE(keys->outer == keys_.outer);
}

TEST_F(HeaderKeysTest, EveryFlippedBitOfTheHeaderIsFound) {
  const std::string bytes = Seal().bytes();
  std::set<std::string> errors;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const auto header = ObjectHeader::Parse(flipped);
    if (!header.ok()) continue;
    // Asked for by the name in the header, so that the wrapping alone decides.
    const auto keys = OpenDataKeys(*header, header->id(), scope_key_, platform_key_);
    ASSERT_FALSE(keys.ok()) << bit;
    errors.insert(keys.status().ToString());
  }
  EXPECT_EQ(errors.size(), 1u);
}

TEST_F(HeaderKeysTest, AnotherObjectsHeaderIsRefused) {
  const ObjectHeader header = Seal();
  for (const ObjectId& other : {ObjectId{"accounts/other", "uploads", "document"},
                                ObjectId{"accounts/contoso", "models", "document"},
                                ObjectId{"accounts/contoso", "uploads", "other"}}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(OpenDataKeys(header, other, scope_key_, platform_key_).status()));
  }
}

TEST_F(HeaderKeysTest, BothKeysAreNeeded) {
  const ObjectHeader header = Seal();
  const AesGcmAead other(AesKey::Generate());
  EXPECT_FALSE(OpenDataKeys(header, id_, other, platform_key_).ok());
  EXPECT_FALSE(OpenDataKeys(header, id_, scope_key_, other).ok());
  EXPECT_FALSE(OpenDataKeys(header, id_, platform_key_, scope_key_).ok());
}

TEST_F(HeaderKeysTest, WrappedKeysCannotBeMovedToAnotherHeader) {
  const ObjectHeader first = Seal();
  const ObjectHeader second = Seal();
  ObjectHeader::Fields mixed = {first.id(), 7, first.wrapped_inner_key(), 3,
                                second.wrapped_outer_key()};
  EXPECT_FALSE(OpenDataKeys(*ObjectHeader::Create(mixed), id_, scope_key_, platform_key_).ok());
}

TEST_F(HeaderKeysTest, SealingRefusesMalformedInput) {
  EXPECT_FALSE(SealDataKeys({"", "s", "o"}, keys_, {7, scope_key_}, {3, platform_key_}).ok());
  EXPECT_FALSE(SealDataKeys(id_, keys_, {0, scope_key_}, {3, platform_key_}).ok());
  EXPECT_FALSE(SealDataKeys(id_, keys_, {7, scope_key_}, {0, platform_key_}).ok());
}

TEST_F(HeaderKeysTest, RewrappingChangesThePlatformKeyAlone) {
  const ObjectHeader header = Seal();
  const AesGcmAead new_platform_key(AesKey::Generate());
  const auto rewrapped = RewrapOuterKey(header, platform_key_, {4, new_platform_key});
  ASSERT_TRUE(rewrapped.ok());
  EXPECT_EQ(rewrapped->platform_key_version(), 4u);
  EXPECT_EQ(rewrapped->wrapped_inner_key(), header.wrapped_inner_key());
  const auto keys = OpenDataKeys(*rewrapped, id_, scope_key_, new_platform_key);
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(keys->inner == keys_.inner);
  EXPECT_TRUE(keys->outer == keys_.outer);
  EXPECT_FALSE(OpenDataKeys(*rewrapped, id_, scope_key_, platform_key_).ok());
  EXPECT_FALSE(RewrapOuterKey(header, new_platform_key, {4, new_platform_key}).ok());
}

}  // namespace
}  // namespace keyward::envelope
