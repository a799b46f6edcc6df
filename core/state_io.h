#pragma once
// Exact state as bytes: what save() wrote, load() reads back in the same order.
// Header-only and C++17. Little-endian, as every machine we run on is.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "core/views.h"

namespace tern {

/// Collects values as bytes.
class StateWriter {
 public:
  template <class T>
  void write(const T& value) {
    static_assert(std::is_arithmetic<T>::value || std::is_enum<T>::value,
                  "write numbers, strings, vectors, rows or an Rng");
    append(&value, sizeof value);
  }
  void write(const std::string& text) {
    write(static_cast<std::uint64_t>(text.size()));
    append(text.data(), text.size());
  }
  void write(const Rng& rng) { append(&rng.state(), sizeof(tern_rng)); }
  template <class T>
  void write(Row<T> row) {
    static_assert(std::is_arithmetic<T>::value, "plain numbers");
    write(static_cast<std::uint64_t>(row.size()));
    append(row.data(), row.size() * sizeof(T));
  }
  template <class T>
  void write(const std::vector<T>& values) {
    static_assert(std::is_arithmetic<T>::value && !std::is_same<T, bool>::value, "plain numbers");
    write(static_cast<std::uint64_t>(values.size()));
    append(values.data(), values.size() * sizeof(T));
  }
  /// Several values at once, in order.
  template <class A, class B, class... Rest>
  void write(const A& a, const B& b, const Rest&... rest) {
    write(a);
    write(b);
    (write(rest), ...);
  }
  void append(const void* data, std::size_t size);

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }
  void clear() { bytes_.clear(); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Throws Error::failure "saved state is damaged: WHAT" unless `holds`. Whatever is read is checked
/// before it counts or points to something: checksums tell accidents, not intentions.
void check_saved(bool holds, const std::string& what);
/// The same unless a count is at least 0 and far enough from T's end to be counted on.
template <class T>
void check_saved_count(T count, const std::string& of) {
  check_saved(count >= 0 && count <= std::numeric_limits<T>::max() / 2,
              std::to_string(count) + " " + of);
}

/// Reads what a StateWriter wrote. Throws tern::Error when bytes are missing.
class StateReader {
 public:
  explicit StateReader(Row<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <class T>
  void read(T& value) {
    static_assert(std::is_arithmetic<T>::value || std::is_enum<T>::value,
                  "read numbers, strings, vectors, rows or an Rng");
    take(&value, sizeof value);
  }
  void read(bool& value) {
    std::uint8_t byte = 0;
    take(&byte, 1);
    value = byte != 0;
  }
  void read(std::string& text) {
    text.resize(read_size(1));
    take(text.data(), text.size());
  }
  void read(Rng& rng);
  /// The row must have the length that was written.
  template <class T>
  void read(Row<T> row) {
    const std::size_t size = read_size(sizeof(T));
    check_size(size, row.size());
    take(row.data(), size * sizeof(T));
  }
  template <class T>
  void read(std::vector<T>& values) {
    values.resize(read_size(sizeof(T)));
    take(values.data(), values.size() * sizeof(T));
  }
  /// An order of 0 .. row.size() - 1.
  void read_order(Row<std::int32_t> row);
  template <class A, class B, class... Rest>
  void read(A&& a, B&& b, Rest&&... rest) {
    read(std::forward<A>(a));
    read(std::forward<B>(b));
    (read(std::forward<Rest>(rest)), ...);
  }
  void take(void* out, std::size_t size);
  std::size_t remaining() const { return bytes_.size() - position_; }

 private:
  std::size_t read_size(std::size_t element_bytes);
  static void check_size(std::size_t saved, std::size_t expected);

  Row<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

}  // namespace tern

#ifndef TERN_LINKS_CORE
#define TERN_STATE_INLINE inline
#include "core/state_io-inl.h"
#endif
