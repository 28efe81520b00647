#include "services/encryption/revocation_preview.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/encryption/names.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/usage_store.h"

namespace keyward::encryption {
namespace {

using Kind = RevocableName::Kind;

// Whether a customer-managed account depends on what would be taken away.
bool DependsOn(const Account& account, const RevocableName& resource) {
  switch (resource.kind) {
    case Kind::kIdentity:
      return account.user().identity == resource.name;
    case Kind::kKey:
      return account.binding->key == resource.name;
    case Kind::kKeyVersion:
      return account.binding->version == resource.name;
    case Kind::kVault:
      return account.binding->vault == resource.name;
    case Kind::kSubscription:
      return account.subscription == resource.name;
    case Kind::kAccount:
      return account.name.ToString() == resource.name;
  }
  return false;
}

// The cause that the loss would have: of the ways to take a thing away, the most likely one.
v1::Cause CauseOf(Kind kind) {
  switch (kind) {
    case Kind::kIdentity:
      return v1::CAUSE_IDENTITY_DISABLED;
    case Kind::kKey:
    case Kind::kKeyVersion:
      return v1::CAUSE_KEY_DISABLED;
    case Kind::kVault:
      return v1::CAUSE_VAULT_DELETED;
    case Kind::kSubscription:
      return v1::CAUSE_TENANT_CHANGED;
    case Kind::kAccount:
      return v1::CAUSE_IDENTITY_DELETED;
  }
  return v1::CAUSE_UNSPECIFIED;
}

// What it means that nothing depends on a resource.
std::string NobodyDepends(const RevocableName& resource) {
  if (resource.kind == Kind::kAccount) {
    return absl::StrCat(resource.name,
                        " has no access to lose: it is encrypted with platform-managed keys, has "
                        "lost access already, or does not exist");
  }
  return absl::StrCat("no account depends on ", resource.name,
                      ", those aside that have lost access already; check the name: this service "
                      "cannot tell whether it exists");
}

void Add(const Account& account, v1::Cause cause, const Usage& usage,
         v1::PreviewRevocationResponse& response) {
  v1::AccountLoss& loss = *response.add_accounts();
  loss.set_account(account.name.ToString());
  loss.set_cause(cause);
  loss.set_uploads(usage.uploads);
  loss.set_upload_bytes(usage.upload_bytes);
  loss.set_deployed_models(usage.deployed_models);
  if (usage.reported_time > absl::UnixEpoch()) {
    *loss.mutable_reported_time() = ToProto(usage.reported_time);
  }
  response.set_uploads(response.uploads() + usage.uploads);
  response.set_upload_bytes(response.upload_bytes() + usage.upload_bytes);
  response.set_deployed_models(response.deployed_models() + usage.deployed_models);
}

}  // namespace

absl::StatusOr<v1::PreviewRevocationResponse> RevocationPreview::Preview(
    const server::CallContext&, const v1::PreviewRevocationRequest& request) {
  KW_ASSIGN_OR_RETURN(const RevocableName resource,
                      RevocableName::Parse(request.resource(), "resource"));
  KW_ASSIGN_OR_RETURN(const std::vector<AccountPtr> accounts, directory_.All());
  v1::PreviewRevocationResponse response;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    response.Clear();
    response.set_resource(resource.name);
    for (const AccountPtr& account : accounts) {
      // An account that is DENIED has lost already all that it could lose.
      if (!account->customer_managed() || account->access.denied()) continue;
      if (!DependsOn(*account, resource)) continue;
      KW_ASSIGN_OR_RETURN(const Usage usage, UsageOf(tx, account->name));
      Add(*account, CauseOf(resource.kind), usage, response);
    }
    if (response.accounts().empty()) response.set_message(NobodyDepends(resource));
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace keyward::encryption
