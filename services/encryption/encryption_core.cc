#include "services/encryption/encryption_core.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "services/encryption/encryption_schema.h"

namespace keyward::encryption {

std::vector<storage::Schema> Schemas() { return {storage::RequestIdsSchema(), EncryptionSchema()}; }

absl::StatusOr<std::unique_ptr<EncryptionCore>> EncryptionCore::Create(
    const Ground& ground, std::unique_ptr<PlatformKeys> platform_keys) {
  KW_ASSIGN_OR_RETURN(auto directory, AccountDirectory::Load(ground.database));
  KW_ASSIGN_OR_RETURN(auto replica, Replica::Load(ground.database, ground.clock));
  return std::unique_ptr<EncryptionCore>(new EncryptionCore(
      ground, std::move(platform_keys), std::move(directory), std::move(replica)));
}

EncryptionCore::EncryptionCore(const Ground& ground, std::unique_ptr<PlatformKeys> platform_keys,
                               std::unique_ptr<AccountDirectory> directory,
                               std::unique_ptr<Replica> replica)
    : platform_keys_(std::move(platform_keys)),
      directory_(std::move(directory)),
      replica_(std::move(replica)),
      work_(ground.clock),
      scrubber_(ground.clock),
      cache_(*directory_, ground.clock, ground.cache),
      tokens_(ground.identities, ground.clock),
      customer_keys_(ground.key_vault, tokens_, ground.clock),
      writer_(ground.outbox, *directory_, cache_, tokens_, ground.clock),
      transitions_(writer_, scrubber_, ground.clock),
      event_handler_(*replica_, writer_, transitions_, cache_, work_, ground.clock),
      unlocker_({ground.database, *directory_, *platform_keys_, customer_keys_, ground.key_vault,
                 *replica_, writer_, transitions_, ground.clock}),
      gate_(*directory_, cache_, unlocker_, ground.fresh, ground.clock),
      scope_keys_(ground.database, ground.clock),
      examiner_(ground.key_vault, ground.identities, *replica_, ground.clock),
      registrar_(ground.database, ground.key_vault, work_, ground.clock),
      rekeyer_(examiner_, unlocker_, customer_keys_, *platform_keys_, registrar_, writer_,
               scrubber_, ground.clock),
      restorer_(ground.database, *directory_, examiner_, customer_keys_, unlocker_, transitions_),
      prober_(*directory_, gate_, unlocker_, restorer_, ground.clock, ground.probes),
      version_follower_(ground.database, *directory_, examiner_, rekeyer_),
      creator_(ground.database, ground.identities, *replica_, *platform_keys_, writer_,
               ground.clock),
      lifecycle_(ground.database, ground.identities, writer_, transitions_, registrar_, work_,
                 scrubber_, ground.clock),
      views_(gate_, unlocker_),
      hierarchy_(*directory_, *replica_),
      accounts_(ground.database, creator_, *directory_, views_, writer_, ground.clock),
      lifecycle_handler_(ground.database, ground.feed, lifecycle_, views_, ground.clock),
      settings_({ground.database, *directory_, *replica_, examiner_, customer_keys_, rekeyer_,
                 restorer_, views_, ground.clock}),
      preview_(ground.database, *directory_),
      object_keys_(scope_keys_, *platform_keys_),
      values_(object_keys_),
      data_(ground.database, gate_, object_keys_, values_, transitions_, ground.clock),
      batches_(gate_, values_),
      streams_(gate_, object_keys_, ground.clock),
      background_({ground.database, ground.audit, restorer_, version_follower_, creator_,
                   transitions_, registrar_, lifecycle_, prober_, cache_, gate_, ground.clock}) {}

void EncryptionCore::Stop() {
  background_.Stop();
  work_.Stop();
  scrubber_.Stop();
}

}  // namespace keyward::encryption
