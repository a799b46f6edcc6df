// Row by row, so that memory is read in its order; sums of columns stay in the first-level cache.

#include "agents/kernels/batch_norm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/batch_norm.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which sets the target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tern {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr std::size_t kLanes = hn::MaxLanes(D());

void Moments(std::size_t rows, std::size_t columns, Rows<const float> x, float* mean,
             float* variance) {
  const D d;
  const V share = hn::Set(d, 1.0f / static_cast<float>(rows));
  const auto scale = [&](float* sums) HWY_ATTR {
    for (std::size_t j = 0; j < columns; j += kLanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, sums + j), share), d, sums + j);
    }
  };
  std::fill(mean, mean + columns, 0.0f);
  std::fill(variance, variance + columns, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* in = x.data + r * x.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      hn::StoreU(hn::Add(hn::LoadU(d, mean + j), hn::LoadU(d, in + j)), d, mean + j);
    }
  }
  scale(mean);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* in = x.data + r * x.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const V centred = hn::Sub(hn::LoadU(d, in + j), hn::LoadU(d, mean + j));
      hn::StoreU(hn::MulAdd(centred, centred, hn::LoadU(d, variance + j)), d, variance + j);
    }
  }
  scale(variance);
}

void Normalize(std::size_t rows, std::size_t columns, Rows<const float> x, const float* mean,
               const float* scale, const float* shift, Rows<float> y) {
  const D d;
  for (std::size_t r = 0; r < rows; ++r) {
    const float* in = x.data + r * x.stride;
    float* out = y.data + r * y.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const V centred = hn::Sub(hn::LoadU(d, in + j), hn::LoadU(d, mean + j));
      hn::StoreU(hn::MulAdd(hn::LoadU(d, scale + j), centred, hn::LoadU(d, shift + j)), d, out + j);
    }
  }
}

void Backward(std::size_t rows, std::size_t columns, Rows<const float> x, const float* mean,
              const float* inverse_deviation, const float* scale, Rows<float> dy, float* sum_dy,
              float* sum_dy_n) {
  const D d;
  const auto normal = [&](std::size_t r, std::size_t j) HWY_ATTR {
    const V centred = hn::Sub(hn::LoadU(d, x.data + r * x.stride + j), hn::LoadU(d, mean + j));
    return hn::Mul(centred, hn::LoadU(d, inverse_deviation + j));
  };
  std::fill(sum_dy, sum_dy + columns, 0.0f);
  std::fill(sum_dy_n, sum_dy_n + columns, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* row = dy.data + r * dy.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const V g = hn::LoadU(d, row + j);
      hn::StoreU(hn::Add(hn::LoadU(d, sum_dy + j), g), d, sum_dy + j);
      hn::StoreU(hn::MulAdd(g, normal(r, j), hn::LoadU(d, sum_dy_n + j)), d, sum_dy_n + j);
    }
  }
  const V share = hn::Set(d, 1.0f / static_cast<float>(rows));
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = dy.data + r * dy.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const V mean_dy = hn::Mul(hn::LoadU(d, sum_dy + j), share);
      const V mean_dy_n = hn::Mul(hn::LoadU(d, sum_dy_n + j), share);
      const V g = hn::NegMulAdd(normal(r, j), mean_dy_n, hn::Sub(hn::LoadU(d, row + j), mean_dy));
      hn::StoreU(hn::Mul(hn::LoadU(d, scale + j), g), d, row + j);
    }
  }
}

void Scale(std::size_t rows, std::size_t columns, const float* scale, Rows<float> x) {
  const D d;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = x.data + r * x.stride;
    for (std::size_t j = 0; j < columns; j += kLanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, scale + j), hn::LoadU(d, row + j)), d, row + j);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(Moments);
HWY_EXPORT(Normalize);
HWY_EXPORT(Backward);
HWY_EXPORT(Scale);

void column_moments(std::size_t rows, std::size_t columns, Rows<const float> x, float* mean,
                    float* variance) {
  HWY_DYNAMIC_DISPATCH(Moments)(rows, columns, x, mean, variance);
}

void normalize_columns(std::size_t rows, std::size_t columns, Rows<const float> x,
                       const float* mean, const float* scale, const float* shift, Rows<float> y) {
  HWY_DYNAMIC_DISPATCH(Normalize)(rows, columns, x, mean, scale, shift, y);
}

void batch_norm_backward(std::size_t rows, std::size_t columns, Rows<const float> x,
                         const float* mean, const float* inverse_deviation, const float* scale,
                         Rows<float> dy, float* sum_dy, float* sum_dy_n) {
  HWY_DYNAMIC_DISPATCH(Backward)
  (rows, columns, x, mean, inverse_deviation, scale, dy, sum_dy, sum_dy_n);
}

void scale_columns(std::size_t rows, std::size_t columns, const float* scale, Rows<float> x) {
  HWY_DYNAMIC_DISPATCH(Scale)(rows, columns, scale, x);
}

}  // namespace tern
#endif  // HWY_ONCE
