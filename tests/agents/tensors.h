#pragma once
// Small tensors written out in tests.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <vector>

namespace tern {

template <class T>
at::Tensor tensor_of(std::vector<T> values, std::vector<std::int64_t> shape, at::ScalarType type) {
  if (shape.empty()) shape = {static_cast<std::int64_t>(values.size())};
  return at::from_blob(values.data(), shape, at::TensorOptions().dtype(type)).clone();
}

/// One row without a shape.
inline at::Tensor floats(const std::vector<float>& values,
                         const std::vector<std::int64_t>& shape = {}) {
  return tensor_of(values, shape, at::kFloat);
}
inline at::Tensor doubles(const std::vector<double>& values,
                          const std::vector<std::int64_t>& shape = {}) {
  return tensor_of(values, shape, at::kDouble);
}
inline at::Tensor bytes(const std::vector<std::uint8_t>& values,
                        const std::vector<std::int64_t>& shape = {}) {
  return tensor_of(values, shape, at::kByte);
}
inline at::Tensor ints(const std::vector<std::int32_t>& values,
                       const std::vector<std::int64_t>& shape = {}) {
  return tensor_of(values, shape, at::kInt);
}

/// All elements, row-major, as doubles.
inline std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const double* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

/// |a - b| / |b| in Euclidean norm.
inline double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return ((a.to(at::kDouble) - b).norm() / b.norm()).item<double>();
}

}  // namespace tern
