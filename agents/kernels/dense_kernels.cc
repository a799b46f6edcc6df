// One register-blocked product serves forward, input gradients and weight gradients: a tile of
// outputs stays in registers over the whole depth, and bias, activation or its derivative are
// applied to it before it is stored. Highway compiles this file once for each SIMD level and picks
// one when the program runs.

#include "agents/kernels/dense_kernels.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/dense_kernels.cc"
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

// Accumulators of a tile. AVX-512 has 32 vector registers, the others 16 (AArch64's 32 would take
// more; nobody has measured it).
#if HWY_TARGET == HWY_AVX3
constexpr int kTileRows = 6, kTileVectors = 4;
constexpr int kTallRows = 12, kTallVectors = 2;
#else
constexpr int kTileRows = 6, kTileVectors = 2;
constexpr int kTallRows = 6, kTallVectors = 2;
#endif
// From here on a panel of b is copied: its rows are so far apart that they evict each other.
constexpr std::size_t kPackDepth = 48, kPackColumns = 128;

/// c[m, n] = sum over k of a[m, k] b[k, n], and what becomes of it.
struct Product {
  std::size_t rows = 0, depth = 0, columns = 0;
  const float* a = nullptr;  // element (m, k) at a[m * a_row + k * a_step]
  std::size_t a_row = 0, a_step = 0;
  const float* b = nullptr;  // row k at b + k * b_row
  std::size_t b_row = 0;
  float* c = nullptr;
  std::size_t c_row = 0;

  enum Finish { kActivate, kDerivative, kStore, kAdd };
  Finish finish = kStore;
  Activation activation = Activation::kIdentity;
  const float* bias = nullptr;     // [columns], kActivate
  const float* outputs = nullptr;  // f(..) or slopes, row m at outputs + m * outputs_row, kDerivative
  std::size_t outputs_row = 0;
};

/// The activations that are cheap enough for a product's tile.
constexpr bool fits_a_tile(Activation f) {
  return f == Activation::kIdentity || f == Activation::kTanh || f == Activation::kRelu;
}
HWY_INLINE V Activate(Activation f, V x) {
  if (f == Activation::kTanh) return RationalTanh(D(), x);
  return f == Activation::kRelu ? hn::Max(x, hn::Zero(D())) : x;
}

/// gradient * f'(x), from y = f(x), or from y = f'(x) for an f that needs_slopes.
HWY_INLINE V TimesDerivative(Activation f, V y, V gradient) {
  if (f == Activation::kSilu) return hn::Mul(gradient, y);
  if (f == Activation::kElu) {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(D())), gradient, hn::MulAdd(gradient, y, gradient));
  }
  if (f == Activation::kTanh) return hn::Mul(gradient, hn::NegMulAdd(y, y, hn::Set(D(), 1.0f)));
  if (f == Activation::kRelu) return hn::IfThenElseZero(hn::Gt(y, hn::Zero(D())), gradient);
  return gradient;
}

/// Rows m .. m + kRows - 1 and kVectors vectors of columns from n on; with kTail only `columns - n`
/// of them exist.
template <int kRows, int kVectors, bool kTail>
HWY_INLINE void Tile(const Product& p, std::size_t m, std::size_t n) {
  const D d;
  const auto mask = hn::FirstN(d, kTail ? p.columns - n - (kVectors - 1) * kLanes : kLanes);
  const auto load = [&](const float* from, int v) HWY_ATTR {
    return kTail && v == kVectors - 1 ? LoadPart(d, mask, from + v * kLanes)
                                      : hn::LoadU(d, from + v * kLanes);
  };
  V c[kRows][kVectors];
  HWY_UNROLL(16)
  for (int v = 0; v < kVectors; ++v) {
    const V start = p.finish == Product::kActivate ? load(p.bias + n, v) : hn::Zero(d);
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) c[r][v] = start;
  }
  const float* a = p.a + m * p.a_row;
  const float* b = p.b + n;
  for (std::size_t k = 0; k < p.depth; ++k, a += p.a_step, b += p.b_row) {
    V row[kVectors];
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) row[v] = load(b, v);
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      const V factor = hn::Set(d, a[static_cast<std::size_t>(r) * p.a_row]);
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) c[r][v] = hn::MulAdd(factor, row[v], c[r][v]);
    }
  }
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    const std::size_t row = m + static_cast<std::size_t>(r);
    float* out = p.c + row * p.c_row + n;
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) {
      V x = c[r][v];
      if (p.finish == Product::kActivate) {
        x = Activate(p.activation, x);
      } else if (p.finish == Product::kDerivative) {
        const V y = hn::LoadU(d, p.outputs + row * p.outputs_row + n + v * kLanes);
        x = TimesDerivative(p.activation, y, x);
      } else if (p.finish == Product::kAdd) {
        x = hn::Add(load(out, v), x);
      }
      if (!kTail || v < kVectors - 1) {
        hn::StoreU(x, d, out + v * kLanes);
      } else if (p.finish == Product::kActivate) {  // a padded row: zeros behind the columns
        hn::StoreU(hn::IfThenElseZero(mask, x), d, out + v * kLanes);
      } else {
        StorePart(d, mask, x, out + v * kLanes);
      }
    }
  }
}

