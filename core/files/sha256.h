#pragma once
// SHA-256 (FIPS 180-4), as 64 lower-case hexadecimal digits.

#include <cstdint>
#include <memory>
#include <string>

#include "core/views.h"

namespace tern {

/// Of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(Row<const std::uint8_t> bytes);
  /// Of all that was added; nothing may be added after that.
  std::string digest();

 private:
  struct State;  // libmd's
  std::unique_ptr<State> state_;
};

std::string sha256(Row<const std::uint8_t> bytes);
/// Of a file's content, which is read piece by piece. Throws Error::failure if it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace tern
