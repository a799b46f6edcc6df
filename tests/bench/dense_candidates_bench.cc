// Which library multiplies the small matrices of RL fastest: one forward and backward pass of an
// MLP 4-H-H-1 (ReLU), without loss and optimiser, on one thread. A kernel benchmark: it calls no
// agent. docs/performance.md has its table and the choice. Candidates that are not installed are
// left out.
//
// Every candidate is three products; the pass is put together from them by the same code. The sgemm
// is that of the OpenBLAS that LibTorch uses: start it with 'tern exec --', which picks its core.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "core/rng.h"
#if TERN_HAS_CBLAS
#include <cblas.h>
#endif
#if TERN_HAS_ONEDNN
#include <dnnl.hpp>
#endif
#if TERN_HAS_LIBXSMM
#include <libxsmm.h>
#endif

namespace tern {
namespace {

using Floats = std::vector<float>;

void relu(float* x, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) x[i] = std::max(0.0f, x[i]);
}
void times_relu_derivative(const float* y, float* gradient, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) gradient[i] = y[i] > 0 ? gradient[i] : 0;
}
void sum_rows(const float* x, int rows, int columns, float* out) {
  std::fill(out, out + columns, 0.0f);
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < columns; ++j) out[j] += x[r * columns + j];
  }
}
void add_bias(const float* bias, int rows, int columns, float* y) {
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < columns; ++j) y[r * columns + j] += bias[j];
  }
}

// Each: C[m, n] = op(A) op(B), row-major, dense.
#if TERN_HAS_CBLAS
struct Sgemm {
  static void multiply(bool ta, bool tb, int m, int n, int k, const float* a, const float* b,
                       float* c) {
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n,
                k, 1, a, ta ? m : k, b, tb ? k : n, 0, c, n);
  }
};
#endif

#if TERN_HAS_ONEDNN
struct OneDnn {
  static void multiply(bool ta, bool tb, int m, int n, int k, const float* a, const float* b,
                       float* c) {
    using dnnl::memory;
    struct Prepared {
      dnnl::matmul primitive;
      memory a, b, c;
    };
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    static dnnl::stream stream(engine);
    static std::map<std::tuple<bool, bool, int, int, int>, Prepared> cache;
    Prepared& p = cache[{ta, tb, m, n, k}];
    if (!p.primitive) {
      const auto type = memory::data_type::f32;
      const memory::desc da({m, k}, type, ta ? memory::dims{1, m} : memory::dims{k, 1});
      const memory::desc db({k, n}, type, tb ? memory::dims{1, k} : memory::dims{n, 1});
      const memory::desc dc({m, n}, type, memory::dims{n, 1});
      p.primitive = dnnl::matmul({dnnl::matmul::desc(da, db, dc), engine});
      p.a = memory(da, engine, nullptr);
      p.b = memory(db, engine, nullptr);
      p.c = memory(dc, engine, nullptr);
    }
    p.a.set_data_handle(const_cast<float*>(a));
    p.b.set_data_handle(const_cast<float*>(b));
    p.c.set_data_handle(c);
    p.primitive.execute(stream,
                        {{DNNL_ARG_SRC, p.a}, {DNNL_ARG_WEIGHTS, p.b}, {DNNL_ARG_DST, p.c}});
  }
};
#endif

#if TERN_HAS_LIBXSMM
struct Libxsmm {  // column-major: C^T = B^T A^T. It multiplies by no transposed right factor.
  static void multiply(bool ta, bool tb, int m, int n, int k, const float* a, const float* b,
                       float* c) {
    static Floats copy_a, copy_b;
    if (ta) a = transposed(a, k, m, copy_a);
    if (tb) b = transposed(b, n, k, copy_b);
    const float one = 1, zero = 0;
    const libxsmm_blasint mm = n, nn = m, kk = k;
    libxsmm_sgemm("N", "N", &mm, &nn, &kk, &one, b, &mm, a, &kk, &zero, c, &mm);
  }
  static const float* transposed(const float* x, int rows, int columns, Floats& copy) {
    if (rows == 1 || columns == 1) return x;
    copy.resize(static_cast<std::size_t>(rows * columns));
    libxsmm_otrans(copy.data(), x, sizeof(float), columns, rows, columns, rows);
    return copy.data();
  }
};
#endif

/// Parameters and activations of 4-H-H-1.
struct Mlp {
  Mlp(int hidden, int batch)
      : h(hidden),
        b(batch),
        x(size(b, 4)),
        h1(size(b, h)),
        h2(size(b, h)),
        y(size(b, 1)),
        dy(size(b, 1)),
        d1(size(b, h)),
        d2(size(b, h)),
        w1(size(4, h)),
        b1(size(h, 1)),
        w2(size(h, h)),
        b2(size(h, 1)),
        w3(size(h, 1)),
        b3(1),
        g1(w1),
        c1(b1),
        g2(w2),
        c2(b2),
        g3(w3),
        c3(b3) {
    Rng rng(1, "candidates");
    for (Floats* each : {&x, &w1, &w2, &w3}) {
      for (float& v : *each) v = static_cast<float>(rng.normal() / std::sqrt(h));
    }
  }
  static std::size_t size(int rows, int columns) {
    return static_cast<std::size_t>(rows * columns);
  }
  int h, b;
  Floats x, h1, h2, y, dy, d1, d2, w1, b1, w2, b2, w3, b3, g1, c1, g2, c2, g3, c3;
};

