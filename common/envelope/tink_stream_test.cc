#include "common/envelope/tink_stream.h"

#include <gtest/gtest.h>

#include <string>

#include "common/crypto/aes_key.h"
#include "common/crypto/random.h"
#include "common/crypto/secret_bytes.h"
#include "common/encoding/hex.h"

namespace keyward::envelope {
namespace {

using crypto::AesKey;

constexpr size_t kWhole = size_t{1} << 30;
constexpr size_t kFirst = 1048520;  // plaintext in the first segment
constexpr size_t kNext = 1048560;   // and in each further one

// Feeds `input` in pieces of at most `piece` bytes, and gathers what comes out, also if it fails.
template <typename Stream>
absl::Status Feed(Stream& stream, absl::string_view input, size_t piece, std::string& out) {
  const auto sink = [&out](absl::string_view bytes) {
    out.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  };
  while (!input.empty()) {
    const absl::string_view next = input.substr(0, piece);
    input.remove_prefix(next.size());
    if (absl::Status status = stream.Update(next, sink); !status.ok()) return status;
  }
  return stream.Finish(sink);
}

class TinkStreamTest : public testing::Test {
 protected:
  std::string Encrypt(absl::string_view plaintext, size_t piece = kWhole) const {
    std::string out;
    auto encryptor = StreamEncryptor::Create(key_, "associated");
    EXPECT_EQ(Feed(*encryptor, plaintext, piece, out), absl::OkStatus());
    return out;
  }

  absl::StatusOr<std::string> Decrypt(absl::string_view ciphertext, size_t piece = kWhole) const {
    std::string out;
    StreamDecryptor decryptor(key_, "associated");
    const absl::Status status = Feed(decryptor, ciphertext, piece, out);
    if (!status.ok()) return status;
    return out;
  }

  AesKey key_ = AesKey::Generate();
};

// Made by Tink itself, with the key 00 01 … 1f.
TEST(TinkVectorTest, OpensWhatTinkMade) {
  struct Vector {
    const char* ciphertext;
    const char* plaintext;
  };
  std::string key(32, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(i);
  for (const Vector& vector :
       {Vector{
            "2849ee4ce19d94f0d79f61a4c366c6280358ae8740fa1f21d85c9a27e79096b1ca6916392573968b4242"
            "38f7189fade66fc55a5f277f344f",
            ""},
        Vector{
            "28361f403e743edcf6e40f34c2ec574f33f154aea0905aa2f7ada6e0716855135155b5779dcee0d2f965"
            "77d2801c2b9179688357d3aed51e93e58e490ed843b6a7f13025e2dd738395",
            "Keyward keeps it."}}) {
    StreamDecryptor decryptor(*AesKey::Create(crypto::SecretBytes::CopyOf(key)), "associated");
    std::string out;
    EXPECT_EQ(Feed(decryptor, *HexToBytes(vector.ciphertext), kWhole, out), absl::OkStatus());
    EXPECT_EQ(out, vector.plaintext);
  }
}

TEST_F(TinkStreamTest, RoundTripsAtEveryInterestingSize) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{4096}, kFirst - 1, kFirst, kFirst + 1,
                      size_t{1048535}, size_t{1048536}, size_t{1048537}, size_t{1} << 20,
                      kFirst + kNext - 1, kFirst + kNext, kFirst + kNext + 1, size_t{3} << 20}) {
    const std::string plaintext = crypto::RandomBytes(size);
    const std::string ciphertext = Encrypt(plaintext);
    EXPECT_EQ(ciphertext.size(), TinkCiphertextSize(size)) << size;
    const auto decrypted = Decrypt(ciphertext);
    ASSERT_TRUE(decrypted.ok()) << size;
    EXPECT_TRUE(*decrypted == plaintext) << size;
  }
  EXPECT_EQ(TinkCiphertextSize(0), 56u);
  EXPECT_EQ(TinkCiphertextSize(kFirst), 1048576u);
  EXPECT_EQ(TinkCiphertextSize(kFirst + 1), 1048576u + 17);
}

