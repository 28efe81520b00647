// Losses of access, played as the encryption service tells of them, against the running service.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/jws.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/model_deployment/testing/deployment_server.h"

namespace keyward::model_deployment::testing {
namespace {

using deployment::v1::Model;
using deployment::v1::Receipt;
using deployment::v1::ReceiptService;
using encryption::v1::CAUSE_IDENTITY_DISABLED;
using encryption::v1::CAUSE_KEY_DELETED;

class LossTest : public ::testing::Test {
 protected:
  LossTest() {
    server_.PlayAccount();
    server_.MakeProject();
    server_.TrainModel();
  }

  deployment::v1::ListDocumentsResponse Documents() {
    deployment::v1::ListDocumentsRequest request;
    request.set_parent(kWorkspace);
    return *server_.Call<deployment::v1::DocumentService>(
        &deployment::v1::DocumentService::Stub::ListDocuments, request);
  }

  DeploymentServer server_;
};

TEST_F(LossTest, GatesCloseWorkersEndUploadsGoAndReceiptsSaySo) {
  ASSERT_TRUE(server_.Upload("second", "cat\tgato\n").ok());
  ASSERT_TRUE(server_.Deploy().ok());
  ASSERT_TRUE(server_.Translate("x").ok());
  EXPECT_EQ(server_.BlobFiles().size(), 3u);
  EXPECT_EQ(server_.engine.serving, 1);

  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED);
  // All of this holds once the event has been acknowledged.
  EXPECT_EQ(server_.engine.serving, 0);
  absl::Status refused = server_.Translate("x").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_EQ(ErrorReason(refused), "ACCESS_DENIED");
  EXPECT_EQ(ErrorMetadata(refused, "cause"), "IDENTITY_DISABLED");
  EXPECT_EQ(ErrorMetadata(refused, "event"), "managed_identity/41");
  EXPECT_EQ(ErrorMetadata(refused, "account"), kAccount);
  EXPECT_EQ(refused.message(), "what happened, and how to undo it");
  EXPECT_EQ(ErrorMetadata(refused, "since"), "2023-11-14T22:13:21.000Z");
  EXPECT_EQ(ErrorReason(server_.Upload("third", "a\tb\n").status()), "ACCESS_DENIED");
  EXPECT_EQ(ErrorReason(server_.Deploy().status()), "ACCESS_DENIED");
  EXPECT_EQ(Documents().documents_size(), 0);
  Model model = *server_.GetModel();
  EXPECT_EQ(model.state(), Model::STATE_UNDEPLOYED);
  EXPECT_EQ(model.undeploy_cause(), CAUSE_IDENTITY_DISABLED);
  EXPECT_EQ(model.state_event(), "managed_identity/41");
  EXPECT_EQ(model.worker_pid(), 0);

