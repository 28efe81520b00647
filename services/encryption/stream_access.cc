#include "services/encryption/stream_access.h"

#include "common/status/status_macros.h"
#include "services/encryption/errors.h"
#include "services/encryption/open_keys.h"
#include "services/encryption/value_cipher.h"

namespace keyward::encryption {
namespace {

// What work returns that has nothing to return.
struct Done {};

}  // namespace

template <typename Result>
absl::StatusOr<Result> StreamAccess::Pass(
    absl::FunctionRef<absl::StatusOr<Result>(const OpenAccount&)> work) {
  server::CallContext call = call_;
  call.deadline = clock_.Now() + kPassTime;
  const absl::Duration now = clock_.MonotonicNow();
  AccountPtr passed;
  absl::StatusOr<Result> result = gate_.Run<Result>(
      call, object_.account, [&](const OpenAccount& open) -> absl::StatusOr<Result> {
        KW_RETURN_IF_ERROR(CheckUnbroken(*open.account));
        passed = open.account;
        return work(open);
      });
  if (result.ok()) {
    seen_ = std::move(passed);
    passed_ = now;
  }
  return result;
}

absl::Status StreamAccess::CheckUnbroken(const Account& now) const {
  // A loss that is over still was one. It shows here, whatever the epoch, which destroyed scopes
  // raise too. Times are compared as they are stored.
  if (seen_ == nullptr ||
      (now.tenant == seen_->tenant && now.access.event == seen_->access.event &&
       absl::ToUnixMicros(now.access.since) == absl::ToUnixMicros(seen_->access.since))) {
    return absl::OkStatus();
  }
  return AccessBroken(now.name);
}

absl::Status StreamAccess::Enter() {
  return Pass<Done>([](const OpenAccount&) -> absl::StatusOr<Done> { return Done(); }).status();
}

absl::StatusOr<StreamAccess::NewObject> StreamAccess::Create() {
  KW_ASSIGN_OR_RETURN(
      NewObject created, Pass<NewObject>([&](const OpenAccount& open) -> absl::StatusOr<NewObject> {
        envelope::DataKeys keys = envelope::DataKeys::Generate();
        KW_ASSIGN_OR_RETURN(envelope::ObjectHeader header, keys_.Seal(open, id(), keys));
        return NewObject{std::move(header), std::move(keys), CustomerKeyVersion(open)};
      }));
  header_ = created.header;
  return created;
}

absl::StatusOr<envelope::DataKeys> StreamAccess::Open(const envelope::ObjectHeader& header) {
  KW_ASSIGN_OR_RETURN(envelope::DataKeys keys,
                      Pass<envelope::DataKeys>(
                          [&](const OpenAccount& open) { return keys_.Open(open, id(), header); }));
  header_ = header;
  return keys;
}

absl::Status StreamAccess::Confirm() {
  KW_ASSIGN_OR_RETURN(const AccountPtr now, gate_.Standing(object_.account));
  KW_RETURN_IF_ERROR(CheckUnbroken(*now));
  const bool same_keys = KeyTag::Of(*now) == KeyTag::Of(*seen_);
  if (same_keys && clock_.MonotonicNow() - passed_ < kPassEvery) return absl::OkStatus();
  return header_.has_value() ? Open(*header_).status() : Enter();
}

}  // namespace keyward::encryption
