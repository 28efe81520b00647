#include "common/envelope/object_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace keyward::envelope {
namespace {

TEST(ObjectIdTest, NamesHaveLimits) {
  const ObjectId id = {"accounts/a", "uploads", "document"};
  EXPECT_TRUE(CheckObjectId(id).ok());
  for (std::string ObjectId::*name : {&ObjectId::account, &ObjectId::scope, &ObjectId::object}) {
    ObjectId empty = id;
    (empty.*name).clear();
    EXPECT_TRUE(absl::IsInvalidArgument(CheckObjectId(empty)));
    ObjectId longer = id;
    (longer.*name).assign(ObjectId::kMaxObject + 1, 'x');
    EXPECT_TRUE(absl::IsInvalidArgument(CheckObjectId(longer)));
  }
  EXPECT_TRUE(
      CheckObjectId({std::string(ObjectId::kMaxAccount, 'a'), std::string(ObjectId::kMaxScope, 's'),
                     std::string(ObjectId::kMaxObject, 'o')})
          .ok());
  EXPECT_FALSE(CheckObjectId({std::string(ObjectId::kMaxAccount + 1, 'a'), "s", "o"}).ok());
  EXPECT_FALSE(CheckObjectId({"a", std::string(ObjectId::kMaxScope + 1, 's'), "o"}).ok());
}

TEST(ObjectIdTest, AssociatedDataAreAsDocumented) {
  EXPECT_EQ(AssociatedData({"acc", "up", "o"}), std::string("KWAD\x01\x00\x03"
                                                            "acc\x00\x02"
                                                            "up\x00\x01"
                                                            "o",
                                                            17));
}

TEST(ObjectIdTest, NoTwoIdsShareAssociatedData) {
  const std::set<std::string> all = {
      AssociatedData({"ab", "c", "d"}), AssociatedData({"a", "bc", "d"}),
      AssociatedData({"a", "b", "cd"}), AssociatedData({"a", "c", "bd"}),
      AssociatedData({"ab", "d", "c"}), AssociatedData({"AB", "c", "d"})};
  EXPECT_EQ(all.size(), 6u);
}

}  // namespace
}  // namespace keyward::envelope