  Receipt revocation = server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(revocation.statement().uploads_destroyed(), 2);
  EXPECT_THAT(revocation.statement().undeployed_models(), ::testing::ElementsAre(kModel));
  EXPECT_EQ(revocation.statement().undeployed_model_count(), 1);
  EXPECT_EQ(revocation.statement().scope_destroyed_time().seconds(), 1'700'000'500);
  EXPECT_EQ(server_.Receipts().size(), 3u);
  EXPECT_EQ(server_.BlobFiles().size(), 1u) << "the model's artifact alone survives";
  EXPECT_EQ(server_.encryption.DestroyCalls(), 1);
  Await([&] { return server_.encryption.UsageOf(kAccount).uploads == 0; });

  server_.PlayRestored(1);
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "MODEL_NOT_DEPLOYED");
  EXPECT_EQ(Documents().documents_size(), 0);
  ASSERT_TRUE(server_.Deploy().ok());
  EXPECT_TRUE(server_.Translate("x").ok());
  // The same name is free for another upload.
  EXPECT_TRUE(server_.Upload("second", "cat\tgato\n").ok());
}

TEST_F(LossTest, ReceiptsVerifyWithThePublishedKeys) {
  server_.PlayLoss(1, CAUSE_KEY_DELETED);
  server_.AwaitRevocationReceipt(1);
  auto keys = server_.Call<ReceiptService>(&ReceiptService::Stub::GetReceiptKeys,
                                           deployment::v1::GetReceiptKeysRequest());
  ASSERT_EQ(keys->keys_size(), 1);
  for (const Receipt& receipt : server_.Receipts()) {
    auto verified =
        crypto::VerifyJws(receipt.jws(), crypto::kReceiptType, [&](absl::string_view key_id) {
          EXPECT_EQ(key_id, keys->keys(0).key_id());
          return crypto::EcPublicKey::FromSpkiPem(keys->keys(0).public_key_pem());
        });
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_THAT(verified->payload, ::testing::HasSubstr(receipt.name()));
    EXPECT_THAT(verified->payload, ::testing::HasSubstr("CAUSE_KEY_DELETED"));
  }
}

// The DER of an ECDSA signature r ‖ s, as openssl reads it.
std::string ToDer(absl::string_view raw) {
  std::string content;
  for (absl::string_view number : {raw.substr(0, 32), raw.substr(32)}) {
    while (number.size() > 1 && number[0] == 0) number.remove_prefix(1);
    std::string sign((number[0] & 0x80) != 0 ? 1 : 0, '\0');
    absl::StrAppend(&content, "\x02",
                    std::string(1, static_cast<char>(number.size() + sign.size())), sign, number);
  }
  return absl::StrCat("\x30", std::string(1, static_cast<char>(content.size())), content);
}

TEST_F(LossTest, ReceiptsVerifyOfflineWithNothingButOpenssl) {
  server_.PlayLoss(1, CAUSE_KEY_DELETED);
  Receipt receipt = server_.AwaitRevocationReceipt(1);
  auto keys = server_.Call<ReceiptService>(&ReceiptService::Stub::GetReceiptKeys,
                                           deployment::v1::GetReceiptKeysRequest());
  size_t dot = receipt.jws().rfind('.');
  std::string signed_part = receipt.jws().substr(0, dot);
  std::string signature;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(receipt.jws().substr(dot + 1), &signature));
  server::testing::TestFolder folder;
  auto store = [&](const char* name, const std::string& content) {
    std::ofstream(absl::StrCat(folder.path(), "/", name), std::ios::binary) << content;
  };
  store("key.pem", keys->keys(0).public_key_pem());
  store("signature", ToDer(signature));
  std::string command = absl::StrCat(
      "cd ", folder.path(),
      " && openssl dgst -sha256 -verify key.pem -signature signature signed >/dev/null");
  store("signed", signed_part);
  EXPECT_EQ(system(command.c_str()), 0);
  signed_part[signed_part.size() / 2] ^= 1;
  store("signed", signed_part);
  EXPECT_NE(system(command.c_str()), 0);
}

TEST_F(LossTest, ALossPlayedTwiceTakesEffectOnce) {
  ASSERT_TRUE(server_.Deploy().ok());
  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED);
  server_.AwaitRevocationReceipt(1);
  size_t receipts = server_.Receipts().size();
  server_.PlayAgain();
  server_.PlayRestored(1);
  ASSERT_TRUE(server_.Upload("after", "cat\tgato\n").ok());
  ASSERT_TRUE(server_.Deploy().ok());
  EXPECT_TRUE(server_.Translate("x").ok());
  EXPECT_EQ(Documents().documents_size(), 1);
  EXPECT_EQ(server_.Receipts().size(), receipts);
}

TEST_F(LossTest, ALossThatAnotherReplicaAppliedShutsTheGateHereToo) {
  ASSERT_TRUE(server_.Deploy().ok());
  server_.Observe(server_.LossEvent(1, CAUSE_IDENTITY_DISABLED));
  EXPECT_EQ(server_.engine.serving, 0);
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "ACCESS_DENIED");
  EXPECT_EQ(ErrorReason(server_.Upload("late", "a\tb\n").status()), "ACCESS_DENIED");
}

