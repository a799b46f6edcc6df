#include "core/files/sha256.h"

#include <sha256.h>  // libmd's

#include <algorithm>
#include <vector>

#include "core/files/file_stream.h"

namespace tern {

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;

void Sha256::add(Row<const std::uint8_t> bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

std::string Sha256::digest() {
  std::uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, &state_->context);
  std::string text;
  const char* const digits = "0123456789abcdef";
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256(Row<const std::uint8_t> bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.digest();
}

std::string sha256_of_file(const std::string& path) {
  FileSource file(path);
  Sha256 sum;
  std::vector<std::uint8_t> piece(1 << 20);
  while (file.remaining() > 0) {
    const std::size_t size = std::min(piece.size(), file.remaining());
    file.read(piece.data(), size);
    sum.add({piece.data(), size});
  }
  return sum.digest();
}

}  // namespace tern
