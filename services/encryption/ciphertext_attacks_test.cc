// What somebody who can write to the blob store may try: bits flipped, headers, bodies and segments
// of other objects, things left out, repeated or put in another order. Every such attempt, by
// whichever call, ends with the one answer that tells nothing, and of a segment that was touched
// nothing comes out. The one thing that is not found, as docs/threat-model.md says: an older object
// put back whole under its own name.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/envelope/object_header.h"
#include "common/envelope/tink_segments.h"
#include "common/status/error.h"
#include "services/encryption/testing/data_calls.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

using envelope::kTinkSegmentSize;

std::string WithBitFlipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

size_t HeaderSize(const std::string& stored) {
  return *envelope::ObjectHeader::SizeFromPrefix(stored);
}
std::string HeaderOf(const std::string& stored) { return stored.substr(0, HeaderSize(stored)); }
std::string BodyOf(const std::string& stored) { return stored.substr(HeaderSize(stored)); }

// The segments of the outer layer; the first one with the header of the layer.
std::vector<std::string> SegmentsOf(const std::string& stored) {
  std::vector<std::string> segments;
  const std::string body = BodyOf(stored);
  for (size_t at = 0; at < body.size(); at += kTinkSegmentSize) {
    segments.push_back(body.substr(at, kTinkSegmentSize));
  }
  return segments;
}

std::string Join(const std::string& header, const std::vector<std::string>& segments) {
  std::string stored = header;
  for (const std::string& segment : segments) stored += segment;
  return stored;
}

class CiphertextAttacksTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    for (const char* account : {"contoso", "fabrikam"}) {
      CreateAccount(account);
      EnableCustomerKey(account);
    }
    invalid_ = DecryptAlone(*core_, {}, "nonsense").status;
    ASSERT_EQ(ErrorReason(invalid_), "CIPHERTEXT_INVALID");
  }

  std::string Store(const Target& target, const std::string& plaintext) {
    EncryptingClient client = Encrypting(target, plaintext);
    EXPECT_TRUE(core_->streams().Encrypt(Call(), client).ok());
    return Received(client);
  }

  // A small object is refused whichever way it is given.
  void ExpectRefused(const Target& target, const std::string& stored) {
    for (const Decrypted& attempt :
         {DecryptAlone(*core_, target, stored), DecryptInBatch(*core_, target, stored),
          DecryptAsStream(*core_, target, stored)}) {
      ASSERT_EQ(attempt.status, invalid_);
      ASSERT_EQ(attempt.plaintext, "");
    }
  }
  // A large one is refused too, and what comes out is what stands before the segment with this
  // index.
  void ExpectCutOffAt(size_t segment, const std::string& stored, const std::string& plaintext) {
    const Decrypted attempt = DecryptAsStream(*core_, {}, stored);
    EXPECT_EQ(attempt.status, invalid_);
    EXPECT_LE(attempt.plaintext.size(), segment * kTinkSegmentSize);
    EXPECT_TRUE(absl::StartsWith(plaintext, attempt.plaintext));
    const Decrypted whole = DecryptAlone(*core_, {}, stored);
    EXPECT_EQ(whole.status, invalid_);
    EXPECT_EQ(whole.plaintext, "");
  }

  absl::Status invalid_;
};

TEST_F(CiphertextAttacksTest, EveryBitOfAnObjectCounts) {
  const std::string stored = Store({}, "text");
  for (size_t bit = 0; bit < stored.size() * 8; ++bit) {
    SCOPED_TRACE(bit);
    ExpectRefused({}, WithBitFlipped(stored, bit));
    if (HasFatalFailure()) return;
  }
}

TEST_F(CiphertextAttacksTest, EveryByteIsNeededAndNoneTooMuch) {
  const std::string stored = Store({}, "text");
  for (size_t size = 0; size < stored.size(); ++size) {
    SCOPED_TRACE(size);
    ExpectRefused({}, stored.substr(0, size));
    if (HasFatalFailure()) return;
  }
  ExpectRefused({}, stored + '\0');
  ExpectRefused({}, stored + stored);
}

