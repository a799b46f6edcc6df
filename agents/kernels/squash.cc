#include "agents/kernels/squash.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/squash.cc"
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
constexpr float kLogTwo = 0.69314718055994530942f;

/// RationalTanh, whose last bits may lie beyond 1. NaN passes: comparisons with it are false.
HWY_INLINE V BoundedTanh(D d, V u) {
  const V one = hn::Set(d, 1.0f), y = RationalTanh(d, u);
  const V below = hn::IfThenElse(hn::Gt(y, one), one, y);
  return hn::IfThenElse(hn::Lt(below, hn::Neg(one)), hn::Neg(one), below);
}

HWY_INLINE V LogSlope(D d, V u) {
  const V size = hn::Abs(u);
  const V rest = hn::Log1p(d, hn::Exp(d, hn::Mul(hn::Set(d, -2.0f), size)));
  const V all = hn::Mul(hn::Set(d, 2.0f), hn::Sub(hn::Sub(hn::Set(d, kLogTwo), size), rest));
  return hn::IfThenElse(hn::IsNaN(u), u, all);
}

void SquashFloats(const float* u, std::size_t size, float* y, float* log_slope) {
  const D d;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    const V x = hn::LoadU(d, u + i);
    hn::StoreU(BoundedTanh(d, x), d, y + i);
    hn::StoreU(LogSlope(d, x), d, log_slope + i);
  }
  if (i == size) return;
  alignas(64) float rest[kLanes] = {}, tanhs[kLanes], slopes[kLanes];
  for (std::size_t k = i; k < size; ++k) rest[k - i] = u[k];
  const V x = hn::Load(d, rest);
  hn::Store(BoundedTanh(d, x), d, tanhs);
  hn::Store(LogSlope(d, x), d, slopes);
  for (std::size_t k = i; k < size; ++k) {
    y[k] = tanhs[k - i];
    log_slope[k] = slopes[k - i];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(SquashFloats);

void squash_floats(const float* u, std::size_t size, float* y, float* log_slope) {
  HWY_DYNAMIC_DISPATCH(SquashFloats)(u, size, y, log_slope);
}

}  // namespace tern
#endif  // HWY_ONCE
