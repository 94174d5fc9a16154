//===- Text.cpp - Showing text that comes from files ----------------------===//
//
// The escaping behind every message that quotes a file: one pass that decodes
// UTF-8 and keeps what a terminal shows as itself.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Text.h"
#include <cstdint>

using namespace ssmc;

namespace {
/// A decoded code point and its length; length 0 where the bytes are not UTF-8.
struct CodePoint {
  uint32_t value = 0;
  size_t length = 0;
};
} // namespace

static CodePoint decode(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80)
    return {first, 1};
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length)
    return {};
  uint32_t value = first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest[length] || surrogate || value > 0x10ffff)
    return {};
  return {value, length};
}

/// Whether a code point above ASCII hides or reorders the text around it.
static bool isInvisible(uint32_t value) {
  return (value >= 0x80 && value < 0xa0) || value == 0xad || value == 0x61c ||
         (value >= 0x200b && value <= 0x200f) ||
         (value >= 0x2028 && value <= 0x202e) ||
         (value >= 0x2060 && value <= 0x206f) || value == 0xfeff ||
         (value >= 0xfff9 && value <= 0xfffb) ||
         (value >= 0xe0000 && value <= 0xe007f);
}

static void appendEscaped(std::string &out, std::string_view character,
                          uint32_t value, bool valid) {
  if (valid && value == '\n') {
    out += "\\n";
  } else if (valid && value == '\t') {
    out += "\\t";
  } else if (valid && (value == '\\' || value == '\'')) {
    out += '\\';
    out += static_cast<char>(value);
  } else if (valid && value >= 0x20 && value != 0x7f && !isInvisible(value)) {
    out += character;
  } else {
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned char byte : character) {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

std::string ssmc::escaped(std::string_view text, size_t maxBytes) {
  std::string out;
  while (!text.empty()) {
    CodePoint point = decode(text);
    bool valid = point.length != 0;
    std::string_view character = text.substr(0, valid ? point.length : 1);
    size_t before = out.size();
    appendEscaped(out, character, point.value, valid);
    if (out.size() > maxBytes) {
      out.resize(before);
      return out + "...";
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string Quoted::operator()(std::string_view text, size_t maxBytes) const {
  return "'" + escaped(text, maxBytes) + "'";
}
