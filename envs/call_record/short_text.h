#pragma once
// A text of limited length, made without allocating: for signal handlers and copies of a process.

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace tern {

/// What does not fit is left out.
class ShortText {
 public:
  void add(const char* text) {
    const std::size_t size = std::min(std::strlen(text), sizeof text_ - size_);
    std::memcpy(text_ + size_, text, size);
    size_ += size;
  }
  void add(int number) {
    char digits[16] = "";
    std::to_chars(digits, digits + sizeof digits - 1, number);
    add(digits);
  }
  void write_to_stderr() const {
    // Nothing can be done here if standard error is closed.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text_, size_);
  }

 private:
  char text_[2048];
  std::size_t size_ = 0;
};

}  // namespace tern
