#include "common/storage/message_hash.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace keyward::storage {

std::string MessageHash(const google::protobuf::Message& message) {
  std::string bytes = absl::StrCat(message.GetDescriptor()->full_name(), "\n");
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Map entries have no order of their own.
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return crypto::Sha256(bytes);
}

}  // namespace keyward::storage
