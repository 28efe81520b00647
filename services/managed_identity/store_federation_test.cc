// The stores of trusted issuers, federated credentials, attachments and operators by the tokens of
// issuers, on each engine: what is written is read back, field by field.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/attachment_store.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/oidc_operator.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/store_fixture.h"

namespace keyward::managed_identity {
namespace {

using storage::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kIssuer[] = "https://login.example";
const IdentityName kOne = IdentityName::FromTrustedId("one");
const IdentityName kTwo = IdentityName::FromTrustedId("two");
const IdentityName kShared = IdentityName::FromTrustedId("shared");

class StoreFederationTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Write([](Transaction& tx) -> absl::Status {
      for (const char* id : {"one", "two"}) KW_RETURN_IF_ERROR(SaveIdentity(tx, MakeIdentity(id)));
      return SaveIdentity(tx,
                          Identity::Register(kShared, "identities/shared", kProd, kContoso, kThen));
    });
  }

  static TrustedIssuer MakeIssuer(const std::string& id, const std::string& issuer) {
    return {TrustedIssuerName::FromTrustedId(id),
            issuer,
            "pem",
            "https://keys.example",
            kThen,
            /*operators=*/true};
  }

  static FederatedCredential MakeCredential(const IdentityName& identity, const std::string& id,
                                            const std::string& issuer = kIssuer) {
    return {FederatedCredentialName::FromTrustedIds(identity.id(), id), issuer,
            absl::StrCat("subject of ", id), "keyward", kThen};
  }

  std::vector<std::string> Names(
      const std::function<absl::StatusOr<std::vector<FederatedCredential>>(Transaction&)>& work) {
    std::vector<std::string> names;
    for (const FederatedCredential& credential : Read<std::vector<FederatedCredential>>(work)) {
      names.push_back(credential.name.ToString());
    }
    return names;
  }

  std::vector<std::string> Lines(
      const std::function<absl::StatusOr<std::vector<Attachment>>(Transaction&)>& work) {
    std::vector<std::string> lines;
    for (const Attachment& attachment : Read<std::vector<Attachment>>(work)) {
      lines.push_back(absl::StrCat(attachment.identity.id(), " ", attachment.resource));
    }
    return lines;
  }

  absl::StatusCode CodeOf(const std::function<absl::Status(Transaction&)>& work) {
    return database_->Write(work).code();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, StoreFederationTest, ::testing::Bool(), EngineName);

TEST_P(StoreFederationTest, TrustedIssuers) {
  TrustedIssuer login = MakeIssuer("login", kIssuer);
  TrustedIssuer cluster = MakeIssuer("cluster", "https://cluster.example/");
  cluster.operators = false;
  cluster.jwks_uri = "";
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(InsertTrustedIssuer(tx, login));
    return InsertTrustedIssuer(tx, cluster);
  });
  const auto find = [&](Transaction& tx) { return FindTrustedIssuer(tx, login.name); };
  auto found = Read<std::optional<TrustedIssuer>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->SameSource(login));
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_TRUE(found->operators);
  found = Read<std::optional<TrustedIssuer>>([](Transaction& tx) {
    return FindTrustedIssuer(tx, std::string("https://cluster.example/"));
  });
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->SameSource(cluster));
  EXPECT_FALSE(found->operators);

  const auto similar = [&](const std::string& issuer) {
    return Read<std::string>([&](Transaction& tx) { return SimilarTrustedIssuer(tx, issuer); });
  };
  EXPECT_EQ(similar("https://cluster.example"), "https://cluster.example/");
  EXPECT_EQ(similar(absl::StrCat(kIssuer, "/")), kIssuer);
  EXPECT_EQ(similar(kIssuer), "");
  const auto list = [&](const std::string& after, int limit) {
    std::vector<std::string> ids;
    for (const TrustedIssuer& issuer : Read<std::vector<TrustedIssuer>>(
             [&](Transaction& tx) { return ListTrustedIssuers(tx, after, limit); })) {
      ids.push_back(issuer.name.id());
    }
    return ids;
  };
  EXPECT_THAT(list("", 10), ElementsAre("cluster", "login"));
  EXPECT_THAT(list("", 1), ElementsAre("cluster"));
  EXPECT_THAT(list("cluster", 10), ElementsAre("login"));

  // Its name and its issuer are taken; of one that is there, where the keys are can change alone.
  EXPECT_EQ(CodeOf([&](Transaction& tx) {
              return InsertTrustedIssuer(tx, MakeIssuer("login", "https://other.example"));
            }),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(CodeOf([&](Transaction& tx) {
              return InsertTrustedIssuer(tx, MakeIssuer("other", kIssuer));
            }),
            absl::StatusCode::kAlreadyExists);
  TrustedIssuer changed = login;
  changed.ca_certificates = "other";
  changed.jwks_uri = "https://moved.example";
  changed.operators = false;
  Write([&](Transaction& tx) { return UpdateTrustedIssuer(tx, changed); });
  found = Read<std::optional<TrustedIssuer>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->SameSource(changed));
  EXPECT_TRUE(found->operators);
  Write([&](Transaction& tx) { return DeleteTrustedIssuer(tx, login.name); });
  EXPECT_FALSE(Read<std::optional<TrustedIssuer>>(find).has_value());
  EXPECT_THAT(list("", 10), ElementsAre("cluster"));
}

