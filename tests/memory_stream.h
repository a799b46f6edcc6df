#pragma once
// Streams of bytes in memory.

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "core/files/byte_stream.h"

namespace tern {

class MemorySink final : public ByteSink {
 public:
  void write(Row<const std::uint8_t> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  std::vector<std::uint8_t> bytes;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  void read(void* to, std::size_t size) override {
    if (size > remaining()) throw Error::failure("the bytes end too early");
    if (size > 0) std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
  }
  std::size_t remaining() const override { return bytes_.size() - at_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

/// What `saved.save(sink)` or `saved.save_replay(sink)` writes.
template <class Save>
std::vector<std::uint8_t> bytes_of(const Save& save) {
  MemorySink sink;
  save(sink);
  return std::move(sink.bytes);
}

}  // namespace tern
