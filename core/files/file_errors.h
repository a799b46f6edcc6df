#pragma once
// Error messages for system calls on files that failed. Private to core/files.

#include <cstdint>
#include <string>

#include "core/views.h"

namespace tern {

/// Throws Error::failure: "cannot open PATH: permission denied". error: errno.
[[noreturn]] void fail_file(const std::string& deed, const std::string& path, int error);

/// The same for a file that could not be written: with the size that was wanted, and what is free.
[[noreturn]] void fail_write(const std::string& path, std::int64_t wanted, int error);

/// Writes all bytes; returns errno or 0.
int write_all(int descriptor, Row<const std::uint8_t> bytes);

}  // namespace tern
