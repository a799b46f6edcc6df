#pragma once
// Memory for one row with guard bytes on both sides, which tell a writer that went too far.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tern {

class GuardedRow {
 public:
  explicit GuardedRow(std::size_t bytes) : bytes_(bytes), memory_(bytes + 2 * kGuard, kMark) {
    std::fill_n(data(), bytes, std::uint8_t{0});
  }

  std::uint8_t* data() { return memory_.data() + kGuard; }
  const std::uint8_t* data() const { return memory_.data() + kGuard; }
  std::size_t size() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  /// "4 bytes behind its end were overwritten", or "" where the guards are whole. Bytes that
  /// were overwritten with what they held are not seen.
  std::string overrun() const {
    const std::uint8_t* const row = data();
    std::size_t behind = 0, before = 0;
    for (std::size_t i = 0; i < kGuard; ++i) {
      if (row[bytes_ + i] != kMark) behind = i + 1;
      if (row[-1 - static_cast<std::ptrdiff_t>(i)] != kMark) before = i + 1;
    }
    if (behind > 0) return std::to_string(behind) + " bytes behind its end were overwritten";
    if (before > 0) return std::to_string(before) + " bytes before its begin were overwritten";
    return "";
  }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr std::uint8_t kMark = 0xC9;

  std::size_t bytes_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace tern
