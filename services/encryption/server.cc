#include "services/encryption/server.h"

#include <grpcpp/channel.h>
#include <grpcpp/impl/service_type.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/root_key.h"
#include "common/events/follower.h"
#include "common/events/lease.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account_service.h"
#include "services/encryption/data_service.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/grpc_identity_client.h"
#include "services/encryption/grpc_key_vault_client.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/settings_service.h"

namespace keyward::encryption {
namespace {

// The leases on both feeds, once there are followers.
struct Leases {
  const events::Lease* key_vault = nullptr;
  const events::Lease* managed_identity = nullptr;

  absl::Status Check() const {
    KW_RETURN_IF_ERROR(events::RequireFresh(*managed_identity, kManagedIdentity));
    return events::RequireFresh(*key_vault, kKeyVault);
  }
};

// The service over its foundation.
class EncryptionApplication final : public server::Application {
 public:
  static absl::StatusOr<std::unique_ptr<EncryptionApplication>> Create(
      server::Foundation& foundation, const Settings& settings) {
    const server::ServerOptions& options = foundation.options();
    if (options.managed_identity.empty()) {
      return absl::FailedPreconditionError("Set --managed_identity to its host:port.");
    }
    if (settings.key_vault.empty()) {
      return absl::FailedPreconditionError("Set --key_vault to its host:port.");
    }
    KW_ASSIGN_OR_RETURN(const crypto::RootKey* root_key,
                        foundation.OpenRootKey({PlatformKeyColumn()}));
    KW_ASSIGN_OR_RETURN(
        std::unique_ptr<PlatformKeys> platform_keys,
        PlatformKeys::Load(foundation.database(), *root_key, foundation.clock().Now()));
    std::unique_ptr<EncryptionApplication> application(
        new EncryptionApplication(foundation, settings));
    KW_RETURN_IF_ERROR(application->Wire(foundation, std::move(platform_keys)));
    return application;
  }

  std::vector<grpc::Service*> services() override {
    return {account_service_.get(), settings_service_.get(), data_service_.get()};
  }
  void Start() override { encryption_->Start(); }
  void Stop() override { encryption_->Stop(); }

 private:
  EncryptionApplication(server::Foundation& foundation, const Settings& settings)
      : key_vault_channel_(foundation.ChannelTo(kKeyVault, settings.key_vault)),
        key_vault_(key_vault_channel_),
        identities_(foundation.ChannelTo(kManagedIdentity, foundation.options().managed_identity)) {
  }

  absl::Status Wire(server::Foundation& foundation, std::unique_ptr<PlatformKeys> platform_keys) {
    KW_ASSIGN_OR_RETURN(
        encryption_,
        EncryptionCore::Create(
            {foundation.database(), foundation.outbox(), foundation.feed(), foundation.audit(),
             key_vault_, identities_, [this] { return leases_.Check(); }, foundation.clock()},
            std::move(platform_keys)));
    foundation.principals().AddHandler(encryption_->event_handler());
    KW_ASSIGN_OR_RETURN(const events::Follower* identity_follower,
                        foundation.FollowManagedIdentity());
    KW_ASSIGN_OR_RETURN(
        const events::Follower* key_follower,
        foundation.Follow(kKeyVault, key_vault_channel_, encryption_->event_handler()));
    leases_ = {&key_follower->lease(), &identity_follower->lease()};
    server::Dispatcher& dispatcher = foundation.MakeDispatcher(encryption_->hierarchy());
    account_service_ = std::make_unique<AccountServiceAdapter>(dispatcher, encryption_->accounts(),
                                                               encryption_->lifecycle());
    settings_service_ = std::make_unique<SettingsServiceAdapter>(
        dispatcher, encryption_->settings(), encryption_->preview());
    data_service_ = std::make_unique<DataServiceAdapter>(
        dispatcher, encryption_->data(), encryption_->batches(), encryption_->streams());
    return absl::OkStatus();
  }

  const std::shared_ptr<grpc::Channel> key_vault_channel_;
  GrpcKeyVaultClient key_vault_;
  GrpcIdentityClient identities_;
  Leases leases_;
  std::unique_ptr<EncryptionCore> encryption_;
  std::unique_ptr<AccountServiceAdapter> account_service_;
  std::unique_ptr<SettingsServiceAdapter> settings_service_;
  std::unique_ptr<DataServiceAdapter> data_service_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<server::Application>> MakeEncryption(server::Foundation& foundation,
                                                                    const Settings& settings) {
  KW_ASSIGN_OR_RETURN(std::unique_ptr<server::Application> application,
                      EncryptionApplication::Create(foundation, settings));
  return application;
}

}  // namespace keyward::encryption
