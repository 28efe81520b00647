#ifndef KEYWARD_SERVICES_ENCRYPTION_GRPC_KEY_VAULT_CLIENT_H_
#define KEYWARD_SERVICES_ENCRYPTION_GRPC_KEY_VAULT_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/key_usage.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "services/encryption/key_vault_client.h"

namespace keyward::encryption {

// KeyVaultClient over gRPC. Thread-safe.
class GrpcKeyVaultClient final : public KeyVaultClient {
 public:
  explicit GrpcKeyVaultClient(const std::shared_ptr<grpc::Channel>& channel);

  absl::StatusOr<KeyInspection> Inspect(const server::CallContext& call, const std::string& key,
                                        const std::string& tenant,
                                        const std::string& principal) override;
  absl::StatusOr<Wrapped> Wrap(const server::CallContext& call, const std::string& token,
                               const std::string& key,
                               const crypto::SecretBytes& plaintext) override;
  absl::StatusOr<crypto::SecretBytes> Unwrap(const server::CallContext& call,
                                             const std::string& token, const std::string& version,
                                             const std::string& ciphertext) override;
  absl::Status RegisterUsage(const server::CallContext& call, const std::string& version,
                             const std::string& user) override;
  absl::Status ReleaseUsage(const server::CallContext& call, const std::string& version,
                            const std::string& user) override;

 private:
  const std::unique_ptr<keyvault::v1::KeyService::StubInterface> keys_;
  const std::unique_ptr<keyvault::v1::CryptographyService::StubInterface> cryptography_;
  const std::unique_ptr<keyvault::v1::KeyUsageService::StubInterface> usages_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_GRPC_KEY_VAULT_CLIENT_H_
