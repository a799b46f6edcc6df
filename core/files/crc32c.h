#pragma once
// CRC-32C (Castagnoli), the checksum of TFRecord files.

#include <cstdint>

#include "core/views.h"

namespace tern {

/// Reflected polynomial 0x82f63b78, start and final xor all ones. Source: RFC 3720, appendix B.4,
/// with test vectors.
std::uint32_t crc32c(Row<const std::uint8_t> bytes);

}  // namespace tern
