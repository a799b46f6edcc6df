#include "core/files/sha256.h"

#include <sha256.h>  // libmd's

#include <cstdint>

#include "core/files/file_io.h"

namespace tern {

std::string sha256(Row<const std::uint8_t> bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  std::uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, &context);
  std::string text;
  const char* const digits = "0123456789abcdef";
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256_of_file(const std::string& path) {
  return sha256(read_file(path));
}

}  // namespace tern
