#pragma once
// Files that survive crashes and full disks. Every function throws Error::failure naming the path
// and the cause when the system refuses ("disk full", "permission denied", ...).

#include <cstdint>
#include <string>
#include <vector>

#include "core/views.h"

namespace tern {

using Bytes = std::vector<std::uint8_t>;
using ByteRow = Row<const std::uint8_t>;

/// The characters of `text` as bytes; `text` must outlive the view.
ByteRow as_bytes(const std::string& text);

Bytes read_file(const std::string& path);
std::string read_text_file(const std::string& path);

/// Replaces or creates `path` so that a reader, or a crash at any moment, sees the old content or
/// the new and nothing between: a temporary file in the same folder is written, fsynced and
/// renamed, and the folder is fsynced. What was there before stays when the disk is full.
void write_file_durably(const std::string& path, ByteRow bytes);

/// Creates `path`, which must not exist, and lets the system begin to write it. For files of a
/// folder that is still being built: sync_files() puts them all on the disk at once, which takes a
/// fraction of the time of doing so one by one.
void write_new_file(const std::string& path, ByteRow bytes);
/// Waits until the folder and the files in it are on the disk.
void sync_files(const std::string& folder);

/// Shortens a file to its first `bytes` bytes and fsyncs it.
void cut_file(const std::string& path, std::int64_t bytes);

/// Creates the folder and its parents. A folder that exists is fine.
void make_folders(const std::string& path);
/// Creates one folder durably. Returns false if something of that name exists already.
bool make_folder(const std::string& path);
/// Puts names made in, or removed from, a folder on the disk.
void sync_folder(const std::string& path);
/// Renames a file, or a folder onto a name that is free, and makes that durable.
void rename_durably(const std::string& from, const std::string& to);
/// Removes one file durably. A file that does not exist is fine.
void remove_file(const std::string& path);
/// Removes a file or a folder with all in it. One that does not exist is fine. Not atomic.
void remove_tree(const std::string& path);
/// Entries of a folder in the order of their names, without "." and "..".
std::vector<std::string> list_folder(const std::string& path);

bool is_file(const std::string& path);
bool is_folder(const std::string& path);
std::int64_t file_bytes(const std::string& path);
/// Bytes that this user can still write where `path` is or would be created.
std::int64_t free_disk_bytes(const std::string& path);
/// "512 bytes", "1.5 kB", "2.3 GB" (powers of 1000).
std::string size_text(std::int64_t bytes);

/// Appends to a file, which is created if need be. Each write reaches the operating system at once,
/// so that a killed process loses nothing that it wrote. A write that fails half-way is taken back.
class AppendFile {
 public:
  explicit AppendFile(std::string path);
  ~AppendFile();
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;

  void write(ByteRow bytes);
  void write(const std::string& text) { write(as_bytes(text)); }
  /// Lets the system begin to put it on the disk, for the sake of power cuts; does not wait.
  void start_sync();
  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace tern
