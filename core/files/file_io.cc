#include "core/files/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/error.h"
#include "core/files/file_errors.h"

namespace tern {
namespace {

std::string cause_of(int error) {
  switch (error) {
    case ENOSPC:
      return "the disk is full";
    case EDQUOT:
      return "your disk quota is used up";
    case EFBIG:
      return "the file would exceed this process's size limit (see 'ulimit -f')";
    case EACCES:
    case EPERM:
      return "permission denied";
    case EROFS:
      return "the disk is mounted read-only";
    case EISDIR:
      return "it is a folder, not a file";
    case ENOENT:
      return "no such file or folder";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case EEXIST:
    case ENOTEMPTY:
      return "that name is taken already";
    case EIO:
      return "the disk reports a hardware error";
    default:
      return std::strerror(error);
  }
}

}  // namespace

void fail_file(const std::string& deed, const std::string& path, int error) {
  throw Error::failure("cannot " + deed + " " + path + ": " + cause_of(error));
}

void fail_write(const std::string& path, std::int64_t wanted, int error) {
  std::string message =
      "cannot write " + path + ": " + cause_of(error) + " (" + size_text(wanted) + " were wanted";
  if (error == ENOSPC) message += ", " + size_text(free_disk_bytes(path)) + " are free";
  throw Error::failure(message + ")");
}

int write_all(int descriptor, ByteRow bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return ENOSPC;
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

namespace {

namespace fs = std::filesystem;

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }
  /// Closes now, since some file systems report a full disk only here. Returns errno or 0.
  int close() { return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno; }

 private:
  int descriptor_;
};

/// Begins to write a file's pages back without waiting. A matter of speed only: where the file
/// system cannot, nothing is lost.
void start_writeback(int descriptor) {
  ::sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

enum class Wait { kNo, kUntilOnDisk };

/// Creates `path` and writes it. flags: O_EXCL or O_TRUNC.
void write_whole(const std::string& path, ByteRow bytes, int flags, Wait wait) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666));
  if (file.get() < 0) fail_file("create", path, errno);
  int error = write_all(file.get(), bytes);
  if (error == 0 && wait == Wait::kUntilOnDisk && ::fsync(file.get()) != 0) error = errno;
  if (error == 0 && wait == Wait::kNo) start_writeback(file.get());
  const int close_error = file.close();
  if (error == 0) error = close_error;
  if (error != 0) {
    ::unlink(path.c_str());
    fail_write(path, static_cast<std::int64_t>(bytes.size()), error);
  }
}

std::string parent_of(const std::string& path) {
  fs::path stripped(path);
  if (!stripped.has_filename()) stripped = stripped.parent_path();  // "runs/x/"
  const std::string parent = stripped.parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

ByteRow as_bytes(const std::string& text) {
  return ByteRow(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

Bytes read_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_file("read", path, errno);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail_file("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail_file("read", path, EISDIR);
  // One byte more than expected: a full read then ends at the first try.
  Bytes bytes(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t done = 0;
  while (true) {
    if (done == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_file("read", path, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

std::string read_text_file(const std::string& path) {
  const Bytes bytes = read_file(path);
  return std::string(bytes.begin(), bytes.end());
}

void sync_folder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) fail_file("open the folder", path, errno);
  // Some file systems cannot fsync a folder and say EINVAL; then there is nothing to be done.
  if (::fsync(folder.get()) != 0 && errno != EINVAL) fail_file("write the folder", path, errno);
}

void write_file_durably(const std::string& path, ByteRow bytes) {
  const fs::path target(path);
  const std::string temporary = (target.parent_path() / ("." + target.filename().string() +
                                                         ".tmp-" + std::to_string(::getpid())))
                                    .string();
  try {
    write_whole(temporary, bytes, O_TRUNC, Wait::kUntilOnDisk);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_file("write", path, errno);
  } catch (const Error& error) {
    ::unlink(temporary.c_str());
    // The user knows the file by its own name, not by the temporary one.
    std::string message = error.what();
    const std::size_t place = message.find(temporary);
    if (place != std::string::npos) message.replace(place, temporary.size(), path);
    throw Error(message, error.code());
  }
  sync_folder(parent_of(path));
}

void write_new_file(const std::string& path, ByteRow bytes) {
  write_whole(path, bytes, O_EXCL, Wait::kNo);
}

void sync_files(const std::string& folder) {
  for (const std::string& name : list_folder(folder)) {
    const std::string path = folder + "/" + name;
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) fail_file("open", path, errno);
    if (::fsync(file.get()) != 0) fail_write(path, file_bytes(path), errno);
  }
  sync_folder(folder);
}

void cut_file(const std::string& path, std::int64_t bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) fail_file("shorten", path, errno);
  if (::ftruncate(file.get(), bytes) != 0) fail_file("shorten", path, errno);
  if (::fsync(file.get()) != 0) fail_file("shorten", path, errno);
}

bool make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0) {
    if (errno == EEXIST) return false;
    fail_file("create the folder", path, errno);
  }
  sync_folder(parent_of(path));
  return true;
}

void make_folders(const std::string& path) {
  if (path.empty() || is_folder(path)) return;
  const std::string parent = parent_of(path);
  if (parent != path) make_folders(parent);
  if (!make_folder(path) && !is_folder(path)) {
    throw Error::failure("cannot create the folder " + path + ": it is a file, not a folder");
  }
}

void rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_file("rename " + from + " to", to, errno);
  const std::string from_parent = parent_of(from), to_parent = parent_of(to);
  sync_folder(to_parent);
  if (from_parent != to_parent) sync_folder(from_parent);
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return;
    fail_file("remove", path, errno);
  }
  sync_folder(parent_of(path));
}

void remove_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail_file("remove", path, error.value());
}

std::vector<std::string> list_folder(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entry(path, error);
  if (error) fail_file("list the folder", path, error.value());
  while (entry != fs::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
    if (error) fail_file("list the folder", path, error.value());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::int64_t file_bytes(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) fail_file("read", path, error.value());
  return static_cast<std::int64_t>(size);
}

std::int64_t free_disk_bytes(const std::string& path) {
  std::string place = path;
  struct statvfs status = {};
  while (::statvfs(place.c_str(), &status) != 0) {
    const std::string parent = parent_of(place);
    if (errno != ENOENT || parent == place) fail_file("find the free space of", path, errno);
    place = parent;
  }
  return static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
}

std::string size_text(std::int64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes);
  int unit = -1;
  const char* const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  while (value >= 999.95) {  // would round to 1000.0
    value /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, units[std::max(unit, 0)]);
  return text;
}

AppendFile::AppendFile(std::string path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_file("open", path_, errno);
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) {
    const int error = errno;
    ::close(std::exchange(descriptor_, -1));
    fail_file("open", path_, error);
  }
  size_ = static_cast<std::int64_t>(status.st_size);
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

void AppendFile::write(ByteRow bytes) {
  const int error = write_all(descriptor_, bytes);
  if (error != 0) {
    // Half a record would spoil those after it. Where this fails too, readers cope with a torn end.
    [[maybe_unused]] const int taken_back = ::ftruncate(descriptor_, size_);
    fail_write(path_, static_cast<std::int64_t>(bytes.size()), error);
  }
  size_ += static_cast<std::int64_t>(bytes.size());
}

void AppendFile::start_sync() {
  start_writeback(descriptor_);
}

}  // namespace tern
