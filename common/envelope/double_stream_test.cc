#include "common/envelope/double_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/random.h"
#include "common/crypto/secret_bytes.h"
#include "common/envelope/header_keys.h"
#include "common/envelope/tink_segments.h"

namespace keyward::envelope {
namespace {

using crypto::AesGcmAead;
using crypto::AesKey;

class DoubleStreamTest : public testing::Test {
 protected:
  ObjectHeader HeaderOf(const ObjectId& id) const {
    return *SealDataKeys(id, keys_, {1, scope_key_}, {1, platform_key_});
  }

  std::string Encrypt(absl::string_view plaintext, size_t piece = size_t{1} << 30) const {
    auto encryptor = ObjectEncryptor::Create(header_, keys_);
    std::string out;
    const auto sink = [&out](absl::string_view bytes) {
      out.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    };
    for (; !plaintext.empty(); plaintext.remove_prefix(std::min(piece, plaintext.size()))) {
      EXPECT_TRUE(encryptor->Update(plaintext.substr(0, piece), sink).ok());
    }
    EXPECT_TRUE(encryptor->Finish(sink).ok());
    return out;
  }

  // Everything that a reader does with a stored object.
  absl::StatusOr<std::string> Decrypt(absl::string_view stored,
                                      size_t piece = size_t{1} << 30) const {
    auto split = SplitStored(stored);
    if (!split.ok()) return split.status();
    const auto keys = OpenDataKeys(split->header, id_, scope_key_, platform_key_);
    if (!keys.ok()) return keys.status();
    auto decryptor = ObjectDecryptor::Create(split->header, id_, *keys);
    if (!decryptor.ok()) return decryptor.status();
    std::string out;
    const auto sink = [&out](absl::string_view bytes) {
      out.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    };
    for (absl::string_view body = split->body; !body.empty();
         body.remove_prefix(std::min(piece, body.size()))) {
      absl::Status status = decryptor->Update(body.substr(0, piece), sink);
      if (!status.ok()) return status;
    }
    absl::Status status = decryptor->Finish(sink);
    if (!status.ok()) return status;
    return out;
  }

  const ObjectId id_ = {"accounts/contoso", "uploads", "document"};
  const DataKeys keys_ = DataKeys::Generate();
  const AesGcmAead scope_key_{AesKey::Generate()};
  const AesGcmAead platform_key_{AesKey::Generate()};
  const ObjectHeader header_ = HeaderOf(id_);
};

TEST_F(DoubleStreamTest, RoundTripsAtEveryInterestingSize) {
  // Where the first segments of the inner and of the outer layer end, and beyond.
  for (size_t size : {0, 1, 1048424, 1048425, 1048463, 1048464, 1048465, 1048519, 1048520, 1048521,
                      1048535, 1048536, 1048537, 1 << 20, 2 << 20, 3 << 20}) {
    const std::string plaintext = crypto::RandomBytes(size);
    const std::string stored = Encrypt(plaintext);
    EXPECT_EQ(stored.size(), StoredSize(header_, size)) << size;
    const auto decrypted = Decrypt(stored);
    ASSERT_TRUE(decrypted.ok()) << size;
    EXPECT_TRUE(*decrypted == plaintext) << size;
  }
}

TEST_F(DoubleStreamTest, PiecesMakeNoDifference) {
  const std::string plaintext = crypto::RandomBytes(2'500'000);
  for (size_t piece : {size_t{9973}, size_t{65536}, size_t{1} << 20, size_t{2'000'000}}) {
    const std::string stored = Encrypt(plaintext, piece);
    EXPECT_TRUE(*Decrypt(stored, piece) == plaintext);
    EXPECT_TRUE(*Decrypt(stored, 100'003) == plaintext);
  }
}

TEST_F(DoubleStreamTest, EveryFlippedBitIsFound) {
  const std::string stored = Encrypt("some plaintext");
  for (size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string flipped = stored;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(flipped).status())) << bit;
  }
}

TEST_F(DoubleStreamTest, EveryTruncationIsFound) {
  const std::string stored = Encrypt("some plaintext");
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(stored.substr(0, size)).status())) << size;
  }
  EXPECT_FALSE(Decrypt(stored + "x").ok());
}

