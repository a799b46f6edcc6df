#pragma once
// Bytes that go to or come from a file piece by piece, for what is too large to be copied whole.

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/views.h"

namespace tern {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(Row<const std::uint8_t> bytes) = 0;

  template <class T>
  void put(const T& value) {
    static_assert(std::is_arithmetic<T>::value, "plain numbers");
    write({reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }
  void put(const std::string& text) {
    put(static_cast<std::uint64_t>(text.size()));
    write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Throws Error::failure unless so many bytes are left.
  virtual void read(void* to, std::size_t size) = 0;
  virtual std::size_t remaining() const = 0;

  template <class T>
  T get() {
    static_assert(std::is_arithmetic<T>::value, "plain numbers");
    T value;
    read(&value, sizeof value);
    return value;
  }
  std::string get_text() {
    const auto size = get<std::uint64_t>();
    if (size > remaining()) throw Error::failure("saved state names a text that is longer than it");
    std::string text(static_cast<std::size_t>(size), '\0');
    read(text.data(), text.size());
    return text;
  }
};

}  // namespace tern
