#pragma once
// A file written or read piece by piece.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/files/byte_stream.h"

namespace tern {

/// Writes a file that did not exist. What goes wrong is thrown as Error::failure, naming the file;
/// nothing is on the disk for certain before sync_files().
class FileSink final : public ByteSink {
 public:
  explicit FileSink(const std::string& path);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void write(Row<const std::uint8_t> bytes) override;
  /// Hands over what is still kept back. Call it after the last write.
  void close();

 private:
  void flush(Row<const std::uint8_t> bytes);

  std::string path_;
  int descriptor_;
  std::vector<std::uint8_t> pending_;
  std::int64_t written_ = 0;
};

class FileSource final : public ByteSource {
 public:
  /// Throws Error::failure if the file cannot be read; so does read().
  explicit FileSource(const std::string& path);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  void read(void* to, std::size_t size) override;
  std::size_t remaining() const override { return remaining_; }

 private:
  std::string path_;
  int descriptor_;
  std::size_t remaining_ = 0;
  std::vector<std::uint8_t> buffer_;  // read ahead, so that small values cost no call each
  std::size_t at_ = 0;
};

}  // namespace tern