TEST_F(TinkStreamTest, PiecesMakeNoDifference) {
  const std::string plaintext = crypto::RandomBytes(kFirst + 2 * kNext + 5);
  for (size_t piece :
       {size_t{7001}, size_t{65536}, kFirst, kNext, size_t{1} << 20, size_t{1500000}, kWhole}) {
    const std::string ciphertext = Encrypt(plaintext, piece);
    EXPECT_EQ(ciphertext.size(), TinkCiphertextSize(plaintext.size()));
    for (size_t other : {size_t{8191}, size_t{1} << 20, size_t{1400000}, kWhole}) {
      const auto decrypted = Decrypt(ciphertext, other);
      ASSERT_TRUE(decrypted.ok()) << piece << " " << other;
      EXPECT_TRUE(*decrypted == plaintext) << piece << " " << other;
    }
  }
  const auto one_by_one = Decrypt(Encrypt("one by one", 1), 1);
  ASSERT_TRUE(one_by_one.ok());
  EXPECT_EQ(*one_by_one, "one by one");
}

TEST_F(TinkStreamTest, EncryptsDifferentlyEachTime) { EXPECT_NE(Encrypt("same"), Encrypt("same")); }

TEST_F(TinkStreamTest, EveryFlippedBitIsFound) {
  const std::string ciphertext = Encrypt("some plaintext");
  for (size_t bit = 0; bit < ciphertext.size() * 8; ++bit) {
    std::string flipped = ciphertext;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(flipped).status())) << bit;
  }
}

TEST_F(TinkStreamTest, AnotherKeyOrOtherAssociatedDataAreRefused) {
  const std::string ciphertext = Encrypt("some plaintext");
  std::string out;
  StreamDecryptor other_key(AesKey::Generate(), "associated");
  EXPECT_FALSE(Feed(other_key, ciphertext, kWhole, out).ok());
  StreamDecryptor other_data(key_, "Associated");
  EXPECT_FALSE(Feed(other_data, ciphertext, kWhole, out).ok());
  EXPECT_EQ(out, "");
}

TEST_F(TinkStreamTest, EveryTruncationIsFound) {
  const std::string ciphertext = Encrypt("some plaintext");
  for (size_t size = 0; size < ciphertext.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(Decrypt(ciphertext.substr(0, size)).status())) << size;
  }
  EXPECT_FALSE(Decrypt(ciphertext + "x").ok());
}

