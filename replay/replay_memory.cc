#include "replay/replay_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "core/error.h"

namespace tern {

ReplayMemory::ReplayMemory(std::size_t bytes, const std::string& file)
    : size_(bytes == 0 ? kLine : bytes) {
  int descriptor = -1;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  if (!file.empty()) {
    descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      throw Error::failure("agent.buffer_file: cannot write " + file + ": " + std::strerror(errno));
    }
    unlink(file.c_str());
    // Without blocks of its own a full disk would end the process at a write to memory.
    if (const int error = posix_fallocate(descriptor, 0, static_cast<off_t>(size_)); error != 0) {
      close(descriptor);
      throw Error::failure("agent.buffer_file: cannot reserve " + std::to_string(size_) +
                           " bytes for " + file + ": " + std::strerror(error));
    }
    flags = MAP_SHARED;
  }
  void* mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, flags, descriptor, 0);
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  if (mapped == MAP_FAILED) {
    throw Error::failure("cannot get " + std::to_string(size_) + " bytes for the replay buffer: " +
                         std::strerror(error) + "; make agent.buffer_size smaller");
  }
  data_ = static_cast<std::uint8_t*>(mapped);
}

ReplayMemory::~ReplayMemory() {
  munmap(data_, size_);
}

std::uint8_t* ReplayMemory::take_bytes(std::size_t bytes) {
  if (padded(bytes) > size_ - used_) throw std::logic_error("replay memory was planned too small");
  std::uint8_t* taken = data_ + used_;
  used_ += padded(bytes);
  return taken;
}

}  // namespace tern
