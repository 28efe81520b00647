#ifndef KEYWARD_COMMON_CRYPTO_TESTING_CERTIFICATES_H_
#define KEYWARD_COMMON_CRYPTO_TESTING_CERTIFICATES_H_

namespace keyward::crypto::testing {

// Certificates whose private keys nobody has, good until 2126-11-07T02:26:24Z.

// CN=An authority of tests, CA:TRUE.
inline constexpr char kAuthorityPem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBljCCAT2gAwIBAgIUE1Hq0McYUeE03sa8kei+lhupbbwwCgYIKoZIzj0EAwIw\n"
    "IDEeMBwGA1UEAwwVQW4gYXV0aG9yaXR5IG9mIHRlc3RzMCAXDTI2MTIwMTAyMjYy\n"
    "NFoYDzIxMjYxMTA3MDIyNjI0WjAgMR4wHAYDVQQDDBVBbiBhdXRob3JpdHkgb2Yg\n"
    "dGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZQ7DCvlZnmfk9vYZGxsrw\n"
    "KM1cVydXXmaa9bV4qoOeXbmSrOAo89sn4l8X8ZbrImonH1R7Ieo+BqaPPZe5S5U8\n"
    "o1MwUTAdBgNVHQ4EFgQUv0sqNJaFfSnXkamnxguoRJuGt3gwHwYDVR0jBBgwFoAU\n"
    "v0sqNJaFfSnXkamnxguoRJuGt3gwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD\n"
    "AgNHADBEAiAMWV1NM32kG51EWP5JYry6BSrPNw7Cg0CVFukwjbe9OgIgXIHT6IUJ\n"
    "q6mT8pwBGQppWIdi8P79aAYMsXEXHfXLQpk=\n"
    "-----END CERTIFICATE-----\n";

// CN=No authority, CA:FALSE, signed by itself.
inline constexpr char kNoAuthorityPem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBgjCCASigAwIBAgIUGeMf1HFPynuNOby7uHDO0H90DcYwCgYIKoZIzj0EAwIw\n"
    "FzEVMBMGA1UEAwwMTm8gYXV0aG9yaXR5MCAXDTI2MTIwMTAyMjYyNFoYDzIxMjYx\n"
    "MTA3MDIyNjI0WjAXMRUwEwYDVQQDDAxObyBhdXRob3JpdHkwWTATBgcqhkjOPQIB\n"
    "BggqhkjOPQMBBwNCAARC3Q2hV5Gc7pxI9PM1eYXs1WTGklimTjw7dTxK5Md+6d1o\n"
    "cnHFshQ1j+kpYklgIP87oarmrfsmqNh+aCPGWAneo1AwTjAdBgNVHQ4EFgQUVp3o\n"
    "I7dZRxkUoVVTDAbFqdlWWPowHwYDVR0jBBgwFoAUVp3oI7dZRxkUoVVTDAbFqdlW\n"
    "WPowDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNIADBFAiBV5piZg1HEjSLoUke6\n"
    "amL/5ueifGNrP9H1gG0RE7RxrQIhAMTavFNSx/va7Nj1jjvwdCm7Dmvg2aaJGGUq\n"
    "suRUyWkT\n"
    "-----END CERTIFICATE-----\n";

}  // namespace keyward::crypto::testing

#endif  // KEYWARD_COMMON_CRYPTO_TESTING_CERTIFICATES_H_
