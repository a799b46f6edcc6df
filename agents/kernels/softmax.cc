#include "agents/kernels/softmax.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/softmax.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which sets the target.
#include <hwy/highway.h>

#include "agents/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tern {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr std::size_t kLanes = hn::MaxLanes(D());

void ExpFloats(const float* x, std::size_t size, float* out) {
  const D d;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) hn::StoreU(ExpOrNan(d, hn::LoadU(d, x + i)), d, out + i);
  for (; i < size; ++i) out[i] = hn::GetLane(ExpOrNan(d, hn::Set(d, x[i])));
}

void LogSoftmaxColumns(float* x, std::size_t choices, std::size_t stride, std::size_t rows) {
  const D d;
  for (std::size_t r = 0; r < rows; r += kLanes) {
    V largest = hn::LoadU(d, x + r);
    for (std::size_t j = 1; j < choices; ++j) {
      largest = hn::Max(largest, hn::LoadU(d, x + j * stride + r));
    }
    V sum = hn::Zero(d);
    for (std::size_t j = 0; j < choices; ++j) {
      sum = hn::Add(sum, ExpOrNan(d, hn::Sub(hn::LoadU(d, x + j * stride + r), largest)));
    }
    const V log_sum = hn::IfThenElse(hn::IsNaN(sum), sum, hn::Log(d, sum));
    for (std::size_t j = 0; j < choices; ++j) {
      float* at = x + j * stride + r;
      hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(d, at), largest), log_sum), d, at);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(ExpFloats);
HWY_EXPORT(LogSoftmaxColumns);

void exp_floats(const float* x, std::size_t size, float* out) {
  HWY_DYNAMIC_DISPATCH(ExpFloats)(x, size, out);
}

void log_softmax_columns(float* x, std::size_t choices, std::size_t stride, std::size_t rows) {
  HWY_DYNAMIC_DISPATCH(LogSoftmaxColumns)(x, choices, stride, rows);
}

}  // namespace tern
#endif  // HWY_ONCE
