#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_FIXTURE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>

#include "common/auth/testing/foreign_issuer.h"
#include "common/auth/token_verifier.h"
#include "common/crypto/file_root_key.h"
#include "services/managed_identity/exchange_handler.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/key_succession.h"
#include "services/managed_identity/token_signer.h"
#include "services/managed_identity/trusted_issuer_handler.h"

namespace keyward::managed_identity {

// The handlers of trusted issuers and of exchanges, for tokens of an issuer that is asked for its
// keys without a network.
class ExchangeFixture : public HandlerFixture {
 protected:
  ExchangeFixture();

  // The one who signs, under whatever name.
  static const auth::testing::ForeignIssuer& Issuer();

  // Trusts it by the name of `issuer`. Must succeed.
  void Trust(const std::string& id, const std::string& issuer, bool operators = false);
  void Distrust(const std::string& id);

  // For a token for key_vault; as an operator if `identity` is empty.
  absl::StatusOr<identity::v1::ExchangeTokenResponse> ExchangeFor(const std::string& identity,
                                                                  const std::string& subject_token);

  // As key_vault would.
  absl::StatusOr<auth::TokenClaims> Verify(const std::string& token);

  // What comes of asking the issuer, unless there is an outage, and what happens meanwhile.
  std::string jwk_set_ = Issuer().JwkSet();
  absl::Status outage_;
  std::function<void()> on_fetch_;
  TrustedIssuerHandler issuers_{*changes_};
  std::unique_ptr<crypto::FileRootKey> root_key_;
  std::unique_ptr<KeySuccession> succession_;
  std::unique_ptr<TokenSigner> signer_;
  IssuerKeys keys_{[this](const https::Url&, const std::string&) -> absl::StatusOr<std::string> {
                     if (on_fetch_) on_fetch_();
                     if (!outage_.ok()) return outage_;
                     return jwk_set_;
                   },
                   clock_};
  std::unique_ptr<ExchangeHandler> exchanges_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_FIXTURE_H_
