#include "services/model_deployment/unicode.h"

#include <cstddef>
#include <cstdint>

namespace keyward::model_deployment {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool IsContinuation(unsigned char c) { return (c & 0xC0) == 0x80; }

// Decodes one code point at `i` and moves past it; on malformed input returns false and moves past
// one byte.
bool DecodeOne(absl::string_view text, size_t& i, char32_t& out) {
  auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  unsigned char lead = byte(i);
  size_t length = lead < 0x80             ? 1
                  : (lead & 0xE0) == 0xC0 ? 2
                  : (lead & 0xF0) == 0xE0 ? 3
                  : (lead & 0xF8) == 0xF0 ? 4
                                          : 0;
  if (length == 0 || i + length > text.size()) {
    ++i;
    return false;
  }
  char32_t value = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (size_t k = 1; k < length; ++k) {
    if (!IsContinuation(byte(i + k))) {
      ++i;
      return false;
    }
    value = (value << 6) | (byte(i + k) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    ++i;
    return false;
  }
  i += length;
  out = value;
  return true;
}

bool In(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

}  // namespace

bool IsValidUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    char32_t ignored;
    if (!DecodeOne(text, i, ignored)) return false;
  }
  return true;
}

std::u32string DecodeUtf8(absl::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    char32_t c = kReplacement;
    DecodeOne(text, i, c);
    out.push_back(c);
  }
  return out;
}

void AppendUtf8(char32_t c, std::string& text) {
  auto tail = [&](int shift) { text.push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3F))); };
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string EncodeUtf8(std::u32string_view code_points) {
  std::string out;
  out.reserve(code_points.size());
  for (char32_t c : code_points) AppendUtf8(c, out);
  return out;
}

char32_t ToLower(char32_t c) {
  if (In(c, 'A', 'Z')) return c + 32;
  if (c < 0xC0) return c;
  if (In(c, 0xC0, 0xDE) && c != 0xD7) return c + 32;
  // Latin Extended-A: pairs that start with an even number, and some that start with an odd one.
  if (In(c, 0x100, 0x12F) || In(c, 0x132, 0x137) || In(c, 0x14A, 0x177)) return c | 1;
  if ((In(c, 0x139, 0x148) || In(c, 0x179, 0x17E)) && c % 2 == 1) return c + 1;
  if (c == 0x178) return 0xFF;
  if (In(c, 0x391, 0x3A9) && c != 0x3A2) return c + 32;
  if (c == 0x386) return 0x3AC;
  if (In(c, 0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (In(c, 0x38E, 0x38F)) return c + 63;
  if (In(c, 0x410, 0x42F)) return c + 32;
  if (In(c, 0x400, 0x40F)) return c + 80;
  if (In(c, 0x460, 0x481) || In(c, 0x490, 0x4BF) || In(c, 0x4D0, 0x52F)) return c | 1;
  if (In(c, 0x1E00, 0x1E95) || In(c, 0x1EA0, 0x1EFF)) return c | 1;
  return c;
}

char32_t ToUpper(char32_t c) {
  if (In(c, 'a', 'z')) return c - 32;
  if (c < 0xE0) return c;
  for (char32_t upper : {c - 32, c - 1, c - 80, c - 37, c - 63, c - 38, c - 64}) {
    if (upper != c && ToLower(upper) == c) return upper;
  }
  return c == 0xFF ? 0x178 : c;
}

bool IsSpace(char32_t c) {
  return c == ' ' || In(c, '\t', '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         In(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool IsDigit(char32_t c) { return In(c, '0', '9'); }

bool IsWordCharacter(char32_t c) {
  if (c < 0x80) return In(c, 'a', 'z') || In(c, 'A', 'Z') || IsDigit(c) || c == '_';
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  return c != 0xD7 && c != 0xF7 && !In(c, 0x2000, 0x206F) && !In(c, 0x3000, 0x303F) && !IsSpace(c);
}

}  // namespace keyward::model_deployment
