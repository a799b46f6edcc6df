#include "replay/sum_tree.h"

#include <algorithm>

namespace tern {

SumTree::SumTree(std::size_t size) : size_(size) {
  while (leaves_ < size) leaves_ *= 2;
  nodes_.assign(2 * leaves_, 0.0);
}

void SumTree::set(std::size_t i, double value) {
  std::size_t node = leaves_ + i;
  nodes_[node] = value;
  while (node > 1) {
    node /= 2;
    nodes_[node] = nodes_[2 * node] + nodes_[2 * node + 1];
  }
}

std::size_t SumTree::find(double mass) const {
  std::size_t node = 1;
  while (node < leaves_) {
    const double left = nodes_[2 * node];
    // Rounding may leave a mass of all that is below: nothing on the right is to be found then.
    const bool goes_right = mass >= left && nodes_[2 * node + 1] > 0;
    if (goes_right) mass -= left;
    node = 2 * node + (goes_right ? 1 : 0);
  }
  return node - leaves_;
}

void SumTree::set_all(Row<const double> values) {
  std::copy(values.begin(), values.end(), nodes_.begin() + static_cast<std::ptrdiff_t>(leaves_));
  for (std::size_t node = leaves_; node-- > 1;) {
    nodes_[node] = nodes_[2 * node] + nodes_[2 * node + 1];
  }
}

}  // namespace tern