/// All rows of kVectors vectors of columns, kRows at a time.
template <int kRows, int kVectors, bool kTail>
HWY_INLINE void Panel(const Product& p, std::size_t n) {
  std::size_t m = 0;
  for (; m + kRows <= p.rows; m += kRows) Tile<kRows, kVectors, kTail>(p, m, n);
  if (kRows > 8 && m + 8 <= p.rows) {
    Tile<8, kVectors, kTail>(p, m, n);
    m += 8;
  }
  if (m + 4 <= p.rows) {
    Tile<4, kVectors, kTail>(p, m, n);
    m += 4;
  }
  if (m + 2 <= p.rows) {
    Tile<2, kVectors, kTail>(p, m, n);
    m += 2;
  }
  if (m < p.rows) Tile<1, kVectors, kTail>(p, m, n);
}

template <int kVectors>
HWY_INLINE void LastPanel(const Product& p, std::size_t n) {
  if (p.columns - n == kVectors * kLanes) {
    Panel<kTileRows, kVectors, false>(p, n);
  } else {
    Panel<kTileRows, kVectors, true>(p, n);
  }
}

/// The columns in whole panels of kTallVectors, each copied to be dense; returns their number.
std::size_t MultiplyPacked(const Product& p) {
  constexpr std::size_t kWidth = kTallVectors * kLanes;
  const D d;
  thread_local std::vector<float> panel;  // grows to the largest depth, then stays
  if (panel.size() < p.depth * kWidth) panel.resize(p.depth * kWidth);
  std::size_t n = 0;
  for (; n + kWidth <= p.columns; n += kWidth) {
    for (std::size_t k = 0; k < p.depth; ++k) {
      for (std::size_t i = 0; i < kWidth; i += kLanes) {
        hn::StoreU(hn::LoadU(d, p.b + k * p.b_row + n + i), d, panel.data() + k * kWidth + i);
      }
    }
    Product packed = p;
    packed.b = panel.data();
    packed.b_row = kWidth;
    packed.c = p.c + n;
    if (p.outputs != nullptr) packed.outputs = p.outputs + n;
    if (p.bias != nullptr) packed.bias = p.bias + n;
    Panel<kTallRows, kTallVectors, false>(packed, 0);
  }
  return n;
}

HWY_NOINLINE void Multiply(const Product& p) {
  const bool packs = p.depth >= kPackDepth && p.columns >= kPackColumns && p.rows >= kTallRows;
  std::size_t n = packs ? MultiplyPacked(p) : 0;
  for (; n + kTileVectors * kLanes <= p.columns; n += kTileVectors * kLanes) {
    Panel<kTileRows, kTileVectors, false>(p, n);
  }
  if (n == p.columns) return;
  const std::size_t vectors = (p.columns - n + kLanes - 1) / kLanes;
  if (vectors == 1) LastPanel<1>(p, n);
  if (vectors == 2) LastPanel<2>(p, n);
#if HWY_TARGET == HWY_AVX3
  if (vectors == 3) LastPanel<3>(p, n);
  if (vectors == 4) LastPanel<4>(p, n);
#endif
}

void NarrowForward(const DenseLayer& layer, std::size_t rows, Rows<const float> x, Rows<float> y) {
  const D d;
  const std::size_t depth = padded(layer.inputs);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* in = x.data + r * x.stride;
    float* out = y.data + r * y.stride;
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      const float* w = layer.transposed + j * depth;
      V sum = hn::Zero(d);
      for (std::size_t k = 0; k < depth; k += kLanes) {
        sum = hn::MulAdd(hn::LoadU(d, in + k), hn::LoadU(d, w + k), sum);
      }
      out[j] = hn::GetLane(hn::SumOfLanes(d, sum)) + layer.bias[j];
    }
    std::fill(out + layer.outputs, out + kRowMultiple, 0.0f);
    for (std::size_t j = 0; j < kRowMultiple; j += kLanes) {
      hn::StoreU(Activate(layer.activation, hn::LoadU(d, out + j)), d, out + j);
    }
  }
}

