#pragma once
// A file that appears whole or not at all.

#include <cstddef>
#include <cstdio>
#include <string>

namespace tern {

/// Writes to `PATH.part`; commit() puts it in the place of PATH. Without commit() nothing is left
/// behind and what was at PATH stays. Every member throws Error::failure naming the file and the
/// system's reason (no such folder, no permission, disk full).
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(const void* data, std::size_t size);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_, part_;
  std::FILE* file_ = nullptr;
};

}  // namespace tern
