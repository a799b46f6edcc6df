#pragma once
// The memory that a replay buffer lies in: pages of the process, or of a mapped file where it holds
// more than memory does. Std only.

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

/// One region, cut into arrays. Pages are zero and take no memory until they are written.
class ReplayMemory {
 public:
  /// file: "" for memory; else a path that is free. Blocks of it are reserved on the disk until the end
  /// of the process, which may come at any moment: it has its name only while this is constructed.
  /// Throws Error::failure where the system refuses.
  ReplayMemory(std::size_t bytes, const std::string& file);
  ~ReplayMemory();
  ReplayMemory(const ReplayMemory&) = delete;
  ReplayMemory& operator=(const ReplayMemory&) = delete;

  /// The next `count` values, at the start of a cache line.
  template <class T>
  T* take(std::size_t count) {
    return reinterpret_cast<T*>(take_bytes(count * sizeof(T)));
  }
  /// What `bytes` take of the region.
  static std::size_t padded(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

 private:
  static constexpr std::size_t kLine = 64;

  std::uint8_t* take_bytes(std::size_t bytes);

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0, used_ = 0;
};

}  // namespace tern
