// Elementary functions on vectors of float, and vectors that are only a part of one in memory.
// Included by kernel files after hwy/highway.h, once for each SIMD level.

#if defined(TERN_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TERN_VECTOR_MATH_INL_H_
#undef TERN_VECTOR_MATH_INL_H_
#else
#define TERN_VECTOR_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tern {
namespace HWY_NAMESPACE {

/// tanh(x), 3e-7 relative, NaN for NaN. x P(x^2) / Q(x^2), fitted by us to a relative error of 2e-8
/// on [0, 9]; beyond, tanh is 1 in float. A third of the time of a tanh by way of exp.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V RationalTanh(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V limit = hn::Set(d, 9.0f);
  // In this order NaN passes: comparisons with it are false.
  V y = hn::IfThenElse(hn::Gt(x, limit), limit, x);
  y = hn::IfThenElse(hn::Lt(y, hn::Neg(limit)), hn::Neg(limit), y);
  const V t = hn::Mul(y, y);
  V p = hn::Set(d, 1.3354689309757592e-08f);
  p = hn::MulAdd(p, t, hn::Set(d, 2.0609103810363517e-05f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.0034955894877498303f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.13381026799165108f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.99999997946108716f));
  V q = hn::Set(d, 7.7765701148641037e-07f);
  q = hn::MulAdd(q, t, hn::Set(d, 0.00032856370069700264f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.02587698742107658f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.46714342393116191f));
  q = hn::MulAdd(q, t, hn::Set(d, 1.0f));
  return hn::Div(hn::Mul(y, p), q);
}

/// exp(x) and exp(x) - 1 for all: Highway's are made for numbers up to 104. Infinite beyond 88.7, NaN
/// for NaN.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V ExpOrNan(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, hn::Min(x, hn::Set(d, 104.0f))));
}
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V Expm1OrNan(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Expm1(d, hn::Min(x, hn::Set(d, 104.0f))));
}

/// The lanes of `mask` at any address, zero in the others. Narrow levels touch the whole vector
/// (kBufferSlack): their masked instructions want aligned memory.
template <class D, class M>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> LoadPart(D d, M mask, const float* from) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  return hn::MaskedLoad(mask, d, from);
#else
  return hn::IfThenElseZero(mask, hn::LoadU(d, from));
#endif
}
template <class D, class M, class V>
HWY_INLINE void StorePart(D d, M mask, V x, float* to) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  hn::BlendedStore(x, mask, d, to);
#else
  hn::StoreU(hn::IfThenElse(mask, x, hn::LoadU(d, to)), d, to);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#endif  // TERN_VECTOR_MATH_INL_H_
