#include "common/hsm/objects.h"

namespace keyward::hsm {

Attributes& Attributes::Add(CK_ATTRIBUTE_TYPE type, absl::string_view bytes) {
  attributes_.push_back({type, std::string(bytes)});
  return *this;
}

Attributes& Attributes::AddNumber(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
  return Add(type, absl::string_view(reinterpret_cast<const char*>(&number), sizeof(number)));
}

Attributes& Attributes::AddFlag(CK_ATTRIBUTE_TYPE type, bool flag) {
  const CK_BBOOL byte = flag ? CK_TRUE : CK_FALSE;
  return Add(type, absl::string_view(reinterpret_cast<const char*>(&byte), sizeof(byte)));
}

std::vector<CK_ATTRIBUTE> Attributes::ToModule() const {
  std::vector<CK_ATTRIBUTE> attributes;
  for (const Attribute& attribute : attributes_) {
    attributes.push_back(
        {attribute.type, const_cast<char*>(attribute.bytes.data()), attribute.bytes.size()});
  }
  return attributes;
}

CK_RV FindObjects(const Session& session, const Attributes& attributes,
                  std::vector<CK_OBJECT_HANDLE>& found) {
  constexpr CK_ULONG kAtOnce = 64;
  found.clear();
  std::vector<CK_ATTRIBUTE> wanted = attributes.ToModule();
  const CK_FUNCTION_LIST& functions = session.functions;
  CK_RV result = functions.C_FindObjectsInit(session.handle, wanted.data(), wanted.size());
  for (CK_ULONG count = kAtOnce; result == CKR_OK && count == kAtOnce;) {
    CK_OBJECT_HANDLE handles[kAtOnce];
    result = functions.C_FindObjects(session.handle, handles, kAtOnce, &count);
    if (result == CKR_OK) found.insert(found.end(), handles, handles + count);
  }
  if (result != CKR_OK) return result;
  return functions.C_FindObjectsFinal(session.handle);
}

CK_RV ReadAttribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                    std::string& value) {
  CK_ATTRIBUTE attribute = {type, nullptr, 0};
  CK_RV result = session.functions.C_GetAttributeValue(session.handle, object, &attribute, 1);
  if (result != CKR_OK) return result;
  value.resize(attribute.ulValueLen);
  attribute.pValue = value.data();
  result = session.functions.C_GetAttributeValue(session.handle, object, &attribute, 1);
  value.resize(result == CKR_OK ? attribute.ulValueLen : 0);
  return result;
}

}  // namespace keyward::hsm
