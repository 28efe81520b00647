#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "services/model_deployment/testing/deployment_server.h"

namespace keyward::model_deployment::testing {
namespace {

using deployment::v1::Document;
using deployment::v1::DocumentService;
using deployment::v1::UploadDocumentRequest;

std::string Tmx(int pairs) {
  std::string tmx = "<?xml version=\"1.0\"?><tmx version=\"1.4\"><header/><body>";
  for (int i = 0; i < pairs; ++i) {
    absl::StrAppend(&tmx, "<tu><tuv xml:lang=\"en\"><seg>canary sentence ", i,
                    "</seg></tuv><tuv xml:lang=\"es\"><seg>frase canario ", i, "</seg></tuv></tu>");
  }
  return tmx + "</body></tmx>";
}

class DocumentServiceTest : public ::testing::Test {
 protected:
  DocumentServiceTest() {
    server_.PlayAccount();
    server_.MakeProject();
  }

  // Sends these messages as an upload.
  absl::Status Send(const std::vector<UploadDocumentRequest>& messages) {
    auto stub = DocumentService::NewStub(server_.As("admin"));
    grpc::ClientContext context;
    Document document;
    auto writer = stub->UploadDocument(&context, &document);
    for (const UploadDocumentRequest& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    return FromGrpcStatus(writer->Finish());
  }

  static UploadDocumentRequest Start(const std::string& bytes) {
    UploadDocumentRequest request;
    UploadDocumentRequest::Start& start = *request.mutable_start();
    start.set_parent(kWorkspace);
    start.set_document_id("doc");
    start.set_size_bytes(static_cast<int64_t>(bytes.size()));
    start.mutable_document()->set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
    start.mutable_document()->set_format(deployment::v1::DOCUMENT_FORMAT_TMX);
    start.mutable_document()->set_source_language("eng");
    start.mutable_document()->set_target_language("spa");
    return request;
  }

  static UploadDocumentRequest Chunk(const std::string& bytes) {
    UploadDocumentRequest request;
    request.set_chunk(bytes);
    return request;
  }

  absl::StatusOr<std::string> Download(const std::string& id) {
    auto stub = DocumentService::NewStub(server_.As("admin"));
    grpc::ClientContext context;
    deployment::v1::DownloadDocumentRequest request;
    request.set_name(absl::StrCat(kWorkspace, "/documents/", id));
    auto reader = stub->DownloadDocument(&context, request);
    std::string bytes;
    deployment::v1::DownloadDocumentResponse response;
    while (reader->Read(&response)) bytes += response.chunk();
    grpc::Status status = reader->Finish();
    if (!status.ok()) return FromGrpcStatus(status);
    return bytes;
  }

  void ExpectNothingKept() {
    EXPECT_TRUE(server_.BlobFiles().empty());
    deployment::v1::ListDocumentsRequest request;
    request.set_parent(kWorkspace);
    EXPECT_EQ(server_.Call<DocumentService>(&DocumentService::Stub::ListDocuments, request)
                  ->documents_size(),
              0);
  }

  DeploymentServer server_;
};

TEST_F(DocumentServiceTest, WhatIsUploadedComesBackAndOnlyCiphertextIsStored) {
  std::string bytes = Tmx(30'000);
  ASSERT_GT(bytes.size(), 2u << 20) << "several segments";
  auto document = server_.Upload("doc", bytes, deployment::v1::DOCUMENT_TYPE_TRAINING,
                                 deployment::v1::DOCUMENT_FORMAT_TMX);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->name(), absl::StrCat(kWorkspace, "/documents/doc"));
  EXPECT_EQ(document->pair_count(), 30'000);
  EXPECT_EQ(document->size_bytes(), static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(document->sha256(), absl::BytesToHexString(crypto::Sha256(bytes)));
  EXPECT_EQ(*Download("doc"), bytes);
  ASSERT_EQ(server_.BlobFiles().size(), 1u);
  std::ifstream file(server_.BlobFiles()[0], std::ios::binary);
  std::string stored{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(absl::StartsWith(stored, "KWO1"));
  EXPECT_FALSE(absl::StrContains(stored, "canar"));
  EXPECT_EQ(server_.encryption.UsageOf(kAccount).uploads, 1) << "told before the upload returned";

  EXPECT_EQ(ErrorReason(server_.Upload("doc", bytes).status()), "DOCUMENT_EXISTS");
  deployment::v1::DeleteDocumentRequest request;
  request.set_name(document->name());
  ASSERT_TRUE(server_.Call<DocumentService>(&DocumentService::Stub::DeleteDocument, request).ok());
  ExpectNothingKept();
  EXPECT_EQ(
      ErrorReason(
          server_.Call<DocumentService>(&DocumentService::Stub::DeleteDocument, request).status()),
      "DOCUMENT_NOT_FOUND");
}

TEST_F(DocumentServiceTest, BadUploadsLeaveNothing) {
  std::string bytes = Tmx(3);
  struct Case {
    const char* what;
    std::vector<UploadDocumentRequest> messages;
    const char* reason;
  };
  UploadDocumentRequest checksum = Start(bytes);
  checksum.mutable_start()->set_sha256(std::string(64, 'a'));
  UploadDocumentRequest huge = Start(bytes);
  huge.mutable_start()->set_size_bytes(100'000'001);
  UploadDocumentRequest elsewhere = Start(bytes);
  elsewhere.mutable_start()->set_parent("accounts/contoso/workspaces/other");
  UploadDocumentRequest no_type = Start(bytes);
  no_type.mutable_start()->mutable_document()->clear_type();
  UploadDocumentRequest bad_id = Start(bytes);
  bad_id.mutable_start()->set_document_id("../x");
  UploadDocumentRequest same = Start(bytes);
  same.mutable_start()->mutable_document()->set_target_language("eng");
  for (const Case& c :
       {Case{"nothing", {}, "NOT_AUTHORIZED"}, Case{"no start", {Chunk(bytes)}, "NOT_AUTHORIZED"},
        Case{"truncated", {Start(bytes), Chunk(bytes.substr(0, 50))}, "UPLOAD_TRUNCATED"},
        Case{"too much", {Start(bytes), Chunk(bytes), Chunk("x")}, "UPLOAD_OVERRUN"},
        Case{"two starts", {Start(bytes), Start(bytes)}, "INVALID_REQUEST"},
        Case{"a large chunk",
             {Start(bytes), Chunk(std::string((1 << 20) + 1, ' '))},
             "INVALID_REQUEST"},
        Case{"other bytes", {checksum, Chunk(bytes)}, "CHECKSUM_MISMATCH"},
        Case{"no TMX", {Start("hello there"), Chunk("hello there")}, "DOCUMENT_MALFORMED"},
        Case{"too large", {huge}, "DOCUMENT_TOO_LARGE"},
        Case{"no workspace", {elsewhere, Chunk(bytes)}, "WORKSPACE_NOT_FOUND"},
        Case{"no type", {no_type, Chunk(bytes)}, "INVALID_REQUEST"},
        Case{"a bad id", {bad_id, Chunk(bytes)}, "INVALID_REQUEST"},
        Case{"one language", {same, Chunk(bytes)}, "INVALID_REQUEST"}}) {
    SCOPED_TRACE(c.what);
    absl::Status status = Send(c.messages);
    // "admin" may do everything, on no resource at all ("/") as well.
    std::string reason = c.reason;
    if (reason == "NOT_AUTHORIZED") reason = "INVALID_REQUEST";
    EXPECT_EQ(ErrorReason(status), reason) << status;
    ExpectNothingKept();
  }
  EXPECT_TRUE(Send({Start(bytes), Chunk(bytes)}).ok());
}

TEST_F(DocumentServiceTest, EveryWrongFieldOfAnUploadIsNamedAtOnce) {
  UploadDocumentRequest request;
  request.mutable_start()->set_parent(kWorkspace);
  request.mutable_start()->set_document_id("X");
  request.mutable_start()->set_sha256("abc");
  const absl::Status status = Send({request});
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  for (const char* field : {"start.document_id", "start.document.type", "start.document.format",
                            "start.document.source_language", "start.document.target_language",
                            "start.size_bytes", "start.sha256"}) {
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("'", field, "'")))
        << field << " in " << status;
  }
  ExpectNothingKept();
}

TEST_F(DocumentServiceTest, AClientThatGoesAwayLeavesNothing) {
  std::string bytes = Tmx(1000);
  {
    auto stub = DocumentService::NewStub(server_.As("admin"));
    grpc::ClientContext context;
    Document document;
    auto writer = stub->UploadDocument(&context, &document);
    ASSERT_TRUE(writer->Write(Start(bytes)));
    ASSERT_TRUE(writer->Write(Chunk(bytes.substr(0, 20'000))));
    Await([&] { return !server_.BlobFiles().empty(); });
    context.TryCancel();
    EXPECT_FALSE(writer->Finish().ok());
  }
  Await([&] { return server_.BlobFiles().empty(); });
  ExpectNothingKept();
}

TEST_F(DocumentServiceTest, WhatWasAlteredOnDiskDoesNotComeOut) {
  std::string bytes = Tmx(100);
  ASSERT_TRUE(server_
                  .Upload("doc", bytes, deployment::v1::DOCUMENT_TYPE_TRAINING,
                          deployment::v1::DOCUMENT_FORMAT_TMX)
                  .ok());
  std::string path = server_.BlobFiles()[0];
  std::ifstream file(path, std::ios::binary);
  std::string stored{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto store = [&](const std::string& content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << content;
  };
  std::mt19937 random(5);
  for (int i = 0; i < 40; ++i) {
    std::string altered = stored;
    altered[random() % altered.size()] ^= static_cast<char>(1 << (random() % 8));
    store(altered);
    EXPECT_TRUE(absl::IsDataLoss(Download("doc").status()));
  }
  for (size_t size : {size_t{0}, size_t{7}, size_t{100}, stored.size() - 1}) {
    store(stored.substr(0, size));
    EXPECT_EQ(ErrorReason(Download("doc").status()), "STORED_BYTES_ALTERED") << size;
  }
  store(stored + "x");
  EXPECT_TRUE(absl::IsDataLoss(Download("doc").status()));
  std::filesystem::remove(path);
  EXPECT_TRUE(absl::IsDataLoss(Download("doc").status()));
  store(stored);
  EXPECT_EQ(*Download("doc"), bytes);
}

TEST_F(DocumentServiceTest, BlobsCannotBeSwapped) {
  ASSERT_TRUE(server_.Upload("one", "cat\tgato\n").ok());
  ASSERT_TRUE(server_.Upload("two", "dog\tperro\n").ok());
  std::vector<std::string> files = server_.BlobFiles();
  std::filesystem::rename(files[0], files[0] + ".x");
  std::filesystem::rename(files[1], files[0]);
  std::filesystem::rename(files[0] + ".x", files[1]);
  EXPECT_TRUE(absl::IsDataLoss(Download("one").status()));
  EXPECT_TRUE(absl::IsDataLoss(Download("two").status()));
}

TEST_F(DocumentServiceTest, ListsPageByPageAndShowsNothingToStrangers) {
  for (const char* id : {"bbb", "aaa", "ccc"}) ASSERT_TRUE(server_.Upload(id, "a\tb\n").ok());
  deployment::v1::ListDocumentsRequest request;
  request.set_parent(kWorkspace);
  request.set_page_size(2);
  auto page = *server_.Call<DocumentService>(&DocumentService::Stub::ListDocuments, request);
  ASSERT_EQ(page.documents_size(), 2);
  EXPECT_THAT(page.documents(0).name(), ::testing::EndsWith("aaa"));
  request.set_page_token(page.next_page_token());
  page = *server_.Call<DocumentService>(&DocumentService::Stub::ListDocuments, request);
  ASSERT_EQ(page.documents_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
  for (const char* name : {"aaa", "zzz"}) {
    deployment::v1::GetDocumentRequest get;
    get.set_name(absl::StrCat(kWorkspace, "/documents/", name));
    absl::Status status =
        server_.Call<DocumentService>(&DocumentService::Stub::GetDocument, get, "stranger")
            .status();
    EXPECT_EQ(ErrorReason(status), "NOT_AUTHORIZED");
  }
}

}  // namespace
}  // namespace keyward::model_deployment::testing