TEST_F(TinkStreamTest, TruncationOfSegmentsIsFoundAndReleasesNoFalseByte) {
  const std::string plaintext = crypto::RandomBytes(kFirst + 2 * kNext);
  const std::string ciphertext = Encrypt(plaintext);
  ASSERT_EQ(ciphertext.size(), 3 * kTinkSegmentSize);
  for (size_t size :
       {kTinkSegmentSize, 2 * kTinkSegmentSize, kTinkSegmentSize + 1, kTinkSegmentSize + 16,
        2 * kTinkSegmentSize + 500'000, 3 * kTinkSegmentSize - 1}) {
    std::string out;
    StreamDecryptor decryptor(key_, "associated");
    EXPECT_TRUE(absl::IsInvalidArgument(
        Feed(decryptor, absl::string_view(ciphertext).substr(0, size), 100'000, out)));
    EXPECT_LT(out.size(), plaintext.size()) << size;
    EXPECT_TRUE(out == plaintext.substr(0, out.size())) << "what came out was authentic";
  }
}

TEST_F(TinkStreamTest, SegmentsInAnotherOrderAreFound) {
  const std::string plaintext = crypto::RandomBytes(kFirst + 3 * kNext);
  const std::string ciphertext = Encrypt(plaintext);
  const auto segment = [&](size_t i) {
    return ciphertext.substr(i * kTinkSegmentSize, kTinkSegmentSize);
  };
  for (const std::string& changed :
       {segment(0) + segment(2) + segment(1) + segment(3),  // swapped
        segment(0) + segment(2) + segment(3),               // one dropped
        segment(0) + segment(1) + segment(1) + segment(3),  // one repeated
        segment(0) + segment(1) + segment(2) + segment(3) + segment(3), segment(0) + segment(3)}) {
    std::string out;
    StreamDecryptor decryptor(key_, "associated");
    EXPECT_FALSE(Feed(decryptor, changed, kWhole, out).ok());
    EXPECT_TRUE(out == plaintext.substr(0, out.size()));
  }
}

TEST_F(TinkStreamTest, SegmentsOfAnotherStreamAreFound) {
  const std::string first = Encrypt(std::string(kFirst + kNext, 'a'));
  const std::string second = Encrypt(std::string(kFirst + kNext, 'a'));
  EXPECT_FALSE(Decrypt(first.substr(0, kTinkSegmentSize) + second.substr(kTinkSegmentSize)).ok());
}

TEST_F(TinkStreamTest, NothingOfASegmentIsReleasedBeforeItIsAuthentic) {
  const std::string ciphertext = Encrypt(std::string(kFirst + 10, 'p'));
  size_t released = 0;
  const auto sink = [&released](absl::string_view bytes) {
    released += bytes.size();
    return absl::OkStatus();
  };
  StreamDecryptor decryptor(key_, "associated");
  EXPECT_TRUE(
      decryptor.Update(absl::string_view(ciphertext).substr(0, kTinkSegmentSize), sink).ok());
  EXPECT_EQ(released, 0u) << "it may still turn out to be the last";
  std::string rest = ciphertext.substr(kTinkSegmentSize);
  rest.back() ^= 1;
  EXPECT_TRUE(decryptor.Update(rest, sink).ok());
  EXPECT_EQ(released, kFirst);
  EXPECT_FALSE(decryptor.Finish(sink).ok());
  EXPECT_EQ(released, kFirst);
}

TEST_F(TinkStreamTest, AfterAnErrorEveryCallFails) {
  const auto sink = [](absl::string_view) { return absl::OkStatus(); };
  StreamDecryptor decryptor(key_, "associated");
  EXPECT_FALSE(decryptor.Update(std::string(40, 'x'), sink).ok());
  EXPECT_FALSE(decryptor.Update(Encrypt("good"), sink).ok());
  EXPECT_FALSE(decryptor.Finish(sink).ok());
}

TEST_F(TinkStreamTest, AfterFinishEveryCallFails) {
  const auto sink = [](absl::string_view) { return absl::OkStatus(); };
  auto encryptor = StreamEncryptor::Create(key_, "associated");
  ASSERT_TRUE(encryptor.ok());
  EXPECT_TRUE(encryptor->Finish(sink).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(encryptor->Update("more", sink)));
  EXPECT_TRUE(absl::IsFailedPrecondition(encryptor->Finish(sink)));
  StreamDecryptor decryptor(key_, "associated");
  EXPECT_TRUE(decryptor.Update(Encrypt("text"), sink).ok());
  EXPECT_TRUE(decryptor.Finish(sink).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(decryptor.Update("more", sink)));
  EXPECT_TRUE(absl::IsFailedPrecondition(decryptor.Finish(sink)));
}

TEST_F(TinkStreamTest, TheSinksErrorComesBackAndEndsTheStream) {
  const auto full = [](absl::string_view) { return absl::ResourceExhaustedError("disk full"); };
  const auto sink = [](absl::string_view) { return absl::OkStatus(); };
  auto encryptor = StreamEncryptor::Create(key_, "associated");
  ASSERT_TRUE(encryptor.ok());
  EXPECT_EQ(encryptor->Update(std::string(2 * kTinkSegmentSize, 'p'), full),
            absl::ResourceExhaustedError("disk full"));
  EXPECT_FALSE(encryptor->Finish(sink).ok());
  StreamDecryptor decryptor(key_, "associated");
  EXPECT_TRUE(decryptor.Update(Encrypt("text"), full).ok());
  EXPECT_EQ(decryptor.Finish(full), absl::ResourceExhaustedError("disk full"));
}

TEST(SegmentBufferTest, KeepsWhatItHoldsWhileItGrows) {
  SegmentBuffer buffer;
  std::string expected;
  for (size_t size : {1, 4095, 1, 60'000, 200'000, 700'000}) {
    const std::string piece = crypto::RandomBytes(size);
    buffer.Append(piece);
    expected += piece;
    EXPECT_TRUE(buffer.view() == expected);
  }
  buffer.Resize(0);
  EXPECT_EQ(buffer.size(), 0u);
}

}  // namespace
}  // namespace keyward::envelope
