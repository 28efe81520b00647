#include "common/crypto/authorities.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/utc.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

// Such as "certificate 2 (CN=issuer)", with what somebody else wrote escaped.
std::string Describe(int number, X509* certificate) {
  constexpr size_t kShown = 200;
  const Bio text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  const uint8_t* name = nullptr;
  size_t size = 0;
  BIO_mem_contents(text.get(), &name, &size);
  return absl::StrCat(
      "certificate ", number, " (",
      absl::string_view(reinterpret_cast<const char*>(name), size).substr(0, kShown), ")");
}

absl::StatusOr<absl::Time> ExpiryOf(X509* certificate) {
  // The library tells a time by how far it is from another.
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0),
                                                                    &ASN1_TIME_free);
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate)) != 1) {
    return Bad("has a malformed time of expiry");
  }
  return absl::UnixEpoch() + days * absl::Hours(24) + absl::Seconds(seconds);
}

absl::Status CheckAuthority(int number, X509* certificate, absl::Time now) {
  if (X509_check_ca(certificate) == 0) {
    return Bad(absl::StrCat("must hold authorities alone; ", Describe(number, certificate),
                            " is none: give the one that signed it"));
  }
  const absl::StatusOr<absl::Time> expiry = ExpiryOf(certificate);
  if (!expiry.ok()) {
    return Bad(absl::StrCat("must hold certificates in PEM; ", Describe(number, certificate), " ",
                            expiry.status().message()));
  }
  if (*expiry >= now) return absl::OkStatus();
  return Bad(absl::StrCat("must hold authorities that are still valid; ",
                          Describe(number, certificate), " expired at ", FormatUtc(*expiry),
                          ": take it out, or give its successor"));
}

}  // namespace

absl::Status CheckAuthorities(absl::string_view pem, absl::Time now) {
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  ERR_clear_error();
  int count = 0;
  while (const Certificate certificate{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)}) {
    KW_RETURN_IF_ERROR(CheckAuthority(++count, certificate.get(), now));
  }
  const uint32_t error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return Bad(
        absl::StrCat("must hold certificates in PEM; certificate ", count + 1, " is malformed"));
  }
  if (count == 0) return Bad("must hold one certificate or more in PEM; it has none");
  return absl::OkStatus();
}

}  // namespace keyward::crypto
