#pragma once
// Mean and variance of a stream of rows, for the normalisers.

#include <cmath>
#include <cstddef>
#include <vector>

#include "core/state_io.h"

namespace tern {

/// Running mean and (population) variance of each of D columns, in double; merging a batch follows
/// Chan, Golub and LeVeque 1979.
class RunningMoments {
 public:
  explicit RunningMoments(std::size_t columns) : mean_(columns, 0.0), squares_(columns, 0.0) {}

  /// Adds `count` rows of D values, row-major, `stride` values apart (0: dense).
  template <class T>
  void add(const T* rows, std::size_t count, std::size_t stride = 0) {
    if (count == 0) return;
    const auto added = static_cast<double>(count);
    const std::size_t columns = mean_.size();
    if (stride == 0) stride = columns;
    for (std::size_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) sum += rows[i * stride + j];
      const double batch_mean = sum / added;
      double batch_squares = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const double deviation = rows[i * stride + j] - batch_mean;
        batch_squares += deviation * deviation;
      }
      const double delta = batch_mean - mean_[j];
      mean_[j] += delta * added / (count_ + added);
      squares_[j] += batch_squares + delta * delta * count_ * added / (count_ + added);
    }
    count_ += added;
  }

  double count() const { return count_; }
  double mean(std::size_t j = 0) const { return mean_[j]; }
  /// 1 until something was added.
  double variance(std::size_t j = 0) const { return count_ > 0 ? squares_[j] / count_ : 1.0; }

  void save(StateWriter& out) const { out.write(count_, mean_, squares_); }
  void load(StateReader& in) {
    in.read(count_);
    in.read(Row<double>(mean_));
    in.read(Row<double>(squares_));
  }

 private:
  double count_ = 0;
  std::vector<double> mean_, squares_;  // squares_: sum of squared deviations from the mean
};

}  // namespace tern