template <class Candidate>
void pass(Mlp& m) {
  const auto layer = [&](const Floats& in, int inputs, const Floats& w, const Floats& bias,
                         int outputs, Floats& out) {
    Candidate::multiply(false, false, m.b, outputs, inputs, in.data(), w.data(), out.data());
    add_bias(bias.data(), m.b, outputs, out.data());
    if (outputs > 1) relu(out.data(), out.size());
  };
  layer(m.x, 4, m.w1, m.b1, m.h, m.h1);
  layer(m.h1, m.h, m.w2, m.b2, m.h, m.h2);
  layer(m.h2, m.h, m.w3, m.b3, 1, m.y);
  for (std::size_t i = 0; i < m.y.size(); ++i) m.dy[i] = m.y[i] - 1;
  const auto weights = [&](const Floats& in, int inputs, const Floats& d, int outputs, Floats& g,
                           Floats& c) {
    Candidate::multiply(true, false, inputs, outputs, m.b, in.data(), d.data(), g.data());
    sum_rows(d.data(), m.b, outputs, c.data());
  };
  const auto inputs = [&](const Floats& d, int outputs, const Floats& w, const Floats& in,
                          Floats& out) {
    Candidate::multiply(false, true, m.b, m.h, outputs, d.data(), w.data(), out.data());
    times_relu_derivative(in.data(), out.data(), out.size());
  };
  weights(m.h2, m.h, m.dy, 1, m.g3, m.c3);
  inputs(m.dy, 1, m.w3, m.h2, m.d2);
  weights(m.h1, m.h, m.d2, m.h, m.g2, m.c2);
  inputs(m.d2, m.h, m.w2, m.h1, m.d1);
  weights(m.x, 4, m.d1, m.h, m.g1, m.c1);
}

template <class Candidate>
void candidate(benchmark::State& state) {
  Mlp mlp(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    pass<Candidate>(mlp);
    benchmark::DoNotOptimize(mlp.g1.data());
    benchmark::ClobberMemory();
  }
}

/// Our kernels with everything fused, in chunks of 64 rows, of 128 in wide networks.
void highway(benchmark::State& state) {
  const auto h = static_cast<std::size_t>(state.range(0)),
             b = static_cast<std::size_t>(state.range(1));
  Mlp m(static_cast<int>(h), static_cast<int>(b));
  for (Floats* each :
       {&m.w1, &m.b1, &m.w2, &m.b2, &m.w3, &m.b3, &m.g1, &m.c1, &m.g2, &m.c2, &m.g3, &m.c3}) {
    each->resize(each->size() + kBufferSlack);
  }
  Floats x(b * 16), y(b * 16), dy(b * 16), t2(h * h), t3(h), scratch(kNarrow * h);
  const std::size_t chunk = h < 128 ? 64 : 128;
  const DenseLayer l1{4, h, Activation::kRelu, m.w1.data(), m.b1.data(), nullptr};
  const DenseLayer l2{h, h, Activation::kRelu, m.w2.data(), m.b2.data(), t2.data()};
  const DenseLayer l3{h, 1, Activation::kIdentity, m.w3.data(), m.b3.data(), t3.data()};
  for (auto _ : state) {
    transpose_weights(m.w2.data(), h, h, t2.data());
    transpose_weights(m.w3.data(), h, 1, t3.data());
    for (std::size_t row = 0; row < b; row += chunk) {
      const std::size_t rows = std::min(chunk, b - row);
      const bool add = row > 0;
      const Rows<float> in{x.data() + row * 16, 16}, out{y.data() + row * 16, 16},
          d3{dy.data() + row * 16, 16}, a1{m.h1.data(), h}, a2{m.h2.data(), h}, d1{m.d1.data(), h},
          d2{m.d2.data(), h};
      dense_forward(l1, rows, in, a1);
      dense_forward(l2, rows, a1, a2);
      dense_forward(l3, rows, a2, out);
      for (std::size_t r = 0; r < rows; ++r) d3.data[r * 16] = out.data[r * 16] - 1;
      dense_backward_weights(l3, rows, a2, d3, add, m.g3.data(), m.c3.data(), scratch.data());
      dense_backward_inputs(l3, rows, d3, Activation::kRelu, a2, d2);
      dense_backward_weights(l2, rows, a1, d2, add, m.g2.data(), m.c2.data(), scratch.data());
      dense_backward_inputs(l2, rows, d2, Activation::kRelu, a1, d1);
      dense_backward_weights(l1, rows, in, d1, add, m.g1.data(), m.c1.data(), scratch.data());
    }
    benchmark::ClobberMemory();
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int hidden : {64, 256}) {
    for (const int batch : {64, 100, 256}) benchmark->Args({hidden, batch});
  }
  benchmark->ArgNames({"H", "B"})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(highway)->Apply(sizes);
#if TERN_HAS_CBLAS
BENCHMARK_TEMPLATE(candidate, Sgemm)->Apply(sizes);
#endif
#if TERN_HAS_LIBXSMM
BENCHMARK_TEMPLATE(candidate, Libxsmm)->Apply(sizes);
#endif
#if TERN_HAS_ONEDNN
BENCHMARK_TEMPLATE(candidate, OneDnn)->Apply(sizes);
#endif

}  // namespace
}  // namespace tern

BENCHMARK_MAIN();
