#include "agents/kernels/activation.h"

#include "core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/activation.cc"
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

/// y = f(y) for each vector; f may write the slope to its second argument.
template <class F>
HWY_INLINE void ForEach(std::size_t rows, std::size_t columns, Rows<float> y, Rows<float> slopes,
                        const F& f) {
  const D d;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; j += hn::Lanes(d)) {
      float* at = y.data + r * y.stride + j;
      float* slope = slopes.data == nullptr ? nullptr : slopes.data + r * slopes.stride + j;
      hn::StoreU(f(hn::LoadU(d, at), slope), d, at);
    }
  }
}

void Activate(Activation f, std::size_t rows, std::size_t columns, Rows<float> y,
              Rows<float> slopes) {
  const D d;
  switch (f) {
    case Activation::kIdentity: return;
    case Activation::kTanh:
      ForEach(rows, columns, y, {}, [&](V x, float*) HWY_ATTR { return RationalTanh(d, x); });
      return;
    case Activation::kRelu:
      ForEach(rows, columns, y, {},
              [&](V x, float*) HWY_ATTR { return hn::Max(x, hn::Zero(d)); });
      return;
    case Activation::kElu:
      ForEach(rows, columns, y, {}, [&](V x, float*) HWY_ATTR {
        return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, Expm1OrNan(d, x));
      });
      return;
    case Activation::kSilu:
      ForEach(rows, columns, y, slopes, [&](V x, float* slope) HWY_ATTR {
        const V one = hn::Set(d, 1.0f);
        const V sigmoid = hn::Div(one, hn::Add(one, ExpOrNan(d, hn::Neg(x))));
        const V out = hn::Mul(x, sigmoid);
        if (slope != nullptr) {
          hn::StoreU(hn::MulAdd(out, hn::Sub(one, sigmoid), sigmoid), d, slope);
        }
        return out;
      });
      return;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(Activate);

Activation activation_of(const std::string& name) {
  if (name == "tanh") return Activation::kTanh;
  if (name == "relu") return Activation::kRelu;
  if (name == "elu") return Activation::kElu;
  if (name == "silu") return Activation::kSilu;
  throw Error("'" + name + "' is no activation; expected tanh, relu, elu or silu");
}

void activate_rows(Activation f, std::size_t rows, std::size_t columns, Rows<float> y,
                   Rows<float> slopes) {
  HWY_DYNAMIC_DISPATCH(Activate)(f, rows, columns, y, slopes);
}

}  // namespace tern
#endif  // HWY_ONCE