TEST_P(StoreFederationTest, FederatedCredentials) {
  FederatedCredential b = MakeCredential(kOne, "b");
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(SaveFederatedCredential(tx, b));
    KW_RETURN_IF_ERROR(SaveFederatedCredential(tx, MakeCredential(kOne, "a", "https://other")));
    return SaveFederatedCredential(tx, MakeCredential(kTwo, "b"));
  });
  const auto find = [&](Transaction& tx) { return FindFederatedCredential(tx, b.name); };
  auto found = Read<std::optional<FederatedCredential>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, b.name);
  EXPECT_EQ(found->issuer, kIssuer);
  EXPECT_EQ(found->subject, "subject of b");
  EXPECT_EQ(found->audience, "keyward");
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_EQ(found->last_use_time, absl::UnixEpoch());

  // Saved again, it has been used; nothing else of it changes.
  b.last_use_time = kLater;
  b.audience = "other";
  Write([&](Transaction& tx) { return SaveFederatedCredential(tx, b); });
  found = Read<std::optional<FederatedCredential>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->last_use_time, kLater);
  EXPECT_EQ(found->audience, "keyward");

  const auto of = [&](const IdentityName& identity) {
    return Names([&](Transaction& tx) { return FederatedCredentialsOf(tx, identity); });
  };
  EXPECT_THAT(of(kOne), ElementsAre("identities/one/federatedCredentials/a",
                                    "identities/one/federatedCredentials/b"));
  EXPECT_THAT(Names([](Transaction& tx) { return FederatedCredentialsFor(tx, kIssuer); }),
              ElementsAre("identities/one/federatedCredentials/b",
                          "identities/two/federatedCredentials/b"));
  FederatedCredential twice = MakeCredential(kOne, "b");
  twice.name = FederatedCredentialName::FromTrustedIds("one", "c");
  EXPECT_EQ(CodeOf([&](Transaction& tx) { return SaveFederatedCredential(tx, twice); }),
            absl::StatusCode::kAlreadyExists)
      << "issuer and subject are unique in an identity";

  Write([&](Transaction& tx) { return DeleteFederatedCredential(tx, b.name); });
  EXPECT_FALSE(Read<std::optional<FederatedCredential>>(find).has_value());
  EXPECT_THAT(of(kTwo), ElementsAre("identities/two/federatedCredentials/b"));
  Write([](Transaction& tx) { return DeleteFederatedCredentialsOf(tx, kOne); });
  EXPECT_THAT(of(kOne), IsEmpty());
  EXPECT_THAT(of(kTwo), ElementsAre("identities/two/federatedCredentials/b"));
}

