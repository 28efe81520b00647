#ifndef KEYWARD_COMMON_STORAGE_PAGE_TOKEN_H_
#define KEYWARD_COMMON_STORAGE_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace keyward::storage {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaximumPageSize = 1000;

// The page that a List request asks for: at most `size` rows whose sort key follows `after`, all
// from the start if `after` is empty.
struct Page {
  int size = kDefaultPageSize;
  std::string after;

  // How many rows to ask the database for: one more, to know whether there is a next page.
  int limit() const { return size + 1; }

  // `after` of a list sorted by number; 0 if empty.
  int64_t after_number() const;
};

// Reads the fields page_size and page_token of a List request. A page_size of 0 is 100, and one
// over 1000 is 1000. INVALID_ARGUMENT names the field: a negative page_size, or a page_token that
// no answer to this very list held. Every other field of the request is its filter, and a token
// belongs to one filter. The request must have both fields.
absl::StatusOr<Page> ParsePage(const google::protobuf::Message& request);

// The next_page_token of an answer to `request` whose last row has the sort key `last`. Callers
// cannot read or make one, short of reading this; a forged one moves the start of a list and
// shows nothing that the list would not.
std::string NextPageToken(const google::protobuf::Message& request, absl::string_view last);
std::string NextPageToken(const google::protobuf::Message& request, int64_t last);

// Leaves in `rows`, which came from the database with page.limit(), what belongs on the page, and
// returns the next_page_token: empty on the last page. `key_of` gives the sort key of a row.
template <typename Row, typename KeyOf>
std::string CutPage(const google::protobuf::Message& request, const Page& page,
                    std::vector<Row>& rows, KeyOf key_of) {
  if (rows.size() <= static_cast<size_t>(page.size)) return "";
  rows.erase(rows.begin() + page.size, rows.end());
  return NextPageToken(request, key_of(rows.back()));
}

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_PAGE_TOKEN_H_
