#include "common/envelope/object_header.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/envelope/wire.h"
#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

constexpr absl::string_view kMagic = "KWO1";
constexpr uint8_t kVersion = 1;
// AES-256-GCM wraps the data keys; both layers are AES256_GCM_HKDF_1MB.
constexpr uint8_t kSuite = 1;
constexpr absl::string_view kInnerLabel("keyward inner data key v1\0", 26);
constexpr absl::string_view kOuterLabel("keyward outer data key v1\0", 26);

static_assert(ObjectHeader::kPrefixSize + 3 * 2 + ObjectId::kMaxAccount + ObjectId::kMaxScope +
                  ObjectId::kMaxObject + 2 * (8 + ObjectHeader::kWrappedKeySize) <=
              ObjectHeader::kMaxSize);

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("not the header of a stored object: ", why));
}

size_t EncodedSize(const ObjectId& id) {
  return ObjectHeader::kPrefixSize + 3 * 2 + id.account.size() + id.scope.size() +
         id.object.size() + 2 * (8 + ObjectHeader::kWrappedKeySize);
}

void WriteToInnerKey(const ObjectHeader::Fields& fields, Writer& writer) {
  writer.Bytes(kMagic);
  writer.Byte(kVersion);
  writer.Byte(kSuite);
  writer.Number16(static_cast<uint16_t>(EncodedSize(fields.id)));
  writer.Name(fields.id.account);
  writer.Name(fields.id.scope);
  writer.Name(fields.id.object);
  writer.Number64(fields.scope_key_generation);
}

void WriteToOuterKey(const ObjectHeader::Fields& fields, Writer& writer) {
  WriteToInnerKey(fields, writer);
  writer.Bytes(fields.wrapped_inner_key);
  writer.Number64(fields.platform_key_version);
}

absl::Status CheckFields(const ObjectHeader::Fields& fields) {
  KW_RETURN_IF_ERROR(CheckObjectId(fields.id));
  if (fields.scope_key_generation == 0 || fields.platform_key_version == 0) {
    return Malformed("keys are numbered from 1");
  }
  if (fields.wrapped_inner_key.size() != ObjectHeader::kWrappedKeySize ||
      fields.wrapped_outer_key.size() != ObjectHeader::kWrappedKeySize) {
    return Malformed("a wrapped key does not have 60 bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<ObjectHeader::Fields> ReadFields(Reader& reader) {
  ObjectHeader::Fields fields;
  KW_ASSIGN_OR_RETURN(fields.id.account, reader.Name(ObjectId::kMaxAccount));
  KW_ASSIGN_OR_RETURN(fields.id.scope, reader.Name(ObjectId::kMaxScope));
  KW_ASSIGN_OR_RETURN(fields.id.object, reader.Name(ObjectId::kMaxObject));
  KW_ASSIGN_OR_RETURN(fields.scope_key_generation, reader.Number(8));
  KW_ASSIGN_OR_RETURN(const auto inner, reader.Bytes(ObjectHeader::kWrappedKeySize));
  KW_ASSIGN_OR_RETURN(fields.platform_key_version, reader.Number(8));
  KW_ASSIGN_OR_RETURN(const auto outer, reader.Bytes(ObjectHeader::kWrappedKeySize));
  fields.wrapped_inner_key = std::string(inner);
  fields.wrapped_outer_key = std::string(outer);
  return fields;
}

}  // namespace

absl::StatusOr<ObjectHeader> ObjectHeader::Create(Fields fields) {
  KW_RETURN_IF_ERROR(CheckFields(fields));
  Writer writer;
  WriteToOuterKey(fields, writer);
  writer.Bytes(fields.wrapped_outer_key);
  return ObjectHeader(std::move(fields), writer.Take());
}

absl::StatusOr<size_t> ObjectHeader::SizeFromPrefix(absl::string_view prefix) {
  if (prefix.size() < kPrefixSize) return Malformed("it is too short");
  Reader reader(prefix.substr(kMagic.size()));
  KW_ASSIGN_OR_RETURN(const uint64_t version, reader.Number(1));
  KW_ASSIGN_OR_RETURN(const uint64_t suite, reader.Number(1));
  KW_ASSIGN_OR_RETURN(const uint64_t size, reader.Number(2));
  if (!absl::StartsWith(prefix, kMagic)) return Malformed("it does not start with KWO1");
  if (version != kVersion || suite != kSuite) return Malformed("its version is unknown");
  if (size < EncodedSize(ObjectId{"a", "s", "o"}) || size > kMaxSize) {
    return Malformed("its size is impossible");
  }
  return size;
}

absl::StatusOr<ObjectHeader> ObjectHeader::Parse(absl::string_view bytes) {
  KW_ASSIGN_OR_RETURN(const size_t size, SizeFromPrefix(bytes));
  if (size != bytes.size()) return Malformed("it does not have the size that it says");
  Reader reader(bytes.substr(kPrefixSize));
  KW_ASSIGN_OR_RETURN(Fields fields, ReadFields(reader));
  if (!reader.AtEnd()) return Malformed("something follows its last field");
  KW_RETURN_IF_ERROR(CheckFields(fields));
  return ObjectHeader(std::move(fields), std::string(bytes));
}

std::string ObjectHeader::InnerKeyContext(const Fields& fields) {
  Writer writer;
  writer.Bytes(kInnerLabel);
  WriteToInnerKey(fields, writer);
  return writer.Take();
}

std::string ObjectHeader::OuterKeyContext(const Fields& fields) {
  Writer writer;
  writer.Bytes(kOuterLabel);
  WriteToOuterKey(fields, writer);
  return writer.Take();
}

}  // namespace keyward::envelope
