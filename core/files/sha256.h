#pragma once
// SHA-256 (FIPS 180-4), as 64 lower-case hexadecimal digits.

#include <cstdint>
#include <string>

#include "core/views.h"

namespace tern {

std::string sha256(Row<const std::uint8_t> bytes);
/// Of a file's content. Throws Error::failure if it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace tern
