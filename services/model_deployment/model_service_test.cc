#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/model_deployment/testing/deployment_server.h"

namespace keyward::model_deployment::testing {
namespace {

using deployment::v1::Model;
using deployment::v1::ModelService;
using deployment::v1::Translation;
using deployment::v1::TranslationService;

class ModelServiceTest : public ::testing::Test {
 protected:
  ModelServiceTest() {
    server_.PlayAccount();
    server_.MakeProject();
  }

  absl::StatusOr<Model> Train(const std::string& id, const std::vector<std::string>& documents) {
    deployment::v1::TrainModelRequest request;
    request.set_parent(kProject);
    request.set_model_id(id);
    for (const std::string& document : documents) {
      request.mutable_model()->add_documents(absl::StrCat(kWorkspace, "/documents/", document));
    }
    return server_.Call<ModelService>(&ModelService::Stub::TrainModel, request);
  }

  absl::StatusOr<Model> Undeploy() {
    deployment::v1::UndeployModelRequest request;
    request.set_name(kModel);
    return server_.Call<ModelService>(&ModelService::Stub::UndeployModel, request);
  }

  DeploymentServer server_;
};

TEST_F(ModelServiceTest, TrainsHoldsOutScoresDeploysAndTranslates) {
  server_.TrainModel();
  Model model = *server_.GetModel();
  EXPECT_EQ(model.training().pairs_read(), 60);
  EXPECT_EQ(model.training().pairs_held_out(), 6);
  EXPECT_EQ(model.training().pairs_trained(), 60) << "scored first, then known";
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "MODEL_NOT_DEPLOYED");
  model = *server_.Deploy();
  EXPECT_EQ(model.state(), Model::STATE_DEPLOYED);
  EXPECT_GT(model.worker_pid(), 0);
  EXPECT_EQ(server_.encryption.UsageOf(kAccount).deployed_models, 1);
  auto translated = server_.Translate("something else");
  ASSERT_TRUE(translated.ok());
  EXPECT_EQ(translated->translations(0).text(), "<something else>");
  EXPECT_EQ(translated->translations(0).origin(), Translation::ORIGIN_ENGINE);
  EXPECT_EQ(server_.Deploy()->worker_pid(), model.worker_pid()) << "it served already";
  EXPECT_EQ(Undeploy()->state(), Model::STATE_UNDEPLOYED);
  EXPECT_EQ(server_.engine.serving, 0);
  EXPECT_EQ(Undeploy()->state(), Model::STATE_UNDEPLOYED);
  EXPECT_EQ(server_.encryption.UsageOf(kAccount).deployed_models, 0);
}

TEST_F(ModelServiceTest, WhatTestingDocumentsHoldStaysUnknownToTheModel) {
  ASSERT_TRUE(server_.Upload("lesson", "cat\tgato\ndog\tperro\n").ok());
  ASSERT_TRUE(server_.Upload("exam", "dog\tperro\n", deployment::v1::DOCUMENT_TYPE_TESTING).ok());
  ASSERT_TRUE(Train("one", {"lesson", "exam"}).ok());
  Await([&] { return server_.GetModel()->state() == Model::STATE_TRAINED; });
  EXPECT_EQ(server_.GetModel()->training().pairs_trained(), 1);
  EXPECT_EQ(server_.GetModel()->training().pairs_held_out(), 1);
  ASSERT_TRUE(server_.Deploy().ok());
  EXPECT_EQ(server_.Translate("cat")->translations(0).text(), "gato");
  EXPECT_EQ(server_.Translate("dog")->translations(0).text(), "<dog>");
}

TEST_F(ModelServiceTest, RefusesWhatCannotBeTrained) {
  ASSERT_TRUE(server_.Upload("lesson", "cat\tgato\n").ok());
  EXPECT_EQ(ErrorReason(Train("mod", {}).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Train("mod", {"lesson", "lesson"}).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Train("mod", {"missing"}).status()), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Train("No", {"lesson"}).status()), "INVALID_REQUEST");
  ASSERT_TRUE(Train("mod", {"lesson"}).ok());
  EXPECT_EQ(ErrorReason(Train("mod", {"lesson"}).status()), "MODEL_EXISTS");
  EXPECT_EQ(ErrorReason(server_.GetModel().status()), "MODEL_NOT_FOUND");
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "MODEL_NOT_FOUND");
  EXPECT_EQ(ErrorReason(server_.Deploy().status()), "MODEL_NOT_FOUND");
}

TEST_F(ModelServiceTest, TrainingGoesOnAfterARestartAndWaitsOutAnOutage) {
  ASSERT_TRUE(server_.Upload("lesson", "cat\tgato\n").ok());
  server_.fresh = false;
  server_.Stop();
  server_.Start();
  EXPECT_EQ(ErrorReason(Train("one", {"lesson"}).status()), "ACCESS_UNVERIFIED");
  server_.fresh = true;
  server_.encryption.SetOutage(AccessUnverified(kAccount));
  ASSERT_TRUE(Train("one", {"lesson"}).ok());
  EXPECT_EQ(server_.GetModel()->state(), Model::STATE_TRAINING);
  server_.Stop();
  server_.encryption.SetOutage(absl::OkStatus());
  server_.Start();
  Await([&] { return server_.GetModel()->state() == Model::STATE_TRAINED; });
}

