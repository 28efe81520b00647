// Bad input gets a clear typed error and changes nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/error.h"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::mission {
namespace {

using deployment::v1::UploadDocumentRequest;
using identity::v1::TenantService;
using identity::v1::TokenService;
using keyvault::v1::KeyService;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// One suite, and one customer in it, for all tests here.
class BadInputTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto suite = Suite::Start(testing::TempDir() + "/bad-input");
    ASSERT_TRUE(suite.ok()) << suite.status();
    suite_ = suite->release();
    client_ = new Client(suite_->EndpointsFor());
    customer_ = new Customer(*client_, "tailspin");
    ASSERT_EQ(customer_->SetUpSmall(), absl::OkStatus());
  }
  static void TearDownTestSuite() {
    delete customer_;
    delete client_;
    delete suite_;
  }

  // A token for the customer's identity.
  static std::string Token(const std::string& audience, int lifetime_seconds) {
    identity::v1::IssueTokenRequest request;
    request.set_identity(customer_->identity());
    request.set_audience(audience);
    request.mutable_lifetime()->set_seconds(lifetime_seconds);
    auto response = client_->Call(*client_->tokens, &TokenService::Stub::IssueToken, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->token() : "";
  }

  // GetKey with a bearer token.
  static absl::Status GetKeyWith(const std::string& token) {
    keyvault::v1::GetKeyRequest request;
    request.set_name(customer_->key());
    keyvault::v1::Key key;
    grpc::ClientContext context;
    Client::SetDeadline(context);
    context.AddMetadata("authorization", "Bearer " + token);
    return FromGrpcStatus(client_->keys->GetKey(&context, request, &key));
  }

  static absl::Status Upload(UploadDocumentRequest::Start start, const std::string& content) {
    start.set_parent(customer_->workspace());
    start.mutable_document()->set_source_language("eng");
    start.mutable_document()->set_target_language("spa");
    return client_
        ->Upload(start,
                 [content] {
                   return [rest = content]() mutable { return std::exchange(rest, std::string()); };
                 })
        .status();
  }

  // What is stored did not change: two documents, no more blobs than they and the model have.
  static void ExpectNothingChanged() {
    auto documents = customer_->ListDocuments();
    ASSERT_TRUE(documents.ok()) << documents.status();
    EXPECT_EQ(documents->size(), 2u);
    int blobs = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             suite_->data_dir() + "/model_deployment/blobs")) {
      blobs += entry.is_regular_file();
    }
    EXPECT_EQ(blobs, 3);
  }

  static Suite* suite_;
  static Client* client_;
  static Customer* customer_;
};

Suite* BadInputTest::suite_ = nullptr;
Client* BadInputTest::client_ = nullptr;
Customer* BadInputTest::customer_ = nullptr;

TEST_F(BadInputTest, MalformedNamesAreRefusedAndNamed) {
  for (const char* name : {"vaults", "vaults/", "vaults/a/keys/", "vaults/tailspin-vault/keys/a_b",
                           "vaults/tailspin-vault/keys/a/versions/xyz", "keys/k", "../vaults/x"}) {
    keyvault::v1::GetKeyRequest request;
    request.set_name(name);
    const absl::Status status =
        client_->Call(*client_->keys, &KeyService::Stub::GetKey, request).status();
    // Whoever may not see it learns nothing; malformed or missing, it is not theirs.
    EXPECT_TRUE(absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status)) << status;
    EXPECT_THAT(ErrorReason(status), Not(IsEmpty())) << status;
  }
  identity::v1::CreateTenantRequest request;
  request.set_tenant_id("No Spaces Please");
  const absl::Status status =
      client_->Call(*client_->tenants, &TenantService::Stub::CreateTenant, request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(status.message(), HasSubstr("tenant_id"));
}

TEST_F(BadInputTest, UnknownFieldsAreRefused) {
  identity::v1::GetTenantRequest request;
  request.set_name(customer_->tenant());
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(777, 1);
  const absl::Status status =
      client_->Call(*client_->tenants, &TenantService::Stub::GetTenant, request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(status.message(), HasSubstr("777"));
}

TEST_F(BadInputTest, TruncatedUploadLeavesNothing) {
  UploadDocumentRequest::Start start;
  start.set_document_id("short");
  start.mutable_document()->set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
  start.mutable_document()->set_format(deployment::v1::DOCUMENT_FORMAT_TSV);
  start.set_size_bytes(1000);
  const absl::Status status = Upload(start, "one\tuno\n");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorReason(status), "UPLOAD_TRUNCATED");
  ExpectNothingChanged();
}

TEST_F(BadInputTest, WrongChecksumLeavesNothing) {
  UploadDocumentRequest::Start start;
  start.set_document_id("altered");
  start.mutable_document()->set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
  start.mutable_document()->set_format(deployment::v1::DOCUMENT_FORMAT_TSV);
  start.set_size_bytes(8);
  start.set_sha256(std::string(64, '0'));
  const absl::Status status = Upload(start, "one\tuno\n");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorReason(status), "CHECKSUM_MISMATCH");
  ExpectNothingChanged();
}