TEST_F(DoubleStreamTest, TruncationAtTheEndOfASegmentIsFound) {
  const std::string stored = Encrypt(std::string(3'000'000, 'p'));
  for (size_t segments : {0, 1, 2}) {
    const size_t size = header_.bytes().size() + segments * kTinkSegmentSize;
    EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(stored.substr(0, size)).status())) << segments;
  }
}

TEST_F(DoubleStreamTest, AnObjectPutInAnothersPlaceIsFound) {
  // The same keys, so that the binding alone makes the difference.
  const ObjectId other = {"accounts/contoso", "uploads", "other"};
  const ObjectHeader other_header = HeaderOf(other);
  const std::string stored = Encrypt("some plaintext");
  const std::string body = stored.substr(header_.bytes().size());
  EXPECT_TRUE(DecryptSmall(header_, id_, keys_, body).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(DecryptSmall(header_, other, keys_, body).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecryptSmall(other_header, other, keys_, body).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(other_header.bytes() + body).status()));
}

TEST_F(DoubleStreamTest, BothKeysAreNeeded) {
  const std::string stored = Encrypt("some plaintext");
  const std::string body = stored.substr(header_.bytes().size());
  const DataKeys wrong_inner = {AesKey::Generate(), keys_.outer.Clone()};
  const DataKeys wrong_outer = {keys_.inner.Clone(), AesKey::Generate()};
  const DataKeys swapped = {keys_.outer.Clone(), keys_.inner.Clone()};
  for (const DataKeys* keys : {&wrong_inner, &wrong_outer, &swapped}) {
    EXPECT_TRUE(absl::IsInvalidArgument(DecryptSmall(header_, id_, *keys, body).status()));
  }
}

TEST_F(DoubleStreamTest, SmallValuesHaveTheSameFormat) {
  for (size_t size : {0, 1, 64, 5000, 1 << 20}) {
    const std::string plaintext = crypto::RandomBytes(size);
    const auto stored = EncryptSmall(header_, keys_, plaintext);
    ASSERT_TRUE(stored.ok());
    EXPECT_EQ(stored->size(), StoredSize(header_, size));
    EXPECT_TRUE(*Decrypt(*stored) == plaintext);
    const auto split = SplitStored(*stored);
    ASSERT_TRUE(split.ok());
    EXPECT_EQ(split->header.bytes(), header_.bytes());
    const auto decrypted = DecryptSmall(split->header, id_, keys_, split->body);
    ASSERT_TRUE(decrypted.ok());
    EXPECT_TRUE(decrypted->ExposeSecret() == plaintext);
  }
}

TEST_F(DoubleStreamTest, ARewrappedHeaderStillOpensTheSameBody) {
  const std::string stored = Encrypt("some plaintext");
  const AesGcmAead new_platform_key(AesKey::Generate());
  const auto header = RewrapOuterKey(header_, platform_key_, {2, new_platform_key});
  ASSERT_TRUE(header.ok());
  const auto keys = OpenDataKeys(*header, id_, scope_key_, new_platform_key);
  ASSERT_TRUE(keys.ok());
  const auto plaintext =
      DecryptSmall(*header, id_, *keys, absl::string_view(stored).substr(header_.bytes().size()));
  ASSERT_TRUE(plaintext.ok());
  EXPECT_EQ(plaintext->ExposeSecret(), "some plaintext");
}

TEST_F(DoubleStreamTest, ASinkThatRefusesTheHeaderEndsTheStream) {
  auto encryptor = ObjectEncryptor::Create(header_, keys_);
  ASSERT_TRUE(encryptor.ok());
  const absl::Status full = absl::ResourceExhaustedError("disk full");
  EXPECT_EQ(encryptor->Update("x", [&](absl::string_view) { return full; }), full);
  EXPECT_EQ(encryptor->Finish([](absl::string_view) { return absl::OkStatus(); }), full);
}

}  // namespace
}  // namespace keyward::envelope
