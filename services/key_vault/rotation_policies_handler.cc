#include "services/key_vault/rotation_policies_handler.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/calendar_duration.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/rotation_policy.h"
#include "services/key_vault/rotation_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

constexpr char kField[] = "rotation_policy.";

absl::StatusOr<KeyName> ReadPolicyName(const std::string& field, const std::string& name) {
  const absl::StatusOr<RotationPolicyName> parsed = RotationPolicyName::Parse(name);
  if (!parsed.ok()) return InvalidField(field, parsed.status().message());
  return parsed->key();
}

std::optional<CalendarDuration> ReadDuration(const std::string& field, const std::string& text,
                                             FieldErrors& errors) {
  return errors.Take(absl::StrCat(kField, field), CalendarDuration::Parse(text));
}

void ReadRotate(const v1::RotationPolicy& given, RotationPolicy& policy, FieldErrors& errors) {
  policy.rotate_after_create = std::nullopt;
  policy.rotate_before_expiry = std::nullopt;
  if (!given.has_rotate()) return;
  switch (given.rotate().trigger_case()) {
    case v1::RotationPolicy::RotateAction::kTimeAfterCreate:
      policy.rotate_after_create =
          ReadDuration("rotate.time_after_create", given.rotate().time_after_create(), errors);
      return;
    case v1::RotationPolicy::RotateAction::kTimeBeforeExpiry:
      policy.rotate_before_expiry =
          ReadDuration("rotate.time_before_expiry", given.rotate().time_before_expiry(), errors);
      return;
    case v1::RotationPolicy::RotateAction::TRIGGER_NOT_SET:
      errors.Add(absl::StrCat(kField, "rotate"),
                 "must have time_after_create or time_before_expiry; without `rotate`, the key "
                 "rotates by RotateKey only");
      return;
  }
}

void ReadNotify(const v1::RotationPolicy& given, RotationPolicy& policy, FieldErrors& errors) {
  policy.notify_before_expiry = RotationPolicy().notify_before_expiry;
  if (!given.has_notify()) return;
  const std::optional<CalendarDuration> before =
      ReadDuration("notify.time_before_expiry", given.notify().time_before_expiry(), errors);
  if (before.has_value()) policy.notify_before_expiry = *before;
}

// Takes over what the mask names, and checks the policy that comes of it.
absl::Status ReadPolicy(const v1::UpdateKeyRotationPolicyRequest& request, RotationPolicy& policy) {
  const v1::RotationPolicy& given = request.rotation_policy();
  FieldErrors errors;
  if (request.update_mask().paths().empty()) {
    errors.Add("update_mask", "must name what to change: expiry_time, rotate, notify");
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "expiry_time") {
      policy.expiry = std::nullopt;
      if (!given.expiry_time().empty()) {
        policy.expiry = ReadDuration("expiry_time", given.expiry_time(), errors);
      }
    } else if (path == "rotate") {
      ReadRotate(given, policy, errors);
    } else if (path == "notify") {
      ReadNotify(given, policy, errors);
    } else {
      errors.Add("update_mask", absl::StrCat("has the path '", path,
                                             "'; only expiry_time, rotate and notify can be "
                                             "changed"));
    }
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  for (const auto& [field, description] : BrokenBounds(policy)) {
    errors.Add(absl::StrCat(kField, field), description);
  }
  return errors.ToStatus();
}

v1::RotationPolicy ToMessage(const KeyName& key, const RotationPolicy& policy,
                             const KeyVersion& newest) {
  v1::RotationPolicy message;
  message.set_name(RotationPolicyName(key).ToString());
  if (policy.expiry) message.set_expiry_time(policy.expiry->ToString());
  if (policy.rotate_after_create) {
    message.mutable_rotate()->set_time_after_create(policy.rotate_after_create->ToString());
  }
  if (policy.rotate_before_expiry) {
    message.mutable_rotate()->set_time_before_expiry(policy.rotate_before_expiry->ToString());
  }
  message.mutable_notify()->set_time_before_expiry(policy.notify_before_expiry.ToString());
  message.set_etag(ToEtag(policy.revision));
  if (policy.revision > 0) {
    *message.mutable_create_time() = ToTimestamp(policy.create_time);
    *message.mutable_update_time() = ToTimestamp(policy.update_time);
  }
  if (const std::optional<absl::Time> next = RotationTime(policy, newest)) {
    *message.mutable_next_rotation_time() = ToTimestamp(*next);
  }
  return message;
}

}  // namespace

absl::StatusOr<v1::RotationPolicy> RotationPoliciesHandler::Get(
    const server::CallContext&, const v1::GetKeyRotationPolicyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadPolicyName("name", request.name()));
  v1::RotationPolicy answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, name));
    if (found.key.deleted()) return KeyNotFound(name);
    KW_ASSIGN_OR_RETURN(const RotationPolicy policy, RotationStore(tx).FindPolicy(name));
    answer = ToMessage(name, policy, found.newest);
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<v1::RotationPolicy> RotationPoliciesHandler::Update(
    const server::CallContext& call, const v1::UpdateKeyRotationPolicyRequest& request) {
  const v1::RotationPolicy& given = request.rotation_policy();
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadPolicyName("rotation_policy.name", given.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::RotationPolicy> {
    RotationStore store(tx);
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, name));
    KW_ASSIGN_OR_RETURN(RotationPolicy policy, store.FindPolicy(name));
    if (const std::string etag = ToEtag(policy.revision);
        !given.etag().empty() && given.etag() != etag) {
      return RotationPolicyEtagMismatch(RotationPolicyName(name), etag);
    }
    KW_RETURN_IF_ERROR(ReadPolicy(request, policy));
    const bool rotates = policy.rotate_after_create || policy.rotate_before_expiry;
    if (rotates && found.newest.public_only) return PublicKeyOnly(found.newest.name);
    if (policy.revision++ == 0) policy.create_time = now;
    policy.update_time = now;
    KW_RETURN_IF_ERROR(store.SetPolicy(name, policy));
    KW_RETURN_IF_ERROR(store.Reschedule(found.newest));
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kKeyRotationPolicyChanged,
                                          ToEvent(found.key, found.newest.enabled)));
    return ToMessage(name, policy, found.newest);
  };
  return changes_.Grant<v1::RotationPolicy>(call, request, work);
}

}  // namespace keyward::key_vault
