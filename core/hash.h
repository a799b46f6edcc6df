#pragma once
// A 64-bit hash of everything added to it, to compare runs. Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "core/rng_state.h"
#include "core/views.h"

namespace tern {

/// Hashes everything added, in order, by its bits (so 0.0 and -0.0 differ). Not cryptographic: for
/// files and checkpoints there is SHA-256.
class Hash64 {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    mix(size);
    for (std::size_t i = 0; i < size; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + i, size - i < 8 ? size - i : 8);
      mix(word);
    }
  }
  void add(std::string_view text) { add(text.data(), text.size()); }
  template <class T>
  void add(Row<T> row) {
    static_assert(std::is_arithmetic<std::remove_const_t<T>>::value, "rows of plain numbers");
    add(row.data(), row.size() * sizeof(T));
  }
  template <class T, class = std::enable_if_t<std::is_arithmetic<T>::value>>
  void add(T value) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    mix(word);
  }

  std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t word) {
    std::uint64_t key = state_ ^ word;
    state_ = tern_splitmix64(&key);
  }

  std::uint64_t state_ = 0;
};

}  // namespace tern