TEST_P(StoreFederationTest, Attachments) {
  const SubscriptionName kept = SubscriptionName::FromTrustedId("kept");
  const auto insert = [](Transaction& tx) -> absl::Status {
    for (const char* resource : {"accounts/two", "accounts/one"}) {
      KW_RETURN_IF_ERROR(InsertAttachment(tx, {kShared, resource}, kThen));
    }
    return absl::OkStatus();
  };
  Write(insert);
  EXPECT_EQ(CodeOf(insert), absl::StatusCode::kAlreadyExists);
  const auto of_shared = [&] {
    return Lines([](Transaction& tx) { return AttachmentsOf(tx, kShared); });
  };
  EXPECT_THAT(of_shared(), ElementsAre("shared accounts/one", "shared accounts/two"));
  const auto at_one = Read<std::vector<Identity>>(
      [](Transaction& tx) { return IdentitiesAttachedTo(tx, "accounts/one"); });
  ASSERT_EQ(at_one.size(), 1u);
  EXPECT_EQ(at_one[0].name, kShared);
  const auto attached = [&](const std::string& resource) {
    return Read<bool>([&](Transaction& tx) { return IsAttached(tx, {kShared, resource}); });
  };
  EXPECT_TRUE(attached("accounts/two"));
  EXPECT_FALSE(attached("accounts/six"));

  // Both ends are in Prod, until one of them goes to another subscription, and then tenant.
  const auto out_of = [&](const SubscriptionName& name) {
    return Lines([&](Transaction& tx) { return AttachmentsOutOf(tx, name); });
  };
  EXPECT_THAT(out_of(kProd), IsEmpty());
  Identity two = *FindById("two");
  two.subscription = kept;
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(SaveSubscription(tx, {kept, kContoso, "", kThen, kThen, 1}));
    return SaveIdentity(tx, two);
  });
  EXPECT_THAT(out_of(kProd), ElementsAre("shared accounts/two"));
  EXPECT_THAT(out_of(kept), ElementsAre("shared accounts/two"));
  EXPECT_THAT(Lines(AttachmentsAcrossTenants), IsEmpty());
  two.tenant = kFabrikam;
  Write([&](Transaction& tx) { return SaveIdentity(tx, two); });
  EXPECT_THAT(Lines(AttachmentsAcrossTenants), ElementsAre("shared accounts/two"));

  Write([](Transaction& tx) { return DeleteAttachment(tx, {kShared, "accounts/two"}); });
  EXPECT_THAT(of_shared(), ElementsAre("shared accounts/one"));
  Write([&](Transaction& tx) { return DeleteAttachmentsOf(tx, *FindIdentity(tx, kOne).value()); });
  EXPECT_THAT(of_shared(), IsEmpty());
  Write(insert);
  Write(
      [&](Transaction& tx) { return DeleteAttachmentsOf(tx, *FindIdentity(tx, kShared).value()); });
  EXPECT_THAT(of_shared(), IsEmpty());
}

TEST_P(StoreFederationTest, OidcOperatorsAndTheirRoles) {
  const std::string carol = absl::StrCat("oidc:", kIssuer, "#carol");
  OidcOperator stored = *OidcOperator::Parse(carol);
  stored.not_before = kThen;
  stored.last_event = 7;
  // A subject may hold what SQL gives a meaning to, and more than ASCII.
  const OidcOperator odd = {kIssuer, "o'dan % \\ #é"};
  const OidcOperator elsewhere = {"https://other.example", "carol"};
  Write([&](Transaction& tx) -> absl::Status {
    for (const OidcOperator& one : {stored, odd, elsewhere}) {
      KW_RETURN_IF_ERROR(SaveOidcOperator(tx, one));
    }
    return absl::OkStatus();
  });
  const auto find = [&](const std::string& principal) {
    return Read<std::optional<OidcOperator>>(
        [&](Transaction& tx) { return FindOidcOperator(tx, principal); });
  };
  auto found = find(carol);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->principal(), carol);
  EXPECT_EQ(found->not_before, kThen);
  EXPECT_EQ(found->last_use_time, absl::UnixEpoch());
  EXPECT_EQ(found->last_event, 7);
  ASSERT_TRUE(find(odd.principal()).has_value());
  EXPECT_EQ(find(odd.principal())->subject, odd.subject);
  EXPECT_FALSE(find(absl::StrCat("oidc:", kIssuer, "#Carol")).has_value());
  stored.RefuseTokens(kLater);
  stored.last_use_time = kLater;
  Write([&](Transaction& tx) { return SaveOidcOperator(tx, stored); });
  found = find(carol);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->not_before, stored.not_before);
  EXPECT_EQ(found->last_use_time, kLater);
  std::vector<std::string> subjects;
  for (const OidcOperator& one : Read<std::vector<OidcOperator>>(
           [](Transaction& tx) { return OidcOperatorsOf(tx, kIssuer); })) {
    subjects.push_back(one.subject);
  }
  EXPECT_THAT(subjects, ElementsAre("carol", odd.subject));

  const RoleAssignment role = {RoleAssignmentName::FromTrustedId("1"), carol,
                               identity::v1::ROLE_READER, *ResourcePath::Parse("/", ""), kThen};
  const auto holds = [&](const std::string& principal) {
    return Read<bool>([&](Transaction& tx) { return HoldsAnyRole(tx, principal); });
  };
  EXPECT_FALSE(holds(carol));
  Write([&](Transaction& tx) { return InsertRoleAssignment(tx, role); });
  EXPECT_TRUE(holds(carol));
  EXPECT_FALSE(holds(odd.principal()));
  const auto of_carol = Read<std::vector<RoleAssignment>>(
      [&](Transaction& tx) { return RoleAssignmentsOf(tx, carol); });
  ASSERT_EQ(of_carol.size(), 1u);
  EXPECT_EQ(of_carol[0].name, role.name);
}

}  // namespace
}  // namespace keyward::managed_identity
