#pragma once
// Follows a text file of lines while another process appends to it.

#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/// Gives each whole line of a growing file once. Not thread-safe.
class LineTail {
 public:
  explicit LineTail(std::string path) : path_(std::move(path)) {}

  struct News {
    /// The file is not the one that was read before: it was cut, replaced or removed. All lines
    /// given so far are void, `lines` begins anew.
    bool has_restarted = false;
    std::vector<std::string> lines;  // without newlines
  };
  /// What was appended since the last call; a last line without its newline waits for the next one.
  /// A file that does not exist has no lines. Throws Error::failure if it cannot be read.
  News read();

 private:
  std::string path_;
  std::int64_t end_ = 0;  // bytes given so far
  std::string last_;      // the last line given, with its newline: tells a file from its successor
};

}  // namespace tern
