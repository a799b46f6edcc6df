// Fourier features as a link: each number with sines and cosines of its octaves.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/sin.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "agents/nn/encoder.h"
#include "agents/nn/taped_batch.h"
#include "core/trig.h"

namespace tern {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// A row x of F numbers becomes [x, sin(pi x), cos(pi x), .., sin(2^(K-1) pi x), cos(2^(K-1) pi
/// x)], F numbers each (Mildenhall et al. 2020, Eq. 4). Nothing is learned.
class FourierEncoder final : public Encoder {
 public:
  FourierEncoder(const FourierSpec& spec, std::size_t inputs)
      : inputs_(inputs), octaves_(static_cast<std::size_t>(spec.octaves)) {}

  std::size_t outputs() const override { return inputs_ * (1 + 2 * octaves_); }
  std::vector<ParameterInfo> layout() const override { return {}; }
  void initialize(Rng&, float*) const override {}
  void use_threads(TaskPool*) override {}

  void infer_on(std::size_t, const float*, const EncoderBatch& batch, float* outputs,
                Rows<float>) override {
    encode(batch, outputs);
  }
  void forward(const float*, const EncoderBatch& batch, float* outputs) override {
    encode(batch, outputs);
  }

  ///   dx = dy_0 + sum_k 2^k pi (cos(2^k pi x) dy_sin,k - sin(2^k pi x) dy_cos,k)
  void backward(const float*, const EncoderBatch& batch, const float* output_gradient,
                const EncoderGradients& to) override {
    if (to.inputs.data == nullptr) return;
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const float *x = batch.inputs[r], *dy = output_gradient + r * outputs();
      float* dx = to.inputs.data + r * to.inputs.stride;
      for (std::size_t i = 0; i < inputs_; ++i) {
        double sum = dy[i];
        for_octaves(x[i], [&](std::size_t k, const SinCos& wave) {
          const float* of_wave = dy + (1 + 2 * k) * inputs_ + i;
          sum += std::ldexp(kPi, static_cast<int>(k)) *
                 (wave.cos * of_wave[0] - wave.sin * of_wave[inputs_]);
        });
        dx[i] = static_cast<float>(sum);
      }
    }
  }

  at::Tensor on_tape(const std::vector<at::Tensor>&, const TapedBatch& batch,
                     at::Tensor*) const override {
    const at::Tensor x = batch.inputs.narrow(1, 0, static_cast<std::int64_t>(inputs_));
    std::vector<at::Tensor> parts = {x};
    for (std::size_t k = 0; k < octaves_; ++k) {
      const at::Tensor angle = x * std::ldexp(kPi, static_cast<int>(k));
      parts.push_back(at::sin(angle));
      parts.push_back(at::cos(angle));
    }
    return at::cat(parts, /*dim=*/1);
  }

 private:
  /// Sine and cosine of 2^k pi x for k = 0 .. K-1. Doubling an angle in double precision costs a
  /// bit each time, far from what a float shows.
  template <class Take>
  void for_octaves(float x, const Take& take) const {
    SinCos wave = sincos(kPi * static_cast<double>(x));
    for (std::size_t k = 0; k < octaves_; ++k) {
      take(k, wave);
      wave = {2 * wave.sin * wave.cos, 1 - 2 * wave.sin * wave.sin};
    }
  }

  void encode(const EncoderBatch& batch, float* outputs) const {
    for (std::size_t r = 0; r < batch.rows; ++r, outputs += this->outputs()) {
      const float* x = batch.inputs[r];
      std::copy_n(x, inputs_, outputs);
      for (std::size_t i = 0; i < inputs_; ++i) {
        for_octaves(x[i], [&](std::size_t k, const SinCos& wave) {
          float* to = outputs + (1 + 2 * k) * inputs_ + i;
          to[0] = static_cast<float>(wave.sin);
          to[inputs_] = static_cast<float>(wave.cos);
        });
      }
    }
  }

  std::size_t inputs_, octaves_;
};

}  // namespace

std::unique_ptr<Encoder> make_fourier_encoder(const FourierSpec& spec, std::size_t inputs) {
  return std::make_unique<FourierEncoder>(spec, inputs);
}

}  // namespace tern
