#include "services/encryption/stream_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/double_stream.h"
#include "common/envelope/object_header.h"
#include "common/integrity/crc32c.h"
#include "common/status/error.h"
#include "services/encryption/testing/data_calls.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

// A text in which no two segments are equal.
std::string Text(size_t size) {
  std::string text(size, '\0');
  uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

class StreamHandlerTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
  }

  absl::Status Serve(EncryptingClient& client) { return core_->streams().Encrypt(Call(), client); }
  absl::Status Serve(DecryptingClient& client) { return core_->streams().Decrypt(Call(), client); }

  std::string EncryptAsStream(const Target& target, const std::string& text,
                              size_t chunk = kChunk) {
    EncryptingClient client = Encrypting(target, text, chunk);
    const absl::Status served = Serve(client);
    EXPECT_TRUE(served.ok()) << served;
    return Received(client);
  }
  void Destroy(const std::string& scope) {
    v1::DestroyScopeRequest request;
    request.set_account("accounts/contoso");
    request.set_scope(scope);
    ASSERT_TRUE(core_->data().DestroyScope(Call(), request).ok());
  }

  // Lets `happen` happen after the client has sent its third chunk, and sees to it that the stream
  // ends with this reason and nothing more of it is told.
  template <typename Client>
  void ExpectCutOff(Client client, const std::function<void()>& happen, const std::string& reason) {
    const size_t sent = client.sends.size();
    size_t taken = 0;
    client.before_read = [&] {
      if (client.sends.size() != sent - 4) return;
      taken = client.taken.size();
      happen();
    };
    const absl::Status served = Serve(client);
    EXPECT_EQ(ErrorReason(served), reason) << served;
    EXPECT_GT(taken, 0u);
    EXPECT_EQ(client.taken.size(), taken);
  }
  // The same for what happens while the client keeps silent.
  template <typename Client>
  void ExpectEndsWhileSilent(Client client, const std::function<void()>& happen,
                             const std::string& reason) {
    int asked = 0;
    client.while_silent = [&] {
      if (++asked == 3) happen();
      // A stream that does not end for it ends as an idle one.
      if (asked > 3) clock_.Advance(absl::Seconds(10));
    };
    const absl::Status served = Serve(client);
    EXPECT_EQ(ErrorReason(served), reason) << served;
    EXPECT_EQ(asked, 3);
  }
  // Both, and both ways.
  void ExpectEnds(const Target& target, const std::function<void()>& happen,
                  const std::function<void()>& undo, const std::string& reason) {
    const std::string text = Text(5 << 20);
    for (int way = 0; way < 4; ++way) {
      SCOPED_TRACE(way);
      const std::string stored = EncryptAsStream(target, text);
      if (way == 0) ExpectCutOff(Encrypting(target, text), happen, reason);
      if (way == 1) ExpectCutOff(Decrypting(target, stored), happen, reason);
      if (way == 2) ExpectEndsWhileSilent(Encrypting(target, text), happen, reason);
      if (way == 3) ExpectEndsWhileSilent(Decrypting(target, stored), happen, reason);
      undo();
    }
  }
  void LoseAccess() {
    clock_.Advance(absl::Seconds(1));
    key_vault_.SetEnabled(kKey, false);
  }
  void RegainAccess() {
    clock_.Advance(absl::Seconds(1));
    key_vault_.SetEnabled(kKey, true);
    core_->background().RunWork();
    ASSERT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  }
};

