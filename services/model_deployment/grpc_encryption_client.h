#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_GRPC_ENCRYPTION_CLIENT_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_GRPC_ENCRYPTION_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>

#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "services/model_deployment/encryption_client.h"

namespace keyward::model_deployment {

// The encryption service over gRPC, with this service's certificate.
class GrpcEncryptionClient final : public EncryptionClient {
 public:
  explicit GrpcEncryptionClient(const std::shared_ptr<grpc::Channel>& channel);

  absl::StatusOr<Account> GetAccount(const CallOrigin& origin, absl::string_view account) override;
  absl::StatusOr<GeneratedKeys> GenerateDataKey(const CallOrigin& origin,
                                                const envelope::ObjectId& id) override;
  absl::StatusOr<envelope::DataKeys> DecryptDataKey(const CallOrigin& origin,
                                                    const envelope::ObjectId& id,
                                                    const envelope::ObjectHeader& header) override;
  absl::StatusOr<absl::Time> DestroyScope(const CallOrigin& origin, absl::string_view account,
                                          absl::string_view scope, int64_t access_epoch) override;
  absl::Status ReportUsage(const CallOrigin& origin, absl::string_view account,
                           const Usage& usage) override;

 private:
  const std::unique_ptr<encryption::v1::AccountService::Stub> accounts_;
  const std::unique_ptr<encryption::v1::DataService::Stub> data_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_GRPC_ENCRYPTION_CLIENT_H_