TEST_F(BadInputTest, TmxThatIsNoneIsRefusedWithThePlace) {
  for (const char* content :
       {"this is no XML", "<html><body>nor is this TMX</body></html>",
        "<?xml version=\"1.0\"?><tmx version=\"1.4\"><body><tu><tuv xml:lang=\"en\"><seg>cut off",
        "<!DOCTYPE tmx [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;&a;\">]><tmx><body>&c;</body></tmx>"}) {
    UploadDocumentRequest::Start start;
    start.set_document_id("none");
    start.mutable_document()->set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
    start.mutable_document()->set_format(deployment::v1::DOCUMENT_FORMAT_TMX);
    start.set_size_bytes(static_cast<int64_t>(std::string(content).size()));
    const absl::Status status = Upload(start, content);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << content << ": " << status;
    EXPECT_EQ(ErrorReason(status), "DOCUMENT_MALFORMED") << status;
  }
  ExpectNothingChanged();
}

TEST_F(BadInputTest, OperatorWithoutARoleIsRefusedAndLearnsNothing) {
  Client nobody(suite_->EndpointsFor("nobody"), absl::ZeroDuration());
  identity::v1::GetTenantRequest request;
  request.set_name(customer_->tenant());
  const absl::Status exists =
      nobody.Call(*nobody.tenants, &TenantService::Stub::GetTenant, request).status();
  request.set_name("tenants/no-such-tenant");
  const absl::Status missing =
      nobody.Call(*nobody.tenants, &TenantService::Stub::GetTenant, request).status();
  EXPECT_TRUE(absl::IsPermissionDenied(exists)) << exists;
  EXPECT_EQ(ErrorReason(exists), "NOT_AUTHORIZED");
  EXPECT_EQ(exists.code(), missing.code());
  EXPECT_EQ(ErrorReason(exists), ErrorReason(missing));
  Customer theirs(nobody, "tailspin");
  EXPECT_TRUE(absl::IsPermissionDenied(theirs.TranslateOnce("Hello.").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(theirs.GetSettings().status()));
}

TEST_F(BadInputTest, CertificateOfAnotherAuthorityGetsNoConnection) {
  const std::string other = testing::TempDir() + "/other-pki";
  const std::string command =
      absl::StrCat("bash '", std::getenv("TEST_SRCDIR"), "/keyward/deploy/local/pki.sh' '", other,
                   "' keyward.local admin");
  ASSERT_EQ(std::system(command.c_str()), 0);
  Endpoints endpoints = suite_->EndpointsFor();
  endpoints.operator_tls.certificate = other + "/operator-admin.crt";
  endpoints.operator_tls.private_key = other + "/operator-admin.key";
  Client stranger(endpoints, absl::ZeroDuration());
  const absl::Status status = stranger
                                  .Call(*stranger.tenants, &TenantService::Stub::ListTenants,
                                        identity::v1::ListTenantsRequest())
                                  .status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(BadInputTest, NoCredentialsAtAllGetNoConnection) {
  grpc::SslCredentialsOptions options;
  std::ifstream ca(suite_->pki_dir() + "/ca.crt");
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(ca), {});
  const Endpoints endpoints = suite_->EndpointsFor();
  for (const std::string& target : {endpoints.managed_identity, endpoints.key_vault,
                                    endpoints.encryption, endpoints.model_deployment}) {
    auto stub = TenantService::NewStub(grpc::CreateChannel(target, grpc::SslCredentials(options)));
    grpc::ClientContext context;
    Client::SetDeadline(context);
    identity::v1::ListTenantsResponse response;
    const grpc::Status status = stub->ListTenants(&context, {}, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
}

TEST_F(BadInputTest, GoodTokenWorksAndOneOfAnotherAudienceDoesNot) {
  EXPECT_EQ(GetKeyWith(Token("key_vault", 60)), absl::OkStatus());
  const absl::Status status = GetKeyWith(Token("encryption", 60));
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_EQ(ErrorReason(status), "TOKEN_INVALID");
}

TEST_F(BadInputTest, ExpiredTokenIsRefused) {
  const std::string token = Token("key_vault", 1);
  absl::Status status = GetKeyWith(token);
  const absl::Time give_up = absl::Now() + absl::Seconds(90);
  while (status.ok() && absl::Now() < give_up) {
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(200));
    status = GetKeyWith(token);
  }
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_EQ(ErrorReason(status), "TOKEN_INVALID");
}

TEST_F(BadInputTest, AlteredTokenIsRefusedLikeAnyOther) {
  std::string token = Token("key_vault", 60);
  token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  const absl::Status altered = GetKeyWith(token);
  EXPECT_TRUE(absl::IsUnauthenticated(altered)) << altered;
  EXPECT_EQ(altered.message(), GetKeyWith("rubbish").message());
}

}  // namespace
}  // namespace keyward::mission
