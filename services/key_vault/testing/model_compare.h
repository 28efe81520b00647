#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_COMPARE_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_COMPARE_H_

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/key_vault/testing/model_run.h"
#include "services/key_vault/testing/model_world.h"
#include "services/key_vault/testing/outcome.h"

namespace keyward::key_vault::testing {

// ModelRun's templates, for its own files.

// How far a loss had gone is not the model's matter, only whether it was waited for.
template <typename Response>
void ForgetDelivery(Response& response) {
  if constexpr (requires { response.mutable_delivery(); }) {
    if (response.has_delivery()) response.mutable_delivery()->Clear();
  }
}

template <typename Response>
std::string Show(const absl::StatusOr<Response>& outcome) {
  if (!outcome.ok()) return outcome.status().ToString();
  return absl::StrCat("OK: ", outcome->ShortDebugString());
}

template <typename Request>
std::string ModelRun::Compare(const Caller& caller, const Request& request) {
  auto actual = vault_.Call(caller.credentials, request);
  if (actual.ok()) ForgetDelivery(*actual);
  auto expected = model_.Call(caller.model, request, actual.ok() ? &actual.value() : nullptr);
  const absl::Status outcome = OutcomeOf(actual.status());
  ++outcomes_[absl::StrCat(Request::descriptor()->name(), " ",
                           outcome.ok() ? "OK" : std::string(outcome.message()))];
  const bool agree = actual.ok() && expected.ok()
                         ? google::protobuf::util::MessageDifferencer::Equals(*actual, *expected)
                         : outcome == expected.status();
  if (agree && !tracing_) return "";
  last_call_ =
      absl::StrCat(caller.model.principal, " ", Request::descriptor()->name(), " { ",
                   request.ShortDebugString(), " } -> ", outcome.ok() ? "OK" : outcome.ToString());
  if (agree) return "";
  return absl::StrCat("the vault said: ", Show(actual), actual.ok() ? "" : " = ",
                      actual.ok() ? "" : outcome.ToString(), "\nthe model says: ", Show(expected));
}

template <typename Request>
std::string ModelRun::CompareOnce(const Caller& caller, Request& request, Dice& dice) {
  if (!dice.OneIn(6)) return Compare(caller, request);
  request.set_request_id(
      absl::StrFormat("00000000-0000-4000-8000-%012d", dice.OneIn(4) ? 0 : dice.Roll(1 << 20)));
  send_again_ = [this, first = caller, request] {
    const auto number =
        std::find(kCallers.begin(), kCallers.end(), first.model.principal) - kCallers.begin();
    return Compare(CallerOf(static_cast<int>(number), /*with_old_token=*/false), request);
  };
  return Compare(caller, request);
}

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_COMPARE_H_
