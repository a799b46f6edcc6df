#pragma once
// A shared library's file as it was when it was read. Host side.

#include <string>

namespace tern {

/// The content of a file, kept in memory under a path of its own: a build or a `cp` that writes
/// into the file while its code runs does not reach the copy. Lives as long as code of it may run.
class PrivateCopy {
 public:
  /// Throws Error::failure if the file cannot be read. What is no ELF file, or cannot be copied (no
  /// memory, a system without memfd), stays where it is: path() is the file's own then.
  explicit PrivateCopy(const std::string& path);
  ~PrivateCopy();
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;

  /// The file that was copied.
  const std::string& original() const { return original_; }
  /// What to give to the loader. It names this process, so that a debugger finds it, too.
  const std::string& path() const { return path_; }
  /// SHA-256 of the content.
  const std::string& checksum() const { return checksum_; }

 private:
  std::string original_, path_, checksum_;
  int descriptor_ = -1;
};

}  // namespace tern
