#pragma once
// Views of memory that somebody else owns. Header-only and C++17.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace tern {

/// A contiguous row of `size()` values; does not own them. Like std::span, which C++17 lacks.
template <class T>
class Row {
 public:
  Row() = default;
  Row(T* data, std::size_t size) : data_(data), size_(size) {}
  /// From a vector of T (also a const one when T is const).
  template <class U, class = std::enable_if_t<std::is_same<const U, const T>::value>>
  Row(std::vector<U>& v) : data_(v.data()), size_(v.size()) {}
  template <class U, class = std::enable_if_t<std::is_same<const U, T>::value>>
  Row(const std::vector<U>& v) : data_(v.data()), size_(v.size()) {}
  /// Row<T> to Row<const T>.
  template <class U, class = std::enable_if_t<std::is_same<const U, T>::value &&
                                              !std::is_same<U, T>::value>>
  Row(Row<U> other) : data_(other.data()), size_(other.size()) {}

  T& operator[](std::size_t i) const {
    assert(i < size_);
    return data_[i];
  }
  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  Row subrow(std::size_t offset, std::size_t count) const {
    assert(offset + count <= size_);
    return Row(data_ + offset, count);
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

using FloatRow = Row<float>;
using ConstDoubleRow = Row<const double>;
using DoubleRow = ConstDoubleRow;  // its name in plugins from before
using DoubleVec = std::vector<double>;

/// One flag for each choice of each discrete action component, in order: 1 allowed, 0 not.
using MaskRow = Row<std::uint8_t>;

/// One observation, as the env's ObsSpace lays it out, written by the env: the elements of all
/// fields of float32, then those of all fields of bytes.
class ObsRow {
 public:
  ObsRow() = default;
  explicit ObsRow(FloatRow row) : floats_(row) {}
  explicit ObsRow(Row<std::uint8_t> row) : bytes_(row) {}
  /// A row that begins at `memory`, aligned for its floats, which the bytes lie behind.
  ObsRow(void* memory, std::size_t num_floats, std::size_t num_bytes)
      : floats_(static_cast<float*>(memory), num_floats),
        bytes_(static_cast<std::uint8_t*>(memory) + num_floats * sizeof(float), num_bytes) {}

  /// Element i of the float32 fields.
  float& operator[](std::size_t i) const { return floats_[i]; }
  FloatRow floats() const { return floats_; }
  /// The elements of the uint8 fields.
  Row<std::uint8_t> bytes() const { return bytes_; }
  std::size_t size() const { return floats_.size() + bytes_.size(); }
  /// Element i of all, those of bytes behind the floats.
  double value(std::size_t i) const {
    return i < floats_.size() ? static_cast<double>(floats_[i]) : bytes_[i - floats_.size()];
  }
  /// Where the row begins in memory.
  void* data() const {
    return floats_.empty() ? static_cast<void*>(bytes_.data()) : static_cast<void*>(floats_.data());
  }

 private:
  FloatRow floats_;
  Row<std::uint8_t> bytes_;
};

/// One action: int32 components (Discrete has one, MultiDiscrete several) or float32 (Box).
class ActionRow {
 public:
  ActionRow() = default;
  explicit ActionRow(Row<const std::int32_t> row) : ints_(row) {}
  explicit ActionRow(Row<const float> row) : floats_(row) {}

  /// The choice of a Discrete action, or component i of a MultiDiscrete one.
  std::int32_t discrete(std::size_t i = 0) const { return ints_[i]; }
  /// Component i of a Box action.
  float operator[](std::size_t i) const { return floats_[i]; }
  Row<const std::int32_t> ints() const { return ints_; }
  Row<const float> floats() const { return floats_; }
  std::size_t size() const { return ints_.size() + floats_.size(); }

 private:
  Row<const std::int32_t> ints_;
  Row<const float> floats_;
};

/// An action to be filled in (tern play, scripted policies).
class MutableActionRow {
 public:
  MutableActionRow() = default;
  explicit MutableActionRow(Row<std::int32_t> row) : ints_(row) {}
  explicit MutableActionRow(Row<float> row) : floats_(row) {}

  std::int32_t& discrete(std::size_t i = 0) const { return ints_[i]; }
  float& operator[](std::size_t i) const { return floats_[i]; }
  Row<std::int32_t> ints() const { return ints_; }
  Row<float> floats() const { return floats_; }
  operator ActionRow() const {
    return floats_.empty() ? ActionRow(Row<const std::int32_t>(ints_))
                           : ActionRow(Row<const float>(floats_));
  }

 private:
  Row<std::int32_t> ints_;
  Row<float> floats_;
};

}  // namespace tern
