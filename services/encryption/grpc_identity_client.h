#ifndef KEYWARD_SERVICES_ENCRYPTION_GRPC_IDENTITY_CLIENT_H_
#define KEYWARD_SERVICES_ENCRYPTION_GRPC_IDENTITY_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/encryption/identity_client.h"

namespace keyward::encryption {

// IdentityClient over gRPC. Thread-safe.
class GrpcIdentityClient final : public IdentityClient {
 public:
  explicit GrpcIdentityClient(const std::shared_ptr<grpc::Channel>& channel);

  absl::StatusOr<AccountIdentity> Create(const server::CallContext& call,
                                         const AccountName& account,
                                         const std::string& subscription) override;
  absl::StatusOr<AccountIdentity> Get(const server::CallContext& call,
                                      const AccountName& account) override;
  absl::StatusOr<AccountIdentity> Enable(const server::CallContext& call,
                                         const AccountName& account) override;
  absl::Status Delete(const server::CallContext& call, const AccountName& account) override;
  absl::StatusOr<AccountIdentity> Select(const server::CallContext& call,
                                         const AccountName& account,
                                         const std::string& identity) override;
  absl::StatusOr<IdentityToken> IssueToken(const server::CallContext& call,
                                           const KeyUser& user) override;

 private:
  const std::unique_ptr<identity::v1::IdentityService::StubInterface> identities_;
  const std::unique_ptr<identity::v1::TokenService::StubInterface> tokens_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_GRPC_IDENTITY_CLIENT_H_