TEST_F(LossTest, ALossThatOvertakesADeploymentLeavesTheModelAsItWas) {
  const events::v1::Event loss = server_.LossEvent(1, CAUSE_IDENTITY_DISABLED);
  const int asked = server_.freshness_asked;
  absl::Status deployed;
  std::thread operators_call;
  // The gate lets the deployment in; what it writes next waits for the loss to be written.
  ASSERT_TRUE(server_.foundation()
                  .database()
                  .Write([&](storage::Transaction& tx) {
                    operators_call = std::thread([&] { deployed = server_.Deploy().status(); });
                    Await([&] { return server_.freshness_asked > asked; });
                    return server_.ApplyIn(tx, loss);
                  })
                  .ok());
  operators_call.join();
  EXPECT_EQ(ErrorReason(deployed), "ACCESS_UNVERIFIED") << deployed;
  EXPECT_EQ(server_.GetModel()->state(), Model::STATE_TRAINED);
  EXPECT_EQ(server_.engine.serving, 0);
}

TEST_F(LossTest, AForeignDatabaseSweepsNoBlobsAway) {
  const std::vector<std::string> blobs = server_.BlobFiles();
  server_.Stop();
  server_.LoseDatabase();
  const absl::Status refused = server_.TryStart();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("Nothing was deleted"));
  EXPECT_EQ(server_.BlobFiles(), blobs);
}

TEST_F(LossTest, WithAGraceUploadsAreSealedAndComeBack) {
  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED, /*grace=*/true);
  EXPECT_EQ(Documents().documents_size(), 0);
  EXPECT_EQ(server_.BlobFiles().size(), 2u);
  server_.PlayRestored(1);
  EXPECT_EQ(Documents().documents_size(), 1);
  Receipt receipt = server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(receipt.statement().uploads_destroyed(), 0);
  EXPECT_FALSE(receipt.statement().has_scope_destroyed_time());
  EXPECT_EQ(server_.encryption.DestroyCalls(), 0);
}

TEST_F(LossTest, AtTheEndOfTheGraceSealedUploadsGo) {
  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED, /*grace=*/true);
  encryption::v1::ScopeDestroyed end;
  end.set_account(kAccount);
  end.set_scope("uploads");
  end.set_access_epoch(0);
  end.mutable_destroy_time()->set_seconds(1'700'009'000);
  server_.Play("ScopeDestroyed", end);
  Receipt receipt = server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(receipt.statement().uploads_destroyed(), 1);
  EXPECT_EQ(receipt.statement().cause(), CAUSE_IDENTITY_DISABLED);
  EXPECT_EQ(receipt.statement().scope_destroyed_time().seconds(), 1'700'009'000);
  EXPECT_EQ(server_.BlobFiles().size(), 1u);
}

TEST_F(LossTest, DestroyingAScopeOnRequestGivesReceiptsTooAndClosesNothing) {
  ASSERT_TRUE(server_.Deploy().ok());
  encryption::v1::ScopeDestroyed destroyed;
  destroyed.set_account(kAccount);
  destroyed.set_scope("uploads");
  destroyed.set_access_epoch(0);
  server_.Play("ScopeDestroyed", destroyed);
  Receipt receipt = server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(receipt.statement().uploads_destroyed(), 1);
  EXPECT_EQ(receipt.statement().cause(), encryption::v1::CAUSE_UNSPECIFIED);
  EXPECT_TRUE(server_.Translate("x").ok());
  destroyed.set_scope("models");
  server_.Play("ScopeDestroyed", destroyed);
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "MODEL_NOT_DEPLOYED");
  EXPECT_EQ(ErrorReason(server_.Deploy().status()), "MODEL_NOT_TRAINED");
  Await([&] { return server_.BlobFiles().empty(); });
}

TEST_F(LossTest, NothingComputedBeforeTheGateClosedLeavesAfterIt) {
  ASSERT_TRUE(server_.Deploy().ok());
  server_.engine.during_translate = [&] { server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED); };
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "ACCESS_DENIED");
  // Not even if access came back before anybody looked.
  server_.engine.during_translate = nullptr;
  server_.PlayRestored(1);
  ASSERT_TRUE(server_.Deploy().ok());
  server_.engine.during_translate = [&] {
    server_.PlayLoss(2, CAUSE_IDENTITY_DISABLED);
    server_.PlayRestored(2);
  };
  absl::Status status = server_.Translate("x").status();
  EXPECT_EQ(ErrorReason(status), "ACCESS_UNVERIFIED") << status;
}

