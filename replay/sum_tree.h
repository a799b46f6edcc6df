#pragma once
// A sum tree: draws an index with a probability in proportion to its value. Std only.

#include <cstddef>
#include <vector>

#include "core/views.h"

namespace tern {

/// A binary tree whose nodes hold the sum of what is below them: set and find take log2(size) steps.
/// A node is always computed from its two children, so that sums depend on the values alone and not
/// on the order in which they were set.
class SumTree {
 public:
  /// All values are 0.
  explicit SumTree(std::size_t size);

  std::size_t size() const { return size_; }
  double value(std::size_t i) const { return nodes_[leaves_ + i]; }
  double sum() const { return nodes_[1]; }
  /// value: finite, at least 0.
  void set(std::size_t i, double value);
  /// The first i with value(0) + .. + value(i) > mass, as far as rounding allows; one whose value is
  /// above 0. mass: in [0, sum()); the sum must be above 0.
  std::size_t find(double mass) const;

  /// All values, [size].
  Row<const double> values() const { return {nodes_.data() + leaves_, size_}; }
  void set_all(Row<const double> values);

 private:
  std::size_t size_, leaves_ = 1;
  std::vector<double> nodes_;  // the root is 1, node k has 2 k and 2 k + 1 below it
};

}  // namespace tern
