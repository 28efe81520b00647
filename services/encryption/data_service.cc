#include "services/encryption/data_service.h"

namespace keyward::encryption {

grpc::ServerUnaryReactor* DataServiceAdapter::Encrypt(grpc::CallbackServerContext* context,
                                                      const v1::EncryptRequest* request,
                                                      v1::EncryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::EncryptRequest& asked) {
        return data_.Encrypt(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::Decrypt(grpc::CallbackServerContext* context,
                                                      const v1::DecryptRequest* request,
                                                      v1::DecryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::DecryptRequest& asked) {
        return data_.Decrypt(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::BatchEncrypt(grpc::CallbackServerContext* context,
                                                           const v1::BatchEncryptRequest* request,
                                                           v1::BatchEncryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::BatchEncryptRequest& asked) {
        return batches_.Encrypt(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::BatchDecrypt(grpc::CallbackServerContext* context,
                                                           const v1::BatchDecryptRequest* request,
                                                           v1::BatchDecryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::BatchDecryptRequest& asked) {
        return batches_.Decrypt(call, asked);
      });
}

grpc::ServerBidiReactor<v1::EncryptStreamRequest, v1::EncryptStreamResponse>*
DataServiceAdapter::EncryptStream(grpc::CallbackServerContext* context) {
  return dispatcher_.Bidirectional<v1::EncryptStreamRequest, v1::EncryptStreamResponse>(
      context, [this](const server::CallContext& call, StreamHandler::EncryptStream& stream) {
        return streams_.Encrypt(call, stream);
      });
}

grpc::ServerBidiReactor<v1::DecryptStreamRequest, v1::DecryptStreamResponse>*
DataServiceAdapter::DecryptStream(grpc::CallbackServerContext* context) {
  return dispatcher_.Bidirectional<v1::DecryptStreamRequest, v1::DecryptStreamResponse>(
      context, [this](const server::CallContext& call, StreamHandler::DecryptStream& stream) {
        return streams_.Decrypt(call, stream);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::GenerateDataKey(
    grpc::CallbackServerContext* context, const v1::GenerateDataKeyRequest* request,
    v1::GenerateDataKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::GenerateDataKeyRequest& asked) {
        return data_.GenerateDataKey(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::DecryptDataKey(
    grpc::CallbackServerContext* context, const v1::DecryptDataKeyRequest* request,
    v1::DecryptDataKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::DecryptDataKeyRequest& asked) {
        return data_.DecryptDataKey(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::DestroyScope(grpc::CallbackServerContext* context,
                                                           const v1::DestroyScopeRequest* request,
                                                           v1::DestroyScopeResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::DestroyScopeRequest& asked) {
        return data_.DestroyScope(call, asked);
      });
}

grpc::ServerUnaryReactor* DataServiceAdapter::ReportUsage(grpc::CallbackServerContext* context,
                                                          const v1::ReportUsageRequest* request,
                                                          v1::ReportUsageResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::ReportUsageRequest& asked) {
        return data_.ReportUsage(call, asked);
      });
}

}  // namespace keyward::encryption
