#ifndef KEYWARD_COMMON_ENVELOPE_DATA_KEYS_H_
#define KEYWARD_COMMON_ENVELOPE_DATA_KEYS_H_

#include "common/crypto/aes_key.h"

namespace keyward::envelope {

// The two keys of one stored object: the plaintext is encrypted under `inner`, the result under
// `outer`. Made for one object and never used for another.
struct DataKeys {
  crypto::AesKey inner;
  crypto::AesKey outer;

  static DataKeys Generate() { return {crypto::AesKey::Generate(), crypto::AesKey::Generate()}; }

  DataKeys Clone() const { return {inner.Clone(), outer.Clone()}; }
};

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_DATA_KEYS_H_
