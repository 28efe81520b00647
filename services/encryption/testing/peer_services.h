#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVICES_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVICES_H_

#include <grpcpp/server_context.h>

#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/key_usage.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "services/encryption/testing/fake_key_vault.h"
#include "services/encryption/testing/fake_managed_identity.h"

namespace keyward::encryption::testing {

// The fakes over gRPC, as far as this service calls them. Thread-safe.

class FakeIdentityService final : public identity::v1::IdentityService::Service {
 public:
  explicit FakeIdentityService(FakeManagedIdentity& fake) : fake_(fake) {}

  grpc::Status CreateIdentity(grpc::ServerContext* context,
                              const identity::v1::CreateIdentityRequest* request,
                              identity::v1::Identity* response) override;
  grpc::Status GetIdentity(grpc::ServerContext* context,
                           const identity::v1::GetIdentityRequest* request,
                           identity::v1::Identity* response) override;
  grpc::Status EnableIdentity(grpc::ServerContext* context,
                              const identity::v1::EnableIdentityRequest* request,
                              identity::v1::Identity* response) override;
  grpc::Status DeleteIdentity(grpc::ServerContext* context,
                              const identity::v1::DeleteIdentityRequest* request,
                              identity::v1::DeleteIdentityResponse* response) override;
  grpc::Status SelectIdentity(grpc::ServerContext* context,
                              const identity::v1::SelectIdentityRequest* request,
                              identity::v1::Identity* response) override;

 private:
  FakeManagedIdentity& fake_;
};

class FakeTokenService final : public identity::v1::TokenService::Service {
 public:
  explicit FakeTokenService(FakeManagedIdentity& fake) : fake_(fake) {}

  grpc::Status IssueToken(grpc::ServerContext* context,
                          const identity::v1::IssueTokenRequest* request,
                          identity::v1::IssueTokenResponse* response) override;

 private:
  FakeManagedIdentity& fake_;
};

class FakeKeyService final : public keyvault::v1::KeyService::Service {
 public:
  explicit FakeKeyService(FakeKeyVault& fake) : fake_(fake) {}

  grpc::Status InspectKey(grpc::ServerContext* context,
                          const keyvault::v1::InspectKeyRequest* request,
                          keyvault::v1::InspectKeyResponse* response) override;

 private:
  FakeKeyVault& fake_;
};

class FakeKeyUsageService final : public keyvault::v1::KeyUsageService::Service {
 public:
  explicit FakeKeyUsageService(FakeKeyVault& fake) : fake_(fake) {}

  grpc::Status RegisterKeyUsage(grpc::ServerContext* context,
                                const keyvault::v1::RegisterKeyUsageRequest* request,
                                keyvault::v1::KeyUsage* response) override;
  grpc::Status ReleaseKeyUsage(grpc::ServerContext* context,
                               const keyvault::v1::ReleaseKeyUsageRequest* request,
                               keyvault::v1::ReleaseKeyUsageResponse* response) override;

 private:
  FakeKeyVault& fake_;
};

class FakeCryptographyService final : public keyvault::v1::CryptographyService::Service {
 public:
  explicit FakeCryptographyService(FakeKeyVault& fake) : fake_(fake) {}

  grpc::Status WrapKey(grpc::ServerContext* context, const keyvault::v1::WrapKeyRequest* request,
                       keyvault::v1::WrapKeyResponse* response) override;
  grpc::Status UnwrapKey(grpc::ServerContext* context,
                         const keyvault::v1::UnwrapKeyRequest* request,
                         keyvault::v1::UnwrapKeyResponse* response) override;

 private:
  FakeKeyVault& fake_;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_PEER_SERVICES_H_
