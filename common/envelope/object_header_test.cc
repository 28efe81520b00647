#include "common/envelope/object_header.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace keyward::envelope {
namespace {

ObjectHeader::Fields SomeFields() {
  ObjectHeader::Fields fields;
  fields.id = {"accounts/contoso", "uploads", "workspaces/w/documents/d"};
  fields.scope_key_generation = 0x0102030405060708;
  fields.wrapped_inner_key = std::string(60, 'i');
  fields.platform_key_version = 9;
  fields.wrapped_outer_key = std::string(60, 'o');
  return fields;
}

TEST(ObjectHeaderTest, RoundTrip) {
  const auto header = ObjectHeader::Create(SomeFields());
  ASSERT_TRUE(header.ok());
  const auto parsed = ObjectHeader::Parse(header->bytes());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->bytes(), header->bytes());
  EXPECT_EQ(parsed->id(), SomeFields().id);
  EXPECT_EQ(parsed->scope_key_generation(), 0x0102030405060708u);
  EXPECT_EQ(parsed->wrapped_inner_key(), std::string(60, 'i'));
  EXPECT_EQ(parsed->platform_key_version(), 9u);
  EXPECT_EQ(parsed->wrapped_outer_key(), std::string(60, 'o'));
}

TEST(ObjectHeaderTest, BytesAreAsDocumented) {
  ObjectHeader::Fields fields = SomeFields();
  fields.id = {"a", "s", "xyz"};
  const std::string front = absl::StrCat(std::string("KWO1\x01\x01\x00\x9b", 8),
                                         std::string("\x00\x01"
                                                     "a",
                                                     3),
                                         std::string("\x00\x01s", 3), std::string("\x00\x03xyz", 5),
                                         std::string("\x01\x02\x03\x04\x05\x06\x07\x08", 8));
  const std::string middle =
      absl::StrCat(front, std::string(60, 'i'), std::string("\0\0\0\0\0\0\0\x09", 8));
  EXPECT_EQ(ObjectHeader::Create(fields)->bytes(), absl::StrCat(middle, std::string(60, 'o')));
  EXPECT_EQ(ObjectHeader::InnerKeyContext(fields),
            absl::StrCat(std::string("keyward inner data key v1\0", 26), front));
  EXPECT_EQ(ObjectHeader::OuterKeyContext(fields),
            absl::StrCat(std::string("keyward outer data key v1\0", 26), middle));
}

TEST(ObjectHeaderTest, SizeIsKnownFromThePrefix) {
  const std::string bytes = ObjectHeader::Create(SomeFields())->bytes();
  EXPECT_EQ(*ObjectHeader::SizeFromPrefix(bytes.substr(0, ObjectHeader::kPrefixSize)),
            bytes.size());
  EXPECT_EQ(*ObjectHeader::SizeFromPrefix(bytes + "more"), bytes.size());
  EXPECT_FALSE(ObjectHeader::SizeFromPrefix(bytes.substr(0, ObjectHeader::kPrefixSize - 1)).ok());
  EXPECT_FALSE(ObjectHeader::SizeFromPrefix("").ok());
  EXPECT_FALSE(ObjectHeader::SizeFromPrefix("PK\x03\x04 and so on").ok());
}

TEST(ObjectHeaderTest, FieldsOutsideTheirLimitsAreRefused) {
  ObjectHeader::Fields fields = SomeFields();
  fields.scope_key_generation = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(ObjectHeader::Create(fields).status()));
  fields = SomeFields();
  fields.platform_key_version = 0;
  EXPECT_FALSE(ObjectHeader::Create(fields).ok());
  fields = SomeFields();
  fields.wrapped_inner_key.pop_back();
  EXPECT_FALSE(ObjectHeader::Create(fields).ok());
  fields = SomeFields();
  fields.wrapped_outer_key.push_back('x');
  EXPECT_FALSE(ObjectHeader::Create(fields).ok());
  fields = SomeFields();
  fields.id.scope.clear();
  EXPECT_FALSE(ObjectHeader::Create(fields).ok());
}

TEST(ObjectHeaderTest, TheLongestNamesFit) {
  ObjectHeader::Fields fields = SomeFields();
  fields.id = {std::string(ObjectId::kMaxAccount, 'a'), std::string(ObjectId::kMaxScope, 's'),
               std::string(ObjectId::kMaxObject, 'o')};
  const auto header = ObjectHeader::Create(fields);
  ASSERT_TRUE(header.ok());
  EXPECT_LE(header->bytes().size(), ObjectHeader::kMaxSize);
  EXPECT_TRUE(ObjectHeader::Parse(header->bytes()).ok());
}

TEST(ObjectHeaderTest, OtherSizesAreRefused) {
  const std::string bytes = ObjectHeader::Create(SomeFields())->bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(ObjectHeader::Parse(bytes.substr(0, size)).status()));
  }
  EXPECT_FALSE(ObjectHeader::Parse(bytes + "x").ok());
  EXPECT_FALSE(ObjectHeader::Parse(bytes + bytes).ok());
}

TEST(ObjectHeaderTest, SizesInsideThatDoNotAddUpAreRefused) {
  const std::string bytes = ObjectHeader::Create(SomeFields())->bytes();
  // The header's own size, and the size of each name.
  for (size_t at : {6, 7, 8, 9, 26, 27, 35, 36}) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[at] ^= static_cast<char>(1 << bit);
      EXPECT_FALSE(ObjectHeader::Parse(changed).ok()) << at << " " << bit;
    }
  }
}

TEST(ObjectHeaderTest, AnotherMagicVersionOrSuiteIsRefused) {
  const std::string bytes = ObjectHeader::Create(SomeFields())->bytes();
  for (size_t at = 0; at < 6; ++at) {
    std::string changed = bytes;
    ++changed[at];
    EXPECT_FALSE(ObjectHeader::Parse(changed).ok()) << at;
  }
}

}  // namespace
}  // namespace keyward::envelope
