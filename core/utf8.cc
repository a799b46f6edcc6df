#include "core/utf8.h"

#include <cstddef>
#include <cstdint>

namespace tern {
namespace {

std::uint32_t byte_at(const std::string& text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Bytes of the character that begins at `i`; 0: none does.
std::size_t character_bytes(const std::string& text, std::size_t i) {
  const std::uint32_t first = byte_at(text, i);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || i + size > text.size()) return 0;
  std::uint32_t code = first & (0x7Fu >> size);
  for (std::size_t k = 1; k < size; ++k) {
    if ((byte_at(text, i + k) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte_at(text, i + k) & 0x3F);
  }
  const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return is_overlong || is_surrogate || code > 0x10FFFF ? 0 : size;
}

/// The code of the control character that begins at `i`, which has `size` bytes; 0: it is none.
std::uint32_t control_code(const std::string& text, std::size_t i, std::size_t size) {
  const std::uint32_t first = byte_at(text, i);
  if (size == 1 && (first < 0x20 || first == 0x7F) && first != '\n' && first != '\t') return first;
  if (size == 2 && first == 0xC2 && byte_at(text, i + 1) < 0xA0) return byte_at(text, i + 1);
  return 0;
}

}  // namespace

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_bytes(text, i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

std::string shown(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_bytes(text, i);
    if (const std::uint32_t code = size == 0 ? 0 : control_code(text, i, size)) {
      constexpr const char* kDigits = "0123456789abcdef";
      result += {'\\', 'x', kDigits[code / 16], kDigits[code % 16]};
    } else {
      result += size == 0 ? "?" : text.substr(i, size);
    }
    i += size == 0 ? 1 : size;
  }
  return result;
}

}  // namespace tern