/// With an activation that fits a tile.
void ForwardInTiles(const DenseLayer& layer, std::size_t rows, Rows<const float> x, Rows<float> y) {
  if (layer.is_narrow()) {
    NarrowForward(layer, rows, x, y);
    return;
  }
  Product p;
  p.rows = rows;
  p.depth = layer.inputs;
  p.columns = layer.outputs;
  p.a = x.data;
  p.a_row = x.stride;
  p.a_step = 1;
  p.b = layer.weights;
  p.b_row = layer.outputs;
  p.c = y.data;
  p.c_row = y.stride;
  p.finish = Product::kActivate;
  p.activation = layer.activation;
  p.bias = layer.bias;
  Multiply(p);
  // Vectors that lie in the padding as a whole.
  const std::size_t written = (layer.outputs + kLanes - 1) / kLanes * kLanes;
  for (std::size_t r = 0; written < padded(layer.outputs) && r < rows; ++r) {
    std::fill(y.data + r * y.stride + written, y.data + r * y.stride + padded(layer.outputs), 0.0f);
  }
}

void Forward(const DenseLayer& layer, std::size_t rows, Rows<const float> x, Rows<float> y,
             Rows<float> slopes) {
  if (fits_a_tile(layer.activation)) {
    ForwardInTiles(layer, rows, x, y);
    return;
  }
  DenseLayer sums = layer;
  sums.activation = Activation::kIdentity;
  ForwardInTiles(sums, rows, x, y);
  activate_rows(layer.activation, rows, layer.outputs, y, slopes);
}

void BackwardInputs(const DenseLayer& layer, std::size_t rows, Rows<const float> dy, Activation f,
                    Rows<const float> x, Rows<float> dx) {
  Product p;
  p.rows = rows;
  p.depth = layer.outputs;
  p.columns = padded(layer.inputs);
  p.a = dy.data;
  p.a_row = dy.stride;
  p.a_step = 1;
  p.b = layer.transposed;
  p.b_row = padded(layer.inputs);
  p.c = dx.data;
  p.c_row = dx.stride;
  p.finish = Product::kDerivative;
  p.activation = f;
  p.outputs = x.data;
  p.outputs_row = x.stride;
  Multiply(p);
}

void ScaleByDerivative(Activation f, std::size_t rows, std::size_t columns, Rows<const float> y,
                       Rows<float> dy) {
  const D d;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; j += kLanes) {
      float* at = dy.data + r * dy.stride + j;
      const V value = hn::LoadU(d, y.data + r * y.stride + j);
      hn::StoreU(TimesDerivative(f, value, hn::LoadU(d, at)), d, at);
    }
  }
}

/// out (+)= the sum of the rows of dy.
void ColumnSums(std::size_t rows, std::size_t columns, Rows<const float> dy, bool add, float* out) {
  const D d;
  for (std::size_t n = 0; n < columns; n += kLanes) {
    V even = hn::Zero(d), odd = hn::Zero(d);
    std::size_t r = 0;
    for (; r + 2 <= rows; r += 2) {
      even = hn::Add(even, hn::LoadU(d, dy.data + r * dy.stride + n));
      odd = hn::Add(odd, hn::LoadU(d, dy.data + (r + 1) * dy.stride + n));
    }
    if (r < rows) even = hn::Add(even, hn::LoadU(d, dy.data + r * dy.stride + n));
    const auto mask = hn::FirstN(d, columns - n);
    V sum = hn::Add(even, odd);
    if (add) sum = hn::Add(LoadPart(d, mask, out + n), sum);
    StorePart(d, mask, sum, out + n);
  }
}

void BackwardWeights(const DenseLayer& layer, std::size_t rows, Rows<const float> x,
                     Rows<const float> dy, bool add, float* dweights, float* dbias,
                     float* scratch) {
  ColumnSums(rows, layer.outputs, dy, add, dbias);
  Product p;
  p.depth = rows;
  if (!layer.is_narrow()) {
    p.rows = layer.inputs;
    p.columns = layer.outputs;
    p.a = x.data;
    p.a_row = 1;
    p.a_step = x.stride;
    p.b = dy.data;
    p.b_row = dy.stride;
    p.c = dweights;
    p.c_row = layer.outputs;
    p.finish = add ? Product::kAdd : Product::kStore;
    Multiply(p);
    return;
  }
  // dW^T, so that vectors run along the inputs.
  p.rows = layer.outputs;
  p.columns = padded(layer.inputs);
  p.a = dy.data;
  p.a_row = 1;
  p.a_step = dy.stride;
  p.b = x.data;
  p.b_row = x.stride;
  p.c = scratch;
  p.c_row = padded(layer.inputs);
  Multiply(p);
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      float& out = dweights[i * layer.outputs + j];
      out = (add ? out : 0.0f) + scratch[j * p.c_row + i];
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
/// out[j, i] = in[i, j] for a square of 4 x 4.
HWY_INLINE void TransposeSquare(const float* in, std::size_t in_row, float* out,
                                std::size_t out_row) {
  const hn::FixedTag<float, 4> d;
  const hn::RepartitionToWide<decltype(d)> pairs;
  const auto a = hn::LoadU(d, in), b = hn::LoadU(d, in + in_row);
  const auto c = hn::LoadU(d, in + 2 * in_row), e = hn::LoadU(d, in + 3 * in_row);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_low, ce_low)), d, out);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_low, ce_low)), d, out + out_row);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_high, ce_high)), d, out + 2 * out_row);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_high, ce_high)), d, out + 3 * out_row);
}
#endif

