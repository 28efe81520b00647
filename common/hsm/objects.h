#ifndef KEYWARD_COMMON_HSM_OBJECTS_H_
#define KEYWARD_COMMON_HSM_OBJECTS_H_

#include <p11-kit/pkcs11.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/hsm/token.h"

namespace keyward::hsm {

// Attributes of an object, to find it, to make it, or to see that it is as it must be. Holds copies
// of the values. A value; the span that the module is given lives as long as this is not changed.
class Attributes {
 public:
  Attributes& Add(CK_ATTRIBUTE_TYPE type, absl::string_view bytes);
  Attributes& AddNumber(CK_ATTRIBUTE_TYPE type, CK_ULONG number);
  Attributes& AddFlag(CK_ATTRIBUTE_TYPE type, bool flag);

  std::vector<CK_ATTRIBUTE> ToModule() const;

 private:
  struct Attribute {
    CK_ATTRIBUTE_TYPE type;
    std::string bytes;
  };
  std::vector<Attribute> attributes_;
};

// Each runs in a session of Token::Run and returns the module's result.

// All objects with these attributes.
CK_RV FindObjects(const Session& session, const Attributes& attributes,
                  std::vector<CK_OBJECT_HANDLE>& found);

// The bytes of one attribute, which is no secret.
CK_RV ReadAttribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                    std::string& value);

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_OBJECTS_H_
