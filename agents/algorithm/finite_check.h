#pragma once
// Looks for NaN and infinity before a step is taken, and keeps what led to them. Std only.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agents/algorithm/train_context.h"
#include "core/views.h"

namespace tern {

/// A copy of rows of `columns` values each as a [rows, columns] array.
template <class T>
NamedArray named_matrix(std::string name, const T* data, std::size_t rows, std::size_t columns) {
  return {std::move(name),
          {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
          {data, data + rows * columns}};
}
/// The same of the rows `index` only, each of which begins `stride` values after the one before.
template <class T>
NamedArray named_matrix(std::string name, const T* data, Row<const std::int32_t> index,
                        std::size_t columns, std::size_t stride) {
  NamedArray array{std::move(name),
                   {static_cast<std::int64_t>(index.size()), static_cast<std::int64_t>(columns)},
                   {}};
  for (const std::int32_t k : index) {
    const T* row = data + static_cast<std::size_t>(k) * stride;
    array.values.insert(array.values.end(), row, row + columns);
  }
  return array;
}
/// A copy of all values, or of those at `index`, as a [rows] array.
template <class T>
NamedArray named_vector(std::string name, Row<const T> values) {
  return {std::move(name),
          {static_cast<std::int64_t>(values.size())},
          {values.begin(), values.end()}};
}
template <class T>
NamedArray named_vector(std::string name, Row<const T> values, Row<const std::int32_t> index) {
  NamedArray array{std::move(name), {static_cast<std::int64_t>(index.size())}, {}};
  for (const std::int32_t k : index) array.values.push_back(values[static_cast<std::size_t>(k)]);
  return array;
}

/// The value, if it is finite; else throws NonFiniteError, keeping what arrays() returns: all that the
/// value was computed from, in the order in which one is made of the others. step: environment steps
/// done.
template <class Arrays>
double checked_finite(const char* name, double value, std::int64_t step, const Arrays& arrays) {
  if (!std::isfinite(value)) throw NonFiniteError(name, value, step, arrays());
  return value;
}

}  // namespace tern