TEST_F(LossTest, AnUploadThatALossOvertakesLeavesNothing) {
  server_.encryption.before_generate = [&] { server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED); };
  EXPECT_EQ(ErrorReason(server_.Upload("late", "cat\tgato\n").status()), "ACCESS_DENIED");
  server_.encryption.before_generate = nullptr;
  server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(server_.BlobFiles().size(), 1u);
  // Lost and given back between two looks at the gate: the key of the upload is gone.
  server_.PlayRestored(1);
  server_.encryption.before_generate = [&] {
    server_.encryption.before_generate = nullptr;
    server_.PlayLoss(2, CAUSE_IDENTITY_DISABLED);
    server_.PlayRestored(2);
  };
  absl::Status status = server_.Upload("late", "cat\tgato\n").status();
  EXPECT_EQ(ErrorReason(status), "ACCESS_UNVERIFIED") << status;
  EXPECT_EQ(Documents().documents_size(), 0);
}

TEST_F(LossTest, AnOutageSuspendsAndDestroysNothing) {
  ASSERT_TRUE(server_.Deploy().ok());
  server_.fresh = false;
  absl::Status status = server_.Translate("x").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(ErrorReason(status), "ACCESS_UNVERIFIED");
  EXPECT_EQ(ErrorReason(server_.Upload("late", "a\tb\n").status()), "ACCESS_UNVERIFIED");
  EXPECT_EQ(server_.engine.serving, 1);
  server_.fresh = true;
  EXPECT_TRUE(server_.Translate("x").ok());
  EXPECT_EQ(Documents().documents_size(), 1);
}

TEST_F(LossTest, DestructionWaitsForTheEncryptionServiceToConfirm) {
  server_.encryption.SetOutage(AccessUnverified(kAccount));
  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED);
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "ACCESS_DENIED");
  EXPECT_EQ(server_.BlobFiles().size(), 2u);
  server_.encryption.SetOutage(absl::OkStatus());
  server_.AwaitRevocationReceipt(1);
  EXPECT_EQ(server_.BlobFiles().size(), 1u);
}

TEST_F(LossTest, ARestartBringsModelsBackButNotAfterALoss) {
  ASSERT_TRUE(server_.Deploy().ok());
  server_.Stop();
  EXPECT_EQ(server_.engine.serving, 0);
  server_.Start();
  Await([&] { return server_.GetModel()->state() == Model::STATE_DEPLOYED; });
  EXPECT_TRUE(server_.Translate("x").ok());
  EXPECT_NE(server_.GetModel()->worker_pid(), 0);

  // While access is in doubt after a start, nothing serves, and nothing is given up.
  server_.Stop();
  server_.fresh = false;
  server_.Start();
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "ACCESS_UNVERIFIED");
  EXPECT_EQ(server_.GetModel()->state(), Model::STATE_DEPLOYING);
  server_.fresh = true;
  Await([&] { return server_.GetModel()->state() == Model::STATE_DEPLOYED; });

  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED);
  server_.PlayRestored(1);
  server_.Stop();
  server_.Start();
  EXPECT_EQ(server_.GetModel()->state(), Model::STATE_UNDEPLOYED);
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "MODEL_NOT_DEPLOYED");
  EXPECT_EQ(server_.engine.serving, 0);
}

TEST_F(LossTest, OtherAccountsAreUntouched) {
  server_.PlayAccount("accounts/fabrikam");
  deployment::v1::CreateWorkspaceRequest request;
  request.set_parent("accounts/fabrikam");
  request.set_workspace_id("main");
  using deployment::v1::WorkspaceService;
  server_.PlayLoss(1, CAUSE_IDENTITY_DISABLED);
  EXPECT_TRUE(
      server_.Call<WorkspaceService>(&WorkspaceService::Stub::CreateWorkspace, request).ok());
  request.set_parent(kAccount);
  request.set_workspace_id("other");
  EXPECT_EQ(
      ErrorReason(server_.Call<WorkspaceService>(&WorkspaceService::Stub::CreateWorkspace, request)
                      .status()),
      "ACCESS_DENIED");
}

}  // namespace
}  // namespace keyward::model_deployment::testing
