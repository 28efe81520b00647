#include "services/model_deployment/receipt_signer.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/crypto/hash.h"
#include "common/crypto/jws.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "services/model_deployment/receipt_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Receipt;
using deployment::v1::ReceiptKey;
using deployment::v1::ReceiptStatement;

std::string SealingContext(const std::string& key_id) {
  return absl::StrCat("model_deployment/receipt-key/", key_id);
}

absl::StatusOr<StoredReceiptKey> MakeKey(const crypto::RootKey& root_key) {
  crypto::EcPrivateKey key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  StoredReceiptKey stored;
  stored.key_id =
      absl::BytesToHexString(crypto::Sha256(key.public_key().ToSpkiDer()).substr(0, 16));
  stored.public_key_pem = key.public_key().ToSpkiPem();
  KW_ASSIGN_OR_RETURN(stored.sealed, root_key.Seal(key.ToPkcs8(), SealingContext(stored.key_id)));
  return stored;
}

absl::StatusOr<ReceiptKey> Publish(const StoredReceiptKey& stored) {
  KW_ASSIGN_OR_RETURN(crypto::EcPublicKey key,
                      crypto::EcPublicKey::FromSpkiPem(stored.public_key_pem));
  ReceiptKey published;
  published.set_key_id(stored.key_id);
  KW_ASSIGN_OR_RETURN(*published.mutable_jwk(), auth::ToJwk(key, stored.key_id));
  published.set_public_key_pem(stored.public_key_pem);
  return published;
}

}  // namespace

server::SealedColumn ReceiptKeyColumn() {
  return {.table = "receipt_keys",
          .key = {{"key_id"}},
          .column = "sealed",
          .context = [](const std::vector<std::string>& key) { return SealingContext(key.at(0)); }};
}

absl::StatusOr<std::unique_ptr<ReceiptSigner>> ReceiptSigner::Open(storage::Database& database,
                                                                   const crypto::RootKey& root_key,
                                                                   absl::Time now) {
  std::vector<StoredReceiptKey> keys;
  KW_RETURN_IF_ERROR(database.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(keys, AllReceiptKeys(tx));
    if (!keys.empty()) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(StoredReceiptKey made, MakeKey(root_key));
    KW_RETURN_IF_ERROR(InsertReceiptKey(tx, made, now));
    keys.push_back(std::move(made));
    return absl::OkStatus();
  }));
  const StoredReceiptKey& newest = keys.back();
  KW_ASSIGN_OR_RETURN(crypto::SecretBytes der,
                      root_key.Unseal(newest.sealed, SealingContext(newest.key_id)));
  KW_ASSIGN_OR_RETURN(crypto::EcPrivateKey key, crypto::EcPrivateKey::FromPkcs8(der));
  auto signer = std::unique_ptr<ReceiptSigner>(new ReceiptSigner(std::move(key), newest.key_id));
  for (const StoredReceiptKey& stored : keys) {
    KW_ASSIGN_OR_RETURN(ReceiptKey published, Publish(stored));
    signer->published_.push_back(std::move(published));
  }
  return signer;
}

absl::StatusOr<Receipt> ReceiptSigner::Sign(const ReceiptStatement& statement) const {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(statement, &json, options).ok()) {
    return absl::InternalError("a receipt does not print as JSON");
  }
  Receipt receipt;
  receipt.set_name(statement.receipt());
  receipt.set_kind(statement.kind());
  *receipt.mutable_statement() = statement;
  KW_ASSIGN_OR_RETURN(*receipt.mutable_jws(),
                      crypto::SignJws(key_, key_id_, crypto::kReceiptType, json));
  return receipt;
}

}  // namespace keyward::model_deployment
