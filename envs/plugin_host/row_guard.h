#pragma once
// Where a plugin writes its rows: memory of the thread's own, from which what was written is copied
// to its place. Around a row lie bytes that tell a writer that went a little too far, and behind
// them pages that nobody can write.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/error.h"

namespace tern {

/// A plugin wrote outside a row that it was given. The message names the function and the row.
class RowOverrun : public Error {
 public:
  explicit RowOverrun(const std::string& message) : Error(message, ExitCode::kFailure) {}
};

/// One of a thread, for one row at a time. What every step calls is inline.
class RowGuard {
 public:
  static constexpr std::size_t kMostBytes = 64 * 1024;  // of a row

  /// The calling thread's, made when it is first asked for. Null where there is no memory for it.
  static RowGuard* of_thread() { return own_ != nullptr ? own_ : make_own(); }
  RowGuard(const RowGuard&) = delete;
  RowGuard& operator=(const RowGuard&) = delete;
  ~RowGuard();

  /// Memory for a row of at most kMostBytes, aligned for floats, that holds what `row` does.
  std::uint8_t* lend(const std::uint8_t* row, std::size_t bytes) {
    if (bytes != bytes_) place(bytes);
    std::memcpy(row_, row, bytes);
    return row_;
  }
  /// Copies what was written back to the row that was lent. False: something was written outside.
  bool take_back(std::uint8_t* row) const {
    std::memcpy(row, row_, bytes_);
    std::uint64_t around[2 * kWords];
    std::memcpy(around, row_ - kMarks, kMarks);
    std::memcpy(around + kWords, row_ + bytes_, kMarks);
    std::uint64_t changed = 0;
    for (const std::uint64_t word : around) changed |= word ^ kMarkedWord;
    return changed == 0;
  }
  /// How much was written outside, as overrun_of() says it; the next row finds all in order.
  std::string take_overrun();

  /// Of kGuardedPagesBytes: a fault in there is a row's.
  const void* pages() const { return pages_; }

 private:
  static constexpr std::size_t kMarks = 16, kWords = kMarks / 8;  // bytes, before and behind a row
  static constexpr std::uint64_t kMarkedWord = 0xC9C9C9C9C9C9C9C9u;

  explicit RowGuard(std::uint8_t* pages) : pages_(pages) {}
  static RowGuard* make_own();
  void place(std::size_t bytes);

  static thread_local RowGuard* own_ __attribute__((tls_model("initial-exec")));
  std::uint8_t* pages_;
  std::uint8_t* row_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace tern
