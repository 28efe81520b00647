#include "common/storage/page_token.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::storage {
namespace {

using Request = ::keyward::audit::v1::ListAuditEntriesRequest;

Request List(int page_size, const std::string& token, const std::string& resource = "vaults/v") {
  Request request;
  request.set_page_size(page_size);
  request.set_page_token(token);
  request.set_resource(resource);
  return request;
}

void ExpectRefused(const Request& request) {
  const absl::StatusOr<Page> page = ParsePage(request);
  ASSERT_FALSE(page.ok()) << request.ShortDebugString();
  EXPECT_EQ(page.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(page.status()), "INVALID_REQUEST");
}

TEST(PageTest, SizeHasDefaultAndMaximum) {
  const struct {
    int asked, given;
  } cases[] = {{0, 100}, {1, 1}, {1000, 1000}, {1001, 1000}, {2147483647, 1000}};
  for (const auto& c : cases) {
    const absl::StatusOr<Page> page = ParsePage(List(c.asked, ""));
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->size, c.given);
    EXPECT_EQ(page->after, "");
    EXPECT_EQ(page->after_number(), 0);
  }
  ExpectRefused(List(-1, ""));
}

TEST(PageTest, GoesOnAfterTheLastRowWithAnotherPageSize) {
  const std::string token = NextPageToken(List(2, ""), "keys/blue");
  EXPECT_EQ(ParsePage(List(7, token))->after, "keys/blue");
  const std::string number = NextPageToken(List(2, token), 9'000'000'000'000);
  EXPECT_EQ(ParsePage(List(7, number))->after_number(), 9'000'000'000'000);
}

TEST(PageTest, CutLeavesOnePageAndSaysWhetherThereIsMore) {
  const Request request = List(2, "");
  const Page page = *ParsePage(request);
  EXPECT_EQ(page.limit(), 3);
  const auto key_of = [](int row) { return absl::StrCat(row); };

  std::vector<int> rows = {1, 2, 3};
  const std::string token = CutPage(request, page, rows, key_of);
  EXPECT_EQ(rows, (std::vector<int>{1, 2}));
  EXPECT_EQ(ParsePage(List(2, token))->after, "2");

  for (std::vector<int> last : {std::vector<int>{}, {1}, {1, 2}}) {
    const std::vector<int> before = last;
    EXPECT_EQ(CutPage(request, page, last, key_of), "");
    EXPECT_EQ(last, before);
  }
}

TEST(PageTest, TokenOfAnotherFilterIsRefused) {
  const std::string token = NextPageToken(List(2, ""), "keys/blue");
  ExpectRefused(List(2, token, "vaults/w"));
}

TEST(PageTest, EveryChangedTokenIsRefused) {
  const std::string token = NextPageToken(List(2, ""), "blue");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    ExpectRefused(List(2, changed));
    if (i > 0) ExpectRefused(List(2, token.substr(0, i)));
  }
  for (const char* suffix : {"A", "=", "\n", " ", "AAAA"}) {
    ExpectRefused(List(2, token + suffix));
  }
}

TEST(PageTest, NonsenseIsRefused) {
  for (const std::string& token :
       {std::string("x"), std::string("keys/blue"), std::string(5000, 'A'),
        absl::WebSafeBase64Escape("1"), absl::WebSafeBase64Escape("2abcdefghijklmnop")}) {
    ExpectRefused(List(2, token));
  }
}

}  // namespace
}  // namespace keyward::storage
