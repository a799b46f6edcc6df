#pragma once
// Memory for one row with guard bytes on both sides, which tell a writer that went too far.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/// "4 bytes behind its end were overwritten", or "" where all are still `mark`: of so many bytes
/// before and behind a row. Bytes that were overwritten with what they held are not seen.
inline std::string overrun_of(const std::uint8_t* row, std::size_t bytes, std::uint8_t mark,
                              std::size_t before, std::size_t behind) {
  std::size_t last = behind;
  while (last > 0 && row[bytes + last - 1] == mark) --last;
  if (last > 0) return std::to_string(last) + " bytes behind its end were overwritten";
  std::size_t first = before;
  while (first > 0 && *(row - first) == mark) --first;
  if (first > 0) return std::to_string(first) + " bytes before its begin were overwritten";
  return "";
}

/// "the row of the mask has 3 bytes, and 1 bytes behind its end were overwritten".
inline std::string overrun_text(const std::string& name, std::size_t bytes, bool is_bytes,
                                const std::string& overrun) {
  return "the row of the " + name + " has " + std::to_string(is_bytes ? bytes : bytes / 4) +
         (is_bytes ? " bytes, and " : " values of 4 bytes, and ") + overrun;
}

class GuardedRow {
 public:
  explicit GuardedRow(std::size_t bytes) : bytes_(bytes), memory_(bytes + 2 * kGuard, kMark) {
    std::fill_n(data(), bytes, std::uint8_t{0});
  }

  std::uint8_t* data() { return memory_.data() + kGuard; }
  const std::uint8_t* data() const { return memory_.data() + kGuard; }
  std::size_t size() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  /// As overrun_of() says it.
  std::string overrun() const { return overrun_of(data(), bytes_, kMark, kGuard, kGuard); }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr std::uint8_t kMark = 0xC9;

  std::size_t bytes_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace tern
