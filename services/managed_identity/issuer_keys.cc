#include "services/managed_identity/issuer_keys.h"

#include <nlohmann/json.hpp>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/crypto/hash.h"
#include "common/crypto/strict_json.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/federation_errors.h"

namespace keyward::managed_identity {
namespace {

constexpr char kDiscovery[] = "/.well-known/openid-configuration";

absl::StatusOr<std::string> Member(const nlohmann::json& document, const char* name) {
  const auto member = document.find(name);
  if (member == document.end() || !member->is_string()) {
    return absl::UnavailableError(absl::StrCat("its discovery document has no '", name, "'"));
  }
  return member->get<std::string>();
}

// What a failure to fetch is to a caller.
absl::Status NotHad(const TrustedIssuer& issuer, const absl::Status& failure,
                    absl::Duration retry_after) {
  return absl::IsFailedPrecondition(failure)
             ? IssuerNotRecognised(issuer.issuer, failure.message(), retry_after)
             : IssuerUnreachable(issuer.issuer, failure.message(), retry_after);
}

}  // namespace

absl::StatusOr<IssuerKeys::Answer> IssuerKeys::Get(const TrustedIssuer& issuer,
                                                   const std::string& key_id, absl::Time deadline) {
  const absl::Duration last_moment = clock_.MonotonicNow() + (deadline - clock_.Now());
  absl::MutexLock lock(&mutex_);
  Entry& entry = EntryOf(issuer);
  while (true) {
    const absl::Duration now = clock_.MonotonicNow();
    const bool usable = entry.keys != nullptr && now - entry.fetched < kLongestUse;
    const absl::Duration retry_after = entry.attempted + kShortestInterval - now;
    if (usable && entry.keys->Has(key_id)) return Answer{entry.keys, absl::ZeroDuration()};
    if (!entry.fetching && retry_after > absl::ZeroDuration()) {
      if (usable && entry.failure.ok()) return Answer{entry.keys, retry_after};
      return NotHad(issuer, entry.failure, retry_after);
    }
    if (entry.busy >= kMaxBusyForOne) {
      return IssuerUnreachable(issuer.issuer, "others wait for its answer already",
                               absl::Seconds(1));
    }
    if (busy_ >= kMaxBusy) {
      return IssuerUnreachable(issuer.issuer, "too many calls wait for issuers", absl::Seconds(1));
    }
    ++busy_;
    ++entry.busy;
    const absl::Cleanup done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      --busy_;
      --entry.busy;
    };
    if (!entry.fetching) {
      // What came of it is this call's answer, however long it took: one call asks once.
      Refresh(issuer, entry);
      if (entry.failure.ok()) return Answer{entry.keys, kShortestInterval};
      return NotHad(issuer, entry.failure, kShortestInterval);
    }
    if (!clock_.AwaitUntil(mutex_,
                           absl::Condition(
                               +[](Entry* entry) { return !entry->fetching; }, &entry),
                           last_moment)) {
      return IssuerUnreachable(issuer.issuer, "it has not answered yet", absl::Seconds(1));
    }
  }
}

IssuerKeys::Entry& IssuerKeys::EntryOf(const TrustedIssuer& issuer) {
  const std::string source =
      absl::StrJoin({issuer.name.id(), absl::StrCat(absl::ToUnixMicros(issuer.create_time)),
                     issuer.issuer, issuer.jwks_uri, issuer.ca_certificates},
                    "\n");
  return entries_[crypto::Sha256(source)];
}

void IssuerKeys::Refresh(const TrustedIssuer& issuer, Entry& entry) {
  entry.fetching = true;
  const absl::Duration begun = clock_.MonotonicNow();
  mutex_.Unlock();
  absl::StatusOr<auth::ForeignKeys> keys = Fetch(issuer);
  server::Log(keys.ok() ? server::Severity::kInfo : server::Severity::kWarning,
              keys.ok() ? "issuer.keys_fetched" : "issuer.keys_unreachable",
              {{"trusted_issuer", issuer.name.ToString()},
               {"cause", std::string(keys.status().message())}});
  mutex_.Lock();
  entry.fetching = false;
  // From its end, so that an issuer that lets us wait is not asked again at once.
  entry.attempted = clock_.MonotonicNow();
  entry.failure = keys.status();
  if (!keys.ok()) return;
  entry.keys = std::make_shared<const auth::ForeignKeys>(*std::move(keys));
  entry.fetched = begun;
}

absl::StatusOr<auth::ForeignKeys> IssuerKeys::Fetch(const TrustedIssuer& issuer) const {
  KW_ASSIGN_OR_RETURN(const https::Url url, issuer.jwks_uri.empty()
                                                ? Discover(issuer)
                                                : https::Url::Parse(issuer.jwks_uri));
  KW_ASSIGN_OR_RETURN(const std::string jwk_set, fetch_(url, issuer.ca_certificates));
  return auth::ForeignKeys::Parse(jwk_set);
}

// The document may not lead elsewhere: it decides whose tokens are believed, and where we connect.
absl::StatusOr<https::Url> IssuerKeys::Discover(const TrustedIssuer& issuer) const {
  KW_ASSIGN_OR_RETURN(
      const https::Url url,
      https::Url::Parse(absl::StrCat(absl::StripSuffix(issuer.issuer, "/"), kDiscovery)));
  KW_ASSIGN_OR_RETURN(const std::string text, fetch_(url, issuer.ca_certificates));
  absl::StatusOr<nlohmann::json> document = crypto::ParseStrictJsonObject(text);
  if (!document.ok()) {
    return absl::UnavailableError("its discovery document is no strict JSON object");
  }
  KW_ASSIGN_OR_RETURN(const std::string named, Member(*document, "issuer"));
  if (named != issuer.issuer) {
    return absl::UnavailableError(
        absl::StrCat("its discovery document is of another issuer",
                     DifferBySlash(named, issuer.issuer) ? ", by the slash at the end" : ""));
  }
  KW_ASSIGN_OR_RETURN(const std::string jwks_uri, Member(*document, "jwks_uri"));
  const auto keys = https::Url::Parse(jwks_uri);
  if (!keys.ok() || !keys->SameOrigin(url)) {
    return absl::UnavailableError(
        "its discovery document says that the keys are at another host or port; if that is right, "
        "say so in jwks_uri of the trusted issuer");
  }
  return *keys;
}

}  // namespace keyward::managed_identity
