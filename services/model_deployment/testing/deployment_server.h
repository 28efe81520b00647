#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_DEPLOYMENT_SERVER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_DEPLOYMENT_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/testing/test_identities.h"
#include "common/server/application.h"
#include "common/server/testing/test_authority.h"
#include "keyward/deployment/v1/documents.grpc.pb.h"
#include "keyward/deployment/v1/models.grpc.pb.h"
#include "keyward/deployment/v1/receipts.grpc.pb.h"
#include "keyward/deployment/v1/translation.grpc.pb.h"
#include "keyward/deployment/v1/workspaces.grpc.pb.h"
#include "keyward/encryption/v1/events.pb.h"
#include "keyward/events/v1/events.pb.h"
#include "services/model_deployment/server.h"
#include "services/model_deployment/testing/fake_encryption_client.h"
#include "services/model_deployment/testing/fake_runtime.h"

namespace keyward::model_deployment::testing {

inline constexpr char kAccount[] = "accounts/contoso";
inline constexpr char kWorkspace[] = "accounts/contoso/workspaces/main";
inline constexpr char kProject[] = "accounts/contoso/workspaces/main/projects/en-es";
inline constexpr char kModel[] = "accounts/contoso/workspaces/main/projects/en-es/models/one";

// The service in this process, over mutual TLS, with its real database and blob folder; the
// encryption service, its feed and the engine are played by fakes (or Apertium does the engine's
// part). The operator "admin" may do everything. Any failure to set up ends the test.
class DeploymentServer {
 public:
  enum class Engine { kFake, kApertium };

  explicit DeploymentServer(Engine engine = Engine::kFake);
  ~DeploymentServer();

  void Stop() { running_ = nullptr; }
  // Starts it (again) on the same data.
  void Start();
  // The same, for a start that may be refused.
  absl::Status TryStart();
  // Takes the database away, while stopped, as when the wrong one is mounted.
  void LoseDatabase();

  // Plays an event of the encryption service, as the follower does; returns when it took effect.
  void Play(const std::string& type, const google::protobuf::Message& data);
  // Plays the event that was played last once more, as a feed that is followed anew would.
  void PlayAgain();
  // Applies an event in a transaction of the test's own.
  absl::Status ApplyIn(storage::Transaction& tx, const events::v1::Event& event);
  // Tells the service of an event that another replica has applied.
  void Observe(const events::v1::Event& event);
  // The event of PlayLoss, not played.
  events::v1::Event LossEvent(int64_t epoch, encryption::v1::Cause cause, bool grace = false);
  // An account that is accessible with a customer's key, at epoch 0.
  void PlayAccount(const std::string& account = kAccount);
  // The loss number `epoch` of the account's access. Its uploads' keys go with it, unless `grace`.
  void PlayLoss(int64_t epoch, encryption::v1::Cause cause, bool grace = false);
  void PlayRestored(int64_t epoch);

  // The workspace and the project that the names above mean.
  void MakeProject();
  absl::StatusOr<deployment::v1::Document> Upload(
      const std::string& id, const std::string& bytes,
      deployment::v1::DocumentType type = deployment::v1::DOCUMENT_TYPE_TRAINING,
      deployment::v1::DocumentFormat format = deployment::v1::DOCUMENT_FORMAT_TSV);
  // Uploads sixty pairs as "lesson", trains kModel from them and waits until it is TRAINED.
  void TrainModel();
  absl::StatusOr<deployment::v1::Model> Deploy();
  absl::StatusOr<deployment::v1::Model> GetModel();
  absl::StatusOr<deployment::v1::TranslateResponse> Translate(const std::string& text);
  std::vector<deployment::v1::Receipt> Receipts();
  // Returns once the revocation's receipt of the loss that began `epoch` is there.
  deployment::v1::Receipt AwaitRevocationReceipt(int64_t epoch);

  // The files in the blob folder, unfinished ones too.
  std::vector<std::string> BlobFiles() const;

  // With the certificate of an operator; "admin" has all rights, others have none.
  std::shared_ptr<grpc::Channel> As(const std::string& operator_name);

  template <typename Service, typename Response, typename Request>
  absl::StatusOr<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                const Request& request, const std::string& as = "admin") {
    auto stub = Service::NewStub(As(as));
    grpc::ClientContext context;
    Response response;
    grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  FakeEncryptionClient::State encryption;
  FakeRuntime::State engine;
  // What the lease on the encryption service's feed would say.
  std::atomic<bool> fresh{true};
  // How often the service asked.
  std::atomic<int> freshness_asked{0};

  server::Foundation& foundation() { return running_->foundation(); }

 private:
  events::v1::Event MakeEvent(const std::string& type, const google::protobuf::Message& data);
  void Apply(const events::v1::Event& event);
  static absl::Status FromGrpc(const grpc::Status& status);

  const Engine kind_;
  server::testing::TestAuthority authority_;
  server::testing::TestFolder folder_;
  server::ServerOptions options_;
  std::unique_ptr<server::RunningService> running_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
  int64_t sequence_ = 0;
  events::v1::Event played_;
};

// Waits, for as long as a test may take, until `condition` holds.
void Await(const std::function<bool()>& condition);

}  // namespace keyward::model_deployment::testing

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_DEPLOYMENT_SERVER_H_
