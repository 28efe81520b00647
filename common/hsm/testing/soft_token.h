#ifndef KEYWARD_COMMON_HSM_TESTING_SOFT_TOKEN_H_
#define KEYWARD_COMMON_HSM_TESTING_SOFT_TOKEN_H_

#include <memory>
#include <string>

#include "common/hsm/token.h"
#include "common/hsm/token_uri.h"

namespace keyward::hsm::testing {

// Tokens of SoftHSM in a folder of their own, which go with this object; one such object at a time,
// for SoftHSM reads the process's environment. A fault of the set-up ends the test.
class SoftToken {
 public:
  // Makes the token "keyward".
  SoftToken();
  ~SoftToken();
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  // Makes one more token, with the same PIN.
  void MakeToken(const std::string& label);

  // Where the token is. The module is one between SoftHSM and the test, for what follows.
  TokenUri uri() const;
  // The same as text, with an object.
  std::string uri_text(const std::string& object) const;
  // A login to it.
  std::shared_ptr<Token> Open() const;

  // Pulls the token out: its sessions end, and it is in no slot. Then puts it back.
  void PullOut() const;
  void PutBack() const;

  // Makes the next C_Decrypt fail, as by a token that breaks down in it.
  void BreakNextDecryption() const;

  // A file in the folder.
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

}  // namespace keyward::hsm::testing

#endif  // KEYWARD_COMMON_HSM_TESTING_SOFT_TOKEN_H_
