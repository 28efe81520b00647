#ifndef KEYWARD_SERVICES_ENCRYPTION_DATA_SERVICE_H_
#define KEYWARD_SERVICES_ENCRYPTION_DATA_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "services/encryption/batch_handler.h"
#include "services/encryption/data_handler.h"
#include "services/encryption/stream_handler.h"

namespace keyward::encryption {

// DataService over gRPC. Thread-safe.
class DataServiceAdapter final : public v1::DataService::CallbackService {
 public:
  // All must outlive this.
  DataServiceAdapter(server::Dispatcher& dispatcher, DataHandler& data, BatchHandler& batches,
                     StreamHandler& streams)
      : dispatcher_(dispatcher), data_(data), batches_(batches), streams_(streams) {}

  grpc::ServerUnaryReactor* Encrypt(grpc::CallbackServerContext* context,
                                    const v1::EncryptRequest* request,
                                    v1::EncryptResponse* response) override;
  grpc::ServerUnaryReactor* Decrypt(grpc::CallbackServerContext* context,
                                    const v1::DecryptRequest* request,
                                    v1::DecryptResponse* response) override;
  grpc::ServerUnaryReactor* BatchEncrypt(grpc::CallbackServerContext* context,
                                         const v1::BatchEncryptRequest* request,
                                         v1::BatchEncryptResponse* response) override;
  grpc::ServerUnaryReactor* BatchDecrypt(grpc::CallbackServerContext* context,
                                         const v1::BatchDecryptRequest* request,
                                         v1::BatchDecryptResponse* response) override;
  grpc::ServerBidiReactor<v1::EncryptStreamRequest, v1::EncryptStreamResponse>* EncryptStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerBidiReactor<v1::DecryptStreamRequest, v1::DecryptStreamResponse>* DecryptStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* GenerateDataKey(grpc::CallbackServerContext* context,
                                            const v1::GenerateDataKeyRequest* request,
                                            v1::GenerateDataKeyResponse* response) override;
  grpc::ServerUnaryReactor* DecryptDataKey(grpc::CallbackServerContext* context,
                                           const v1::DecryptDataKeyRequest* request,
                                           v1::DecryptDataKeyResponse* response) override;
  grpc::ServerUnaryReactor* DestroyScope(grpc::CallbackServerContext* context,
                                         const v1::DestroyScopeRequest* request,
                                         v1::DestroyScopeResponse* response) override;
  grpc::ServerUnaryReactor* ReportUsage(grpc::CallbackServerContext* context,
                                        const v1::ReportUsageRequest* request,
                                        v1::ReportUsageResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  DataHandler& data_;
  BatchHandler& batches_;
  StreamHandler& streams_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_DATA_SERVICE_H_