TEST_F(StreamHandlerTest, WhatGoesInComesOutWhateverTheSizes) {
  for (const size_t size : {0, 1, 1 << 20, (1 << 20) + 1, 3 << 20}) {
    for (const size_t chunk : {kChunk, size_t{70'001}}) {
      SCOPED_TRACE(absl::StrCat(size, " in chunks of ", chunk));
      const std::string text = Text(size);
      const std::string stored = EncryptAsStream({}, text, chunk);
      const Decrypted opened = DecryptAsStream(*core_, {}, stored, chunk);
      ASSERT_TRUE(opened.status.ok()) << opened.status;
      EXPECT_TRUE(opened.plaintext == text);
    }
  }
}

TEST_F(StreamHandlerTest, StreamsMakeWhatOtherCallsOpenAndOpenWhatTheyMake) {
  const std::string stored = EncryptAsStream({}, "text", 1);
  EXPECT_EQ(DecryptAlone(*core_, {}, stored).plaintext, "text");
  EXPECT_EQ(DecryptInBatch(*core_, {}, stored).plaintext, "text");
  const std::string single = *Encrypt("contoso", "uploads", "object", "text");
  EXPECT_EQ(DecryptAsStream(*core_, {}, single, 1).plaintext, "text");
}

envelope::DataKeys KeysOf(const std::string& inner, const std::string& outer) {
  return {*crypto::AesKey::Create(crypto::SecretBytes::CopyOf(inner)),
          *crypto::AesKey::Create(crypto::SecretBytes::CopyOf(outer))};
}

TEST_F(StreamHandlerTest, CallersWhoEncryptThemselvesUseTheSameFormat) {
  const std::string text = Text(2'500'000);
  const std::string stored = EncryptAsStream({}, text);
  const auto split = envelope::SplitStored(stored);
  ASSERT_TRUE(split.ok()) << split.status();
  v1::DecryptDataKeyRequest open;
  open.set_account("accounts/contoso");
  open.set_scope("uploads");
  open.set_object("object");
  open.set_header(split->header.bytes());
  const auto opened = core_->data().DecryptDataKey(Call(), open);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const auto plaintext =
      envelope::DecryptSmall(split->header, split->header.id(),
                             KeysOf(opened->inner_key(), opened->outer_key()), split->body);
  ASSERT_TRUE(plaintext.ok()) << plaintext.status();
  EXPECT_TRUE(plaintext->ExposeSecret() == text);

  v1::GenerateDataKeyRequest generate;
  generate.set_account("accounts/contoso");
  generate.set_scope("uploads");
  generate.set_object("object");
  const auto made = core_->data().GenerateDataKey(Call(), generate);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto own = envelope::EncryptSmall(*envelope::ObjectHeader::Parse(made->header()),
                                          KeysOf(made->inner_key(), made->outer_key()), text);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_TRUE(DecryptAsStream(*core_, {}, *own).plaintext == text);
}

TEST_F(StreamHandlerTest, AnswersCarryChecksumsAndTheKeyVersionOnce) {
  EncryptingClient encrypting = Encrypting({}, Text(2 << 20));
  ASSERT_TRUE(Serve(encrypting).ok());
  for (size_t i = 0; i < encrypting.taken.size(); ++i) {
    const auto& message = encrypting.taken[i];
    EXPECT_TRUE(
        integrity::MatchesCrc32c(message.ciphertext(), message.ciphertext_crc32c().value()));
    EXPECT_LE(message.ciphertext().size(), size_t{1} << 20);
    EXPECT_EQ(message.customer_key_version(), i == 0 ? key_version_ : "");
  }
  DecryptingClient decrypting = Decrypting({}, Received(encrypting));
  ASSERT_TRUE(Serve(decrypting).ok());
  for (const auto& message : decrypting.taken) {
    EXPECT_TRUE(integrity::MatchesCrc32c(message.plaintext(), message.plaintext_crc32c().value()));
  }
}

// What has come in and not gone out yet is what is kept of a stream.
TEST_F(StreamHandlerTest, LittleIsKeptHoweverMuchGoesThrough) {
  const size_t size = 12 << 20;
  const std::string text = Text(size);
  const std::string stored = EncryptAsStream({}, text);
  const auto most_kept = [&](auto client, const std::string& whole) {
    int64_t most = 0;
    size_t chunks = 0;
    client.before_read = [&] {
      const auto sent = static_cast<int64_t>(std::min(whole.size(), chunks++ * kChunk));
      most = std::max(most, sent - static_cast<int64_t>(ReceivedSize(client)));
    };
    EXPECT_TRUE(Serve(client).ok());
    return most;
  };
  EXPECT_LE(most_kept(Encrypting({}, text), text), 4 << 20);
  EXPECT_LE(most_kept(Decrypting({}, stored), stored), 4 << 20);
}

TEST_F(StreamHandlerTest, ALossEndsStreamsAtOnceAndWhileNothingMoves) {
  ExpectEnds(
      {.scope = "models"}, [&] { LoseAccess(); }, [&] { RegainAccess(); }, "ACCESS_DENIED");
}

TEST_F(StreamHandlerTest, ALossBetweenAMessageAndItsAnswerLetsNothingGo) {
  const std::string stored = *Encrypt("contoso", "models", "object", "text");
  EncryptingClient encrypting = Encrypting({.scope = "models"}, Text(3 << 20));
  encrypting.before_flush = [&] {
    if (encrypting.taken.size() == 1) key_vault_.SetEnabled(kKey, false);
  };
  EXPECT_EQ(ErrorReason(Serve(encrypting)), "ACCESS_DENIED");
  EXPECT_EQ(encrypting.taken.size(), 1u);
  RegainAccess();
  DecryptingClient decrypting = Decrypting({.scope = "models"}, stored);
  decrypting.before_flush = [&] { key_vault_.SetEnabled(kKey, false); };
  EXPECT_EQ(ErrorReason(Serve(decrypting)), "ACCESS_DENIED");
  EXPECT_TRUE(decrypting.taken.empty());
}

TEST_F(StreamHandlerTest, ASuspensionEndsStreamsAtOnceAndWhileNothingMoves) {
  ExpectEnds(
      {}, [&] { fresh_ = false; }, [&] { fresh_ = true; }, "ACCESS_UNVERIFIED");
}

TEST_F(StreamHandlerTest, ADestroyedScopeEndsItsStreams) {
  ExpectEnds(
      {}, [&] { Destroy("uploads"); }, [] {}, "SCOPE_DESTROYED");
}

// The models' key is still there, and access too, but a loss was a loss.
TEST_F(StreamHandlerTest, ALossThatWasUndoneEndsStreamsTooAndNewOnesRun) {
  ExpectEnds(
      {.scope = "models"},
      [&] {
        LoseAccess();
        RegainAccess();
      },
      [] {}, "ACCESS_UNVERIFIED");
}

TEST_F(StreamHandlerTest, ADeletedAndRecoveredAccountEndsStreamsTooAndNewOnesRun) {
  ExpectEnds(
      {.scope = "models"},
      [&] {
        v1::DeleteAccountRequest remove;
        remove.set_name("accounts/contoso");
        EXPECT_TRUE(core_->lifecycle().Delete(Call(), remove).ok());
        clock_.Advance(absl::Milliseconds(1));
        v1::RecoverAccountRequest recover;
        recover.set_name("accounts/contoso");
        EXPECT_TRUE(core_->lifecycle().Recover(Call(), recover).ok());
      },
      [] {}, "ACCESS_UNVERIFIED");
}

TEST_F(StreamHandlerTest, ADestroyedScopeLeavesStreamsOfOthersAlone) {
  const Target model = {.scope = "models"};
  const std::string text = Text(4 << 20);
  // A time that the database does not keep to the nanosecond.
  clock_.Advance(absl::Nanoseconds(7));
  LoseAccess();
  RegainAccess();
  ASSERT_TRUE(Encrypt("contoso", "uploads", "doc", "text").ok());
  EncryptingClient encrypting = Encrypting(model, text);
  encrypting.before_read = [&] {
    if (encrypting.sends.size() == 2) Destroy("uploads");
  };
  ASSERT_TRUE(Serve(encrypting).ok());
  ASSERT_TRUE(Encrypt("contoso", "uploads", "doc", "text").ok());
  DecryptingClient decrypting = Decrypting(model, Received(encrypting));
  decrypting.before_read = [&] {
    if (decrypting.sends.size() == 2) Destroy("uploads");
  };
  ASSERT_TRUE(Serve(decrypting).ok());
  EXPECT_TRUE(Received(decrypting) == text);
  EXPECT_EQ(Published("keyward.encryption.ScopeDestroyed").size(), 2u);
}

TEST_F(StreamHandlerTest, AChangeOfKeysIsNoLoss) {
  const std::string text = Text(4 << 20);
  EncryptingClient encrypting = Encrypting({}, text);
  encrypting.before_read = [&] {
    if (encrypting.sends.size() != 2) return;
    ASSERT_TRUE(Revert("contoso").ok());
  };
  ASSERT_TRUE(Serve(encrypting).ok());
  DecryptingClient decrypting = Decrypting({}, Received(encrypting));
  decrypting.before_read = [&] {
    if (decrypting.sends.size() == 2) EnableCustomerKey("contoso");
  };
  const absl::Status served = Serve(decrypting);
  ASSERT_TRUE(served.ok()) << served;
  EXPECT_TRUE(Received(decrypting) == text);
}

TEST_F(StreamHandlerTest, SilentAndStuckClientsAreGivenUp) {
  const auto pass = [&] { clock_.Advance(absl::Seconds(1)); };
  EncryptingClient silent = Encrypting({}, "text");
  silent.while_silent = pass;
  EXPECT_EQ(ErrorReason(Serve(silent)), "STREAM_IDLE");
  DecryptingClient stuck = Decrypting({}, *Encrypt("contoso", "uploads", "object", "text"));
  stuck.while_stuck = pass;
  EXPECT_EQ(ErrorReason(Serve(stuck)), "STREAM_IDLE");
  EXPECT_TRUE(stuck.taken.empty());
}

TEST_F(StreamHandlerTest, SlowClientsAreServedForAnHour) {
  const absl::Time start = clock_.Now();
  EncryptingClient client = Encrypting({}, std::string(1000, 'x'), 1);
  client.before_read = [&] { clock_.Advance(absl::Seconds(29)); };
  EXPECT_EQ(ErrorReason(Serve(client)), "STREAM_TOO_LONG");
  EXPECT_GE(clock_.Now() - start, absl::Hours(1));
  EXPECT_LE(clock_.Now() - start, absl::Hours(1) + absl::Minutes(1));
}

// As with any other use of keys: without its vault an account goes on for as long as keys are kept.
TEST_F(StreamHandlerTest, KeysOfAStreamDoNotOutliveThoseOfTheCache) {
  ASSERT_TRUE(Encrypt("contoso", "uploads", "doc", "text").ok());
  EncryptingClient client = Encrypting({}, std::string(1000, 'x'), 1);
  key_vault_.SetOutage(absl::UnavailableError("connection refused"));
  const absl::Time start = clock_.Now();
  client.before_read = [&] { clock_.Advance(absl::Seconds(20)); };
  EXPECT_EQ(ErrorReason(Serve(client)), "ACCESS_UNVERIFIED");
  EXPECT_GE(clock_.Now() - start, absl::Minutes(4));
  EXPECT_LE(clock_.Now() - start, absl::Minutes(7));
}

TEST_F(StreamHandlerTest, AccessIsAskedForBeforeAnythingElse) {
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(DecryptAsStream(*core_, {}, "nonsense").status), "ACCESS_DENIED");
  EncryptingClient client = Encrypting({}, "text");
  EXPECT_EQ(ErrorReason(Serve(client)), "ACCESS_DENIED");
  EXPECT_EQ(client.sends.size(), 1u);
  EXPECT_EQ(ErrorReason(DecryptAsStream(*core_, {.account = "accounts/nobody"}, "x").status),
            "ACCOUNT_NOT_FOUND");
}

TEST_F(StreamHandlerTest, AnnouncedSizesMustCome) {
  const std::string stored = EncryptAsStream({}, "text");
  for (const int64_t off : {-1, 0, 1}) {
    SCOPED_TRACE(off);
    EncryptingClient encrypting = Encrypting({}, "text", 3);
    encrypting.sends[0].mutable_start()->mutable_plaintext_size()->set_value(4 + off);
    EXPECT_EQ(ErrorReason(Serve(encrypting)), off == 0 ? "" : "INVALID_REQUEST");
    DecryptingClient decrypting = Decrypting({}, stored);
    decrypting.sends[0].mutable_start()->mutable_ciphertext_size()->set_value(
        static_cast<int64_t>(stored.size()) + off);
    EXPECT_EQ(ErrorReason(Serve(decrypting)), off == 0 ? "" : "INVALID_REQUEST");
    EXPECT_EQ(Received(decrypting), off == 0 ? "text" : "");
  }
}

TEST_F(StreamHandlerTest, MessagesOutOfPlaceOrDamagedAreRefused) {
  const auto spoilt = [&](const std::function<void(std::deque<v1::EncryptStreamRequest>&)>& spoil) {
    EncryptingClient client = Encrypting({}, "text", 1);
    spoil(client.sends);
    return ErrorReason(Serve(client));
  };
  EXPECT_EQ(spoilt([](auto& sends) { sends.clear(); }), "INVALID_REQUEST");
  EXPECT_EQ(spoilt([](auto& sends) { sends.pop_front(); }), "INVALID_REQUEST");
  EXPECT_EQ(spoilt([](auto& sends) { sends[2] = sends[0]; }), "INVALID_REQUEST");
  EXPECT_EQ(spoilt([](auto& sends) { sends[2].set_plaintext(""); }), "INVALID_REQUEST");
  EXPECT_EQ(spoilt([](auto& sends) { sends[2].set_plaintext(std::string(kChunk + 1, 'x')); }),
            "INVALID_REQUEST");
  EXPECT_EQ(spoilt([](auto& sends) { sends[2].mutable_plaintext_crc32c()->set_value(7); }),
            "CHECKSUM_MISMATCH");
  EXPECT_EQ(spoilt([](auto& sends) {
              sends[2].mutable_plaintext_crc32c()->set_value(integrity::Crc32c("e"));
            }),
            "");
  EXPECT_EQ(spoilt([](auto& sends) { sends[0].mutable_start()->set_scope("images"); }),
            "INVALID_REQUEST");
  DecryptingClient damaged = Decrypting({}, *Encrypt("contoso", "uploads", "object", "text"));
  damaged.sends[1].mutable_ciphertext_crc32c()->set_value(7);
  EXPECT_EQ(ErrorReason(Serve(damaged)), "CHECKSUM_MISMATCH");
}

}  // namespace
}  // namespace keyward::encryption::testing
