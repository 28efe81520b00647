#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/field_mask.pb.h"
#include "keyward/identity/v1/federation.pb.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

inline constexpr size_t kMaxFederatedCredentials = 20;

// An issuer of tokens that an administrator trusts. A value.
struct TrustedIssuer {
  TrustedIssuerName name;
  // The `iss` of its tokens, to the letter.
  std::string issuer;
  // What its certificate must chain to, in PEM.
  std::string ca_certificates;
  // Where its keys are; empty if its discovery document says so.
  std::string jwks_uri;
  absl::Time create_time;
  // Whether its tokens also say who an operator is.
  bool operators = false;

  // From what a caller sent. INVALID_ARGUMENT naming the field.
  static absl::StatusOr<TrustedIssuer> Create(TrustedIssuerName name,
                                              const identity::v1::TrustedIssuer& wanted,
                                              absl::Time now);

  // This one with those fields of `wanted` that the paths of a mask name: ca_certificates and
  // jwks_uri. INVALID_ARGUMENT naming the field.
  absl::StatusOr<TrustedIssuer> With(const identity::v1::TrustedIssuer& wanted,
                                     const google::protobuf::FieldMask& mask, absl::Time now) const;

  // Whether its keys are had the same way: then those of one are those of the other.
  bool SameSource(const TrustedIssuer& other) const;
};

// That tokens of `issuer` about `subject` for `audience` let their holder act as an identity. A
// value.
struct FederatedCredential {
  FederatedCredentialName name;
  std::string issuer;
  std::string subject;
  std::string audience;
  absl::Time create_time;
  // The latest `iat` of a token that was exchanged under it; the epoch if there is none.
  absl::Time last_use_time = absl::UnixEpoch();

  // From what a caller sent. INVALID_ARGUMENT naming the field.
  static absl::StatusOr<FederatedCredential> Create(FederatedCredentialName name,
                                                    const identity::v1::FederatedCredential& wanted,
                                                    absl::Time now);
};

// Whether two issuers are the same but for a slash at the end of one, the classic mistake.
bool DifferBySlash(absl::string_view a, absl::string_view b);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_H_
