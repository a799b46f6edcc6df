#include "render/output_file.h"

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace tern {

OutputFile::OutputFile(const std::string& path) : path_(path), part_(path + ".part") {
  file_ = std::fopen(part_.c_str(), "wb");
  if (file_ == nullptr) fail("cannot create");
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void OutputFile::write(const void* data, std::size_t size) {
  if (std::fwrite(data, 1, size, file_) != size) fail("cannot write");
}

void OutputFile::commit() {
  if (std::fflush(file_) != 0) fail("cannot write");
  const int closed = std::fclose(file_);
  file_ = nullptr;
  if (closed != 0 || std::rename(part_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::remove(part_.c_str());
    errno = reason;
    fail("cannot write");
  }
}

void OutputFile::fail(const char* what) const {
  const std::string reason = std::strerror(errno);
  const bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  throw Error::failure(std::string(what) + " '" + path_ + "': " + reason +
                       (is_full ? ". Free some space or choose another folder"
                                : ". Choose a folder that exists and that you may write to"));
}

}  // namespace tern