/// In blocks of 16 x 16, whose cache lines are read and written while they are near.
void Transpose(const float* weights, std::size_t inputs, std::size_t outputs, float* out) {
  constexpr std::size_t kBlock = 16;
  const std::size_t row = padded(inputs);
  for (std::size_t i0 = 0; i0 < inputs; i0 += kBlock) {
    for (std::size_t j0 = 0; j0 < outputs; j0 += kBlock) {
      const std::size_t i1 = std::min(i0 + kBlock, inputs), j1 = std::min(j0 + kBlock, outputs);
#if HWY_TARGET != HWY_SCALAR
      if (i1 - i0 == kBlock && j1 - j0 == kBlock) {
        for (std::size_t i = i0; i < i1; i += 4) {
          for (std::size_t j = j0; j < j1; j += 4) {
            TransposeSquare(weights + i * outputs + j, outputs, out + j * row + i, row);
          }
        }
        continue;
      }
#endif
      for (std::size_t i = i0; i < i1; ++i) {
        for (std::size_t j = j0; j < j1; ++j) out[j * row + i] = weights[i * outputs + j];
      }
    }
  }
  for (std::size_t j = 0; j < outputs; ++j)
    std::fill(out + j * row + inputs, out + (j + 1) * row, 0.0f);
}

void AddFloats(const float* a, std::size_t size, float* out) {
  const D d;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), hn::LoadU(d, a + i)), d, out + i);
  }
  for (; i < size; ++i) out[i] += a[i];
}

void TanhFloats(const float* x, std::size_t size, float* out) {
  const D d;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) hn::StoreU(RationalTanh(d, hn::LoadU(d, x + i)), d, out + i);
  for (; i < size; ++i) out[i] = hn::GetLane(RationalTanh(d, hn::Set(d, x[i])));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(Forward);
HWY_EXPORT(BackwardInputs);
HWY_EXPORT(ScaleByDerivative);
HWY_EXPORT(BackwardWeights);
HWY_EXPORT(Transpose);
HWY_EXPORT(AddFloats);
HWY_EXPORT(TanhFloats);

void dense_forward(const DenseLayer& layer, std::size_t rows, Rows<const float> x, Rows<float> y,
                   Rows<float> slopes) {
  HWY_DYNAMIC_DISPATCH(Forward)(layer, rows, x, y, slopes);
}

void dense_backward_inputs(const DenseLayer& layer, std::size_t rows, Rows<const float> dy,
                           Activation f, Rows<const float> x, Rows<float> dx) {
  HWY_DYNAMIC_DISPATCH(BackwardInputs)(layer, rows, dy, f, x, dx);
}

void times_derivative(Activation f, std::size_t rows, std::size_t columns, Rows<const float> y,
                      Rows<float> dy) {
  HWY_DYNAMIC_DISPATCH(ScaleByDerivative)(f, rows, columns, y, dy);
}

void dense_backward_weights(const DenseLayer& layer, std::size_t rows, Rows<const float> x,
                            Rows<const float> dy, bool add, float* dweights, float* dbias,
                            float* scratch) {
  HWY_DYNAMIC_DISPATCH(BackwardWeights)(layer, rows, x, dy, add, dweights, dbias, scratch);
}

void transpose_weights(const float* weights, std::size_t inputs, std::size_t outputs, float* out) {
  HWY_DYNAMIC_DISPATCH(Transpose)(weights, inputs, outputs, out);
}

void add_floats(const float* a, std::size_t size, float* out) {
  HWY_DYNAMIC_DISPATCH(AddFloats)(a, size, out);
}

void tanh_floats(const float* x, std::size_t size, float* out) {
  HWY_DYNAMIC_DISPATCH(TanhFloats)(x, size, out);
}

}  // namespace tern
#endif  // HWY_ONCE