TEST_F(ModelServiceTest, ALossEndsTraining) {
  ASSERT_TRUE(server_.Upload("lesson", "cat\tgato\n").ok());
  server_.encryption.SetOutage(AccessUnverified(kAccount));
  ASSERT_TRUE(Train("one", {"lesson"}).ok());
  server_.PlayLoss(1, encryption::v1::CAUSE_VAULT_DELETED);
  server_.encryption.SetOutage(absl::OkStatus());
  Model model = *server_.GetModel();
  EXPECT_EQ(model.state(), Model::STATE_TRAINING_FAILED);
  EXPECT_EQ(model.undeploy_cause(), encryption::v1::CAUSE_VAULT_DELETED);
  server_.AwaitRevocationReceipt(1);
  server_.PlayRestored(1);
  EXPECT_EQ(ErrorReason(server_.Deploy().status()), "MODEL_NOT_TRAINED");
  EXPECT_TRUE(server_.BlobFiles().empty());
}

TEST_F(ModelServiceTest, ADocumentDeletedMeanwhileFailsTrainingWithTheReason) {
  ASSERT_TRUE(server_.Upload("lesson", "cat\tgato\n").ok());
  server_.encryption.SetOutage(AccessUnverified(kAccount));
  ASSERT_TRUE(Train("one", {"lesson"}).ok());
  deployment::v1::DeleteDocumentRequest request;
  request.set_name(absl::StrCat(kWorkspace, "/documents/lesson"));
  ASSERT_TRUE(server_
                  .Call<deployment::v1::DocumentService>(
                      &deployment::v1::DocumentService::Stub::DeleteDocument, request)
                  .ok());
  server_.encryption.SetOutage(absl::OkStatus());
  Await([&] { return server_.GetModel()->state() == Model::STATE_TRAINING_FAILED; });
  EXPECT_THAT(server_.GetModel()->state_message(), ::testing::HasSubstr("documents/lesson"));
}

TEST_F(ModelServiceTest, AnEngineThatFailsIsSaidSo) {
  server_.TrainModel();
  server_.engine.broken = true;
  EXPECT_EQ(ErrorReason(server_.Deploy().status()), "ENGINE_FAILED");
  EXPECT_EQ(server_.GetModel()->state(), Model::STATE_UNDEPLOYED);
  server_.engine.broken = false;
  ASSERT_TRUE(server_.Deploy().ok());
  server_.engine.broken = true;
  EXPECT_EQ(ErrorReason(server_.Translate("x").status()), "ENGINE_FAILED");
}

TEST_F(ModelServiceTest, TranslateRefusesBadTexts) {
  server_.TrainModel();
  ASSERT_TRUE(server_.Deploy().ok());
  deployment::v1::TranslateRequest request;
  auto translate = [&] {
    return server_.Call<TranslationService>(&TranslationService::Stub::Translate, request).status();
  };
  request.set_model(kModel);
  EXPECT_EQ(ErrorReason(translate()), "INVALID_REQUEST") << "no text";
  request.add_texts(std::string("a\0b", 3));
  EXPECT_EQ(ErrorReason(translate()), "INVALID_REQUEST") << "NUL";
  request.set_texts(0, std::string(50'001, 'a'));
  EXPECT_EQ(ErrorReason(translate()), "INVALID_REQUEST") << "too long";
  request.clear_texts();
  for (int i = 0; i < 1001; ++i) request.add_texts("a");
  EXPECT_EQ(ErrorReason(translate()), "INVALID_REQUEST") << "too many";
  request.mutable_texts()->RemoveLast();
  EXPECT_TRUE(translate().ok());
  request.set_model("models/one");
  EXPECT_EQ(ErrorReason(translate()), "INVALID_REQUEST");
}

// The example that the engine alone gets wrong, end to end with Debian's Apertium.
TEST(ModelServiceWithApertium, APhraseDictionaryMendsTheTranslation) {
  DeploymentServer server(DeploymentServer::Engine::kApertium);
  server.PlayAccount();
  server.MakeProject();
  ASSERT_TRUE(server
                  .Upload("phrases", "encryption key\tclave de cifrado\n",
                          deployment::v1::DOCUMENT_TYPE_PHRASE_DICTIONARY)
                  .ok());
  ASSERT_TRUE(server
                  .Upload("sentences", "Good luck!\t¡Mucha suerte!\n",
                          deployment::v1::DOCUMENT_TYPE_SENTENCE_DICTIONARY)
                  .ok());
  deployment::v1::TrainModelRequest request;
  request.set_parent(kProject);
  request.set_model_id("one");
  request.mutable_model()->add_documents(absl::StrCat(kWorkspace, "/documents/phrases"));
  request.mutable_model()->add_documents(absl::StrCat(kWorkspace, "/documents/sentences"));
  ASSERT_TRUE(server.Call<ModelService>(&ModelService::Stub::TrainModel, request).ok());
  Await([&] { return server.GetModel()->state() == Model::STATE_TRAINED; });
  EXPECT_EQ(server.GetModel()->training().phrase_entries(), 1);
  auto model = server.Deploy();
  ASSERT_TRUE(model.ok()) << model.status();
  auto worker = static_cast<pid_t>(model->worker_pid());
  EXPECT_EQ(kill(worker, 0), 0);
  EXPECT_EQ(server.Translate("The encryption key is stored in the vault.")->translations(0).text(),
            "La clave de cifrado está almacenada en la bóveda.");
  auto luck = server.Translate("good luck")->translations(0);
  EXPECT_EQ(luck.origin(), Translation::ORIGIN_SENTENCE_DICTIONARY);
  server.PlayLoss(1, encryption::v1::CAUSE_IDENTITY_DISABLED);
  EXPECT_NE(kill(worker, 0), 0) << "the worker outlived the acknowledgement";
  EXPECT_EQ(ErrorReason(server.Translate("x").status()), "ACCESS_DENIED");
}

}  // namespace
}  // namespace keyward::model_deployment::testing
