#include "core/files/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/files/file_errors.h"

namespace tern {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // bytes that small values are collected to

}  // namespace

FileSink::FileSink(const std::string& path)
    : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail_file("create", path, errno);
  pending_.reserve(kPiece);
}

FileSink::~FileSink() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileSink::write(Row<const std::uint8_t> bytes) {
  if (pending_.size() + bytes.size() > kPiece) {
    flush(pending_);
    pending_.clear();
    if (bytes.size() > kPiece) return flush(bytes);
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

void FileSink::flush(Row<const std::uint8_t> bytes) {
  written_ += static_cast<std::int64_t>(bytes.size());
  if (const int error = write_all(descriptor_, bytes); error != 0) fail_write(path_, written_, error);
}

void FileSink::close() {
  flush(pending_);
  pending_.clear();
  // A matter of speed only: the pages begin to be written back, nobody waits.
  ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_write(path_, written_, errno);
}

FileSource::FileSource(const std::string& path)
    : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail_file("read", path, errno);
  struct stat status;
  const bool is_known = ::fstat(descriptor_, &status) == 0;
  if (!is_known || S_ISDIR(status.st_mode)) {
    const int error = is_known ? EISDIR : errno;
    ::close(descriptor_);
    fail_file("read", path, error);
  }
  remaining_ = static_cast<std::size_t>(status.st_size);
}

FileSource::~FileSource() { ::close(descriptor_); }

void FileSource::read(void* to, std::size_t size) {
  if (size > remaining_) {
    throw Error::failure(path_ + " ends too early: " + std::to_string(size) +
                         " bytes are expected where " + std::to_string(remaining_) + " are left");
  }
  auto* out = static_cast<std::uint8_t*>(to);
  remaining_ -= size;
  while (size > 0) {
    if (at_ < buffer_.size()) {
      const std::size_t count = std::min(size, buffer_.size() - at_);
      std::memcpy(out, buffer_.data() + at_, count);
      at_ += count;
      out += count;
      size -= count;
      continue;
    }
    const bool is_large = size >= kPiece;
    if (!is_large) buffer_.resize(kPiece);
    const ssize_t count =
        ::read(descriptor_, is_large ? out : buffer_.data(), is_large ? size : kPiece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_file("read", path_, errno);
    if (count == 0) fail_file("read", path_, EIO);  // it has become shorter
    if (is_large) {
      out += count;
      size -= static_cast<std::size_t>(count);
    } else {
      buffer_.resize(static_cast<std::size_t>(count));
      at_ = 0;
    }
  }
}

}  // namespace tern
