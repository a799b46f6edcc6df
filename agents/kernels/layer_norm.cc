#include "agents/kernels/layer_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/layer_norm.cc"
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

void Forward(std::size_t rows, std::size_t columns, const float* gain, const float* shift,
             Rows<float> x, float* inverse_deviation, Rows<float> y) {
  const D d;
  const V share = hn::Set(d, 1.0f / static_cast<float>(columns));
  const V epsilon = hn::Set(d, kLayerNormEpsilon);
  for (std::size_t r = 0; r < rows; ++r) {
    float* in = x.data + r * x.stride;
    float* out = y.data + r * y.stride;
    V sum = hn::Zero(d), squares = hn::Zero(d);
    for (std::size_t j = 0; j < columns; j += kLanes) sum = hn::Add(sum, hn::LoadU(d, in + j));
    const V mean = hn::Mul(hn::SumOfLanes(d, sum), share);
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const auto mask = hn::FirstN(d, columns - j);
      const V centred = hn::IfThenElseZero(mask, hn::Sub(hn::LoadU(d, in + j), mean));
      squares = hn::MulAdd(centred, centred, squares);
      hn::StoreU(centred, d, in + j);
    }
    const V variance = hn::Mul(hn::SumOfLanes(d, squares), share);
    const V inverse = hn::Div(hn::Set(d, 1.0f), hn::Sqrt(hn::Add(variance, epsilon)));
    inverse_deviation[r] = hn::GetLane(inverse);
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const auto mask = hn::FirstN(d, columns - j);
      const V n = hn::Mul(hn::LoadU(d, in + j), inverse);
      hn::StoreU(n, d, in + j);
      hn::StoreU(hn::MulAdd(n, LoadPart(d, mask, gain + j), LoadPart(d, mask, shift + j)), d,
                 out + j);
    }
    for (std::size_t j = (columns + kLanes - 1) / kLanes * kLanes; j < y.stride; ++j) out[j] = 0;
  }
}

void Backward(std::size_t rows, std::size_t columns, const float* gain, Rows<const float> n,
              const float* inverse_deviation, bool add, Rows<float> dy, float* dgain,
              float* dshift) {
  const D d;
  for (std::size_t j = 0; dgain != nullptr && j < columns; j += kLanes) {
    const auto mask = hn::FirstN(d, columns - j);
    V of_gain = hn::Zero(d), of_shift = hn::Zero(d);
    for (std::size_t r = 0; r < rows; ++r) {
      const V g = hn::LoadU(d, dy.data + r * dy.stride + j);
      of_gain = hn::MulAdd(g, hn::LoadU(d, n.data + r * n.stride + j), of_gain);
      of_shift = hn::Add(of_shift, g);
    }
    if (add) {
      of_gain = hn::Add(LoadPart(d, mask, dgain + j), of_gain);
      of_shift = hn::Add(LoadPart(d, mask, dshift + j), of_shift);
    }
    StorePart(d, mask, of_gain, dgain + j);
    StorePart(d, mask, of_shift, dshift + j);
  }
  // With g = gain dy:  dx = (g - mean(g) - n mean(g n)) / sqrt(..)
  const V share = hn::Set(d, 1.0f / static_cast<float>(columns));
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = dy.data + r * dy.stride;
    const float* normal = n.data + r * n.stride;
    V sum = hn::Zero(d), product = hn::Zero(d);
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const auto mask = hn::FirstN(d, columns - j);
      const V g = hn::Mul(hn::LoadU(d, row + j), LoadPart(d, mask, gain + j));
      sum = hn::Add(sum, g);
      product = hn::MulAdd(g, hn::LoadU(d, normal + j), product);
      hn::StoreU(g, d, row + j);
    }
    const V mean = hn::Mul(hn::SumOfLanes(d, sum), share);
    const V slope = hn::Mul(hn::SumOfLanes(d, product), share);
    const V inverse = hn::Set(d, inverse_deviation[r]);
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const auto mask = hn::FirstN(d, columns - j);
      const V g = hn::Sub(hn::LoadU(d, row + j), mean);
      const V dx = hn::Mul(hn::NegMulAdd(hn::LoadU(d, normal + j), slope, g), inverse);
      hn::StoreU(hn::IfThenElseZero(mask, dx), d, row + j);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void layer_norm_forward(std::size_t rows, std::size_t columns, const float* gain,
                        const float* shift, Rows<float> x, float* inverse_deviation,
                        Rows<float> y) {
  HWY_DYNAMIC_DISPATCH(Forward)(rows, columns, gain, shift, x, inverse_deviation, y);
}

void layer_norm_backward(std::size_t rows, std::size_t columns, const float* gain,
                         Rows<const float> n, const float* inverse_deviation, bool add,
                         Rows<float> dy, float* dgain, float* dshift) {
  HWY_DYNAMIC_DISPATCH(Backward)(rows, columns, gain, n, inverse_deviation, add, dy, dgain, dshift);
}

}  // namespace tern
#endif  // HWY_ONCE
