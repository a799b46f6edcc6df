#include "envs/plugin_host/private_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/sha256.h"

namespace tern {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr off_t kMostBytes = off_t{1} << 30;

/// Reads up to a piece; less only at the file's end. Negative: an error.
ssize_t read_piece(int file, std::vector<std::uint8_t>& piece) {
  std::size_t filled = 0;
  while (filled < piece.size()) {
    const ssize_t count = read(file, piece.data() + filled, piece.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(filled);
}

bool write_all(int file, const std::uint8_t* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = write(file, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// Copies all of `from`, adding it to `sum`. False: reading or writing failed.
bool copy(int from, int to, Sha256& sum) {
  std::vector<std::uint8_t> piece(kPieceBytes);
  while (true) {
    const ssize_t count = read_piece(from, piece);
    if (count < 0) return false;
    const auto size = static_cast<std::size_t>(count);
    sum.add(Row<const std::uint8_t>(piece.data(), size));
    if (!write_all(to, piece.data(), size)) return false;
    if (size < piece.size()) return true;
  }
}

/// False for what is larger than any library, such as a file with a hole of a terabyte.
bool has_usual_size(int file) {
  struct stat facts = {};
  return fstat(file, &facts) == 0 && facts.st_size <= kMostBytes;
}

bool is_elf(int file) {
  char magic[4];
  return pread(file, magic, sizeof magic, 0) == sizeof magic &&
         std::memcmp(magic, "\177ELF", 4) == 0;
}

}  // namespace

PrivateCopy::PrivateCopy(const std::string& path) : original_(path), path_(path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw Error::failure("cannot read " + path + ": " + std::strerror(errno));
  if (!has_usual_size(file)) {
    close(file);
    throw Error(path + " has " + size_text(file_bytes(path)) + "; no plugin is larger than " +
                size_text(kMostBytes));
  }
  if (is_elf(file)) {
    const std::string name = path.substr(path.rfind('/') + 1).substr(0, 200);
    descriptor_ = memfd_create(name.c_str(), MFD_CLOEXEC);
    Sha256 sum;
    if (descriptor_ >= 0 && copy(file, descriptor_, sum)) {
      checksum_ = sum.digest();
      path_ = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor_);
    } else if (descriptor_ >= 0) {
      close(descriptor_);
      descriptor_ = -1;
    }
  }
  close(file);
  if (checksum_.empty()) checksum_ = sha256_of_file(path);
}

PrivateCopy::~PrivateCopy() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace tern
