#pragma once
// Mean and standard deviation of some numbers.

#include <cmath>
#include <cstddef>

#include "core/views.h"

namespace tern {

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  // of these numbers: the sum of squares is divided by their count
};

/// In two passes: the difference of the mean square and the squared mean has no digits left where
/// numbers lie close together and far from 0. All 0 without numbers.
inline MeanAndDeviation mean_and_deviation(Row<const double> values) {
  MeanAndDeviation result;
  if (values.empty()) return result;
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  result.mean = sum / count;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / count);
  return result;
}

}  // namespace tern
