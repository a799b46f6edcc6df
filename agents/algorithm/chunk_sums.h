#pragma once
// Sums that a loss is computed in, chunk by chunk, whatever thread does which. Std only.

#include <cstddef>

#include "agents/kernels/fused_mlp.h"

namespace tern {

/// One number for each chunk of a batch, added in the order of the rows.
class ChunkSums {
 public:
  double& operator[](const Chunk& chunk) { return sums_[chunk.index]; }
  double& operator[](std::size_t chunk) { return sums_[chunk]; }
  /// The total; all are 0 again.
  double take() {
    double total = 0;
    for (double& each : sums_) {
      total += each;
      each = 0;
    }
    return total;
  }

 private:
  double sums_[kMaxChunks] = {};
};

/// The sum of a head's first column.
inline double column_sum(Rows<float> column, std::size_t rows) {
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) sum += column.data[r * column.stride];
  return sum;
}

}  // namespace tern
