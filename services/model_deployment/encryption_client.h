#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ENCRYPTION_CLIENT_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ENCRYPTION_CLIENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/envelope/object_id.h"
#include "services/model_deployment/account_store.h"

namespace keyward::model_deployment {

// The scopes of an account's objects.
inline constexpr char kUploadsScope[] = "uploads";
inline constexpr char kModelsScope[] = "models";

// The call that another call is part of.
struct CallOrigin {
  std::string correlation_id;
  absl::Time deadline = absl::InfiniteFuture();
};

// Fresh keys for one object.
struct GeneratedKeys {
  envelope::ObjectHeader header;
  envelope::DataKeys keys;
  // The account's access epoch at which they were made.
  int64_t access_epoch = 0;
};

// What an account holds, for previews of a revocation.
struct Usage {
  int64_t uploads = 0;
  int64_t upload_bytes = 0;
  int64_t deployed_models = 0;
};

// What this service asks of the encryption service. Errors are those of its API, in this service's
// words: FAILED_PRECONDITION (ACCESS_DENIED, ACCOUNT_UNKNOWN), UNAVAILABLE (ACCESS_UNVERIFIED),
// DATA_LOSS (the header does not open, or its key was destroyed). Thread-safe.
class EncryptionClient {
 public:
  virtual ~EncryptionClient() = default;

  virtual absl::StatusOr<Account> GetAccount(const CallOrigin& origin,
                                             absl::string_view account) = 0;

  virtual absl::StatusOr<GeneratedKeys> GenerateDataKey(const CallOrigin& origin,
                                                        const envelope::ObjectId& id) = 0;

  virtual absl::StatusOr<envelope::DataKeys> DecryptDataKey(
      const CallOrigin& origin, const envelope::ObjectId& id,
      const envelope::ObjectHeader& header) = 0;

  // Keys of the scope made up to `access_epoch` are destroyed when it returns; returns when the
  // last one was.
  virtual absl::StatusOr<absl::Time> DestroyScope(const CallOrigin& origin,
                                                  absl::string_view account,
                                                  absl::string_view scope,
                                                  int64_t access_epoch) = 0;

  virtual absl::Status ReportUsage(const CallOrigin& origin, absl::string_view account,
                                   const Usage& usage) = 0;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ENCRYPTION_CLIENT_H_
