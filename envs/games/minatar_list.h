#pragma once
// A short list in a place of its own: nothing is allocated.

#include <algorithm>
#include <string>

namespace tern::minatar {

/// At most `kCapacity` things, in the order in which they came.
template <class T, int kCapacity>
class ShortList {
 public:
  static constexpr int capacity() { return kCapacity; }
  int size() const { return size_; }
  T& operator[](int i) { return items_[i]; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

  /// A full list takes no more; only states made by hand come so far.
  void add(const T& item) {
    if (size_ < kCapacity) items_[size_++] = item;
  }
  /// Takes item i out; the order of the others stays.
  void remove(int i) {
    std::copy(items_ + i + 1, items_ + size_, items_ + i);
    --size_;
  }

  /// Lists the size, then each item (minatar_state.h).
  template <class V>
  void visit(V& v, const std::string& name) {
    v("number of " + name, size_, 0, kCapacity);
    for (int i = 0; i < size_; ++i) items_[i].visit(v, name + " " + std::to_string(i));
  }

 private:
  T items_[kCapacity];
  int size_ = 0;
};

}  // namespace tern::minatar