// Objects of another name (that of an older version, say), scope or account, whole and in parts.
TEST_F(CiphertextAttacksTest, ObjectsAreGoodInTheirPlaceOnly) {
  const Target mine;
  const std::string stored = Store(mine, "text");
  const Target others[] = {
      {.object = "object.old"}, {.scope = "models"}, {.account = "accounts/fabrikam"}};
  for (const Target& other : others) {
    SCOPED_TRACE(absl::StrCat(other.account, " ", other.scope, " ", other.object));
    const std::string foreign = Store(other, "text");
    ExpectRefused(mine, foreign);
    ExpectRefused(other, stored);
    ExpectRefused(mine, HeaderOf(stored) + BodyOf(foreign));
    ExpectRefused(mine, HeaderOf(foreign) + BodyOf(stored));
    ExpectRefused(other, HeaderOf(foreign) + BodyOf(stored));
  }
  // Two of the same name, of which parts are mixed.
  const std::string again = Store(mine, "text");
  ExpectRefused(mine, HeaderOf(stored) + BodyOf(again));
}

TEST_F(CiphertextAttacksTest, AnOlderObjectOfTheSameNameOpens) {
  const std::string older = Store({}, "old text");
  Store({}, "new text");
  EXPECT_EQ(DecryptAlone(*core_, {}, older).plaintext, "old text");
}

class SegmentAttacksTest : public CiphertextAttacksTest {
 protected:
  void SetUp() override {
    CiphertextAttacksTest::SetUp();
    for (size_t i = 0; i < (4 << 20) - 1000; ++i) text_ += static_cast<char>(i * 31 + (i >> 13));
    stored_ = Store({}, text_);
    header_ = HeaderOf(stored_);
    segments_ = SegmentsOf(stored_);
    ASSERT_EQ(segments_.size(), 4u);
    const Decrypted whole = DecryptAsStream(*core_, {}, stored_);
    ASSERT_TRUE(whole.status.ok()) << whole.status;
    ASSERT_TRUE(whole.plaintext == text_);
  }

  std::string text_;
  std::string stored_;
  std::string header_;
  std::vector<std::string> segments_;
};

TEST_F(SegmentAttacksTest, NothingOfAChangedSegmentComesOut) {
  for (size_t segment = 0; segment < segments_.size(); ++segment) {
    const size_t bits = segments_[segment].size() * 8;
    for (const size_t bit : {size_t{0}, bits / 2, bits - 1}) {
      SCOPED_TRACE(absl::StrCat("bit ", bit, " of segment ", segment));
      std::vector<std::string> changed = segments_;
      changed[segment] = WithBitFlipped(changed[segment], bit);
      ExpectCutOffAt(segment, Join(header_, changed), text_);
    }
  }
}

TEST_F(SegmentAttacksTest, TruncationIsNoticedAtTheEndAtTheLatest) {
  for (size_t segment = 0; segment < segments_.size(); ++segment) {
    SCOPED_TRACE(segment);
    std::vector<std::string> kept(segments_.begin(), segments_.begin() + segment);
    ExpectCutOffAt(segment, Join(header_, kept), text_);
    for (const size_t size : {size_t{1}, size_t{16}, segments_[segment].size() - 1}) {
      std::vector<std::string> cut = kept;
      cut.push_back(segments_[segment].substr(0, size));
      ExpectCutOffAt(segment, Join(header_, cut), text_);
    }
  }
}

TEST_F(SegmentAttacksTest, SegmentsStayInOrder) {
  for (size_t first = 0; first < segments_.size(); ++first) {
    SCOPED_TRACE(first);
    std::vector<std::string> without = segments_;
    without.erase(without.begin() + first);
    ExpectCutOffAt(first, Join(header_, without), text_);
    std::vector<std::string> twice = segments_;
    twice.insert(twice.begin() + first, segments_[first]);
    ExpectCutOffAt(first + 1, Join(header_, twice), text_);
    for (size_t second = first + 1; second < segments_.size(); ++second) {
      std::vector<std::string> swapped = segments_;
      std::swap(swapped[first], swapped[second]);
      ExpectCutOffAt(first, Join(header_, swapped), text_);
    }
  }
}

TEST_F(SegmentAttacksTest, SegmentsStayInTheirObject) {
  const Target others[] = {
      {}, {.object = "object.old"}, {.scope = "models"}, {.account = "accounts/fabrikam"}};
  for (const Target& other : others) {
    const std::vector<std::string> foreign = SegmentsOf(Store(other, text_));
    for (size_t segment = 0; segment < segments_.size(); ++segment) {
      SCOPED_TRACE(absl::StrCat(other.account, " ", other.scope, " ", other.object, " ", segment));
      std::vector<std::string> mixed = segments_;
      mixed[segment] = foreign[segment];
      ExpectCutOffAt(segment, Join(header_, mixed), text_);
    }
  }
}

}  // namespace
}  // namespace keyward::encryption::testing
