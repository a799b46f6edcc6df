#include "agents/kernels/gru.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size, 0.0f);
}

MlpSpec as_dense(int inputs, int outputs) {
  MlpSpec spec;
  spec.inputs = inputs;
  spec.heads = {{"all", outputs, 1.0}};
  return spec;
}

}  // namespace

std::vector<ParameterInfo> gru_layout(const GruSpec& spec) {
  const std::int64_t inputs = spec.inputs, size = spec.size, gates = 3 * size;
  return {{"recurrent.input.weight", {inputs, gates}, 0, inputs * gates},
          {"recurrent.input.bias", {gates}, inputs * gates, gates},
          {"recurrent.state.weight", {size, gates}, (inputs + 1) * gates, size * gates},
          {"recurrent.state.bias", {gates}, (inputs + 1 + size) * gates, gates}};
}

void initialize_gru(const GruSpec& spec, Rng& rng, float* parameters) {
  for (const int inputs : {spec.inputs, spec.size}) {
    const MlpSpec dense = as_dense(inputs, 3 * spec.size);
    const std::vector<ParameterInfo> layout = mlp_layout(dense);
    initialize_mlp(dense, layout, rng, parameters);
    parameters += parameter_count(layout);
  }
}

Gru::Gru(const GruSpec& spec)
    : inputs_(static_cast<std::size_t>(spec.inputs)), size_(static_cast<std::size_t>(spec.size)) {
  // Narrower products go by transposed weights, which nobody needs here.
  if (3 * size_ < kNarrow) throw Error::failure("a gated recurrent unit has at least 3 numbers");
}

DenseLayer Gru::input_layer(const float* parameters) const {
  return {inputs_,
          3 * size_,
          Activation::kIdentity,
          parameters,
          parameters + inputs_ * 3 * size_,
          x_transposed_.data()};
}

DenseLayer Gru::state_layer(const float* parameters) const {
  const float* weights = parameters + (inputs_ + 1) * 3 * size_;
  return {size_,
          3 * size_,
          Activation::kIdentity,
          weights,
          weights + size_ * 3 * size_,
          transposed_.data()};
}

void Gru::reserve(const GruSequences& shape) {
  const std::size_t gates = padded(3 * size_);
  grow(x_, shape.rows() * padded(inputs_));
  grow(gates_, shape.rows() * gates);
  grow(from_state_, shape.rows() * gates);
  grow(before_, shape.rows() * padded(size_));
  grow(carry_, shape.sequences * padded(size_));
  grow(through_, shape.sequences * padded(size_));
  grow(transposed_, 3 * size_ * padded(size_));
  grow(scratch_, kNarrow * std::max(padded(inputs_), padded(size_)));
}

void Gru::advance(float* gates, const float* from_state, const float* h, float* next) const {
  float *r = gates, *z = gates + size_, *n = gates + 2 * size_;
  for (std::size_t j = 0; j < 2 * size_; ++j) gates[j] = 0.5f * (gates[j] + from_state[j]);
  tanh_floats(gates, 2 * size_, gates);  // sigmoid(a) = (1 + tanh(a / 2)) / 2
  for (std::size_t j = 0; j < 2 * size_; ++j) gates[j] = 0.5f + 0.5f * gates[j];
  for (std::size_t j = 0; j < size_; ++j) n[j] += r[j] * from_state[2 * size_ + j];
  tanh_floats(n, size_, n);
  for (std::size_t j = 0; j < size_; ++j) next[j] = (1 - z[j]) * n[j] + z[j] * h[j];
}

void Gru::forward(const float* parameters, const GruSequences& shape, const std::uint8_t* resets,
                  float* states) {
  const std::size_t gates = padded(3 * size_), h_stride = padded(size_), steps = shape.steps;
  dense_forward(input_layer(parameters), shape.rows(), {x_.data(), padded(inputs_)},
                {gates_.data(), gates});
  for (std::size_t t = 0; t < steps; ++t) {
    const std::size_t first = t * shape.sequences;  // of this step's rows
    float* before = before_.data() + first * h_stride;
    for (std::size_t s = 0; t > 0 && s < shape.sequences; ++s) {
      const std::size_t row = s * steps + t;
      if (resets != nullptr && resets[row]) {
        std::fill_n(before + s * h_stride, size_, 0.0f);
      } else {
        std::copy_n(states + (row - 1) * size_, size_, before + s * h_stride);
      }
    }
    float* from_state = from_state_.data() + first * gates;
    dense_forward(state_layer(parameters), shape.sequences, {before, h_stride},
                  {from_state, gates});
    for (std::size_t s = 0; s < shape.sequences; ++s) {
      advance(gates_.data() + (first + s) * gates, from_state + s * gates, before + s * h_stride,
              states + (s * steps + t) * size_);
    }
  }
}

void Gru::backward(const float* parameters, const GruSequences& shape, const std::uint8_t* resets,
                   const float* state_gradient, float* gradients, Rows<float> x_gradient,
                   Rows<float> h_gradient) {
  const std::size_t gates = padded(3 * size_), h_stride = padded(size_), steps = shape.steps;
  const DenseLayer of_input = input_layer(parameters), of_state = state_layer(parameters);
  transpose_weights(of_state.weights, size_, 3 * size_, transposed_.data());
  for (std::size_t t = steps; t-- > 0;) {
    const std::size_t first = t * shape.sequences;
    for (std::size_t s = 0; s < shape.sequences; ++s) {
      const std::size_t row = s * steps + t;
      float* r = gates_.data() + (first + s) * gates;
      float *z = r + size_, *n = z + size_;
      float* from_state = from_state_.data() + (first + s) * gates;
      const float* h = before_.data() + (first + s) * h_stride;
      float* carry = carry_.data() + s * h_stride;
      // What comes from the next step, unless that one began with h = 0.
      const bool goes_on = t + 1 < steps && (resets == nullptr || !resets[row + 1]);
      for (std::size_t j = 0; j < size_; ++j) {
        const float dh = state_gradient[row * size_ + j] + (goes_on ? carry[j] : 0.0f);
        const float dn = dh * (1 - z[j]) * (1 - n[j] * n[j]);
        const float dz = dh * (h[j] - n[j]) * z[j] * (1 - z[j]);
        const float dr = dn * from_state[2 * size_ + j] * r[j] * (1 - r[j]);
        carry[j] = dh * z[j];
        from_state[j] = dr;
        from_state[size_ + j] = dz;
        from_state[2 * size_ + j] = dn * r[j];
        r[j] = dr;
        z[j] = dz;
        n[j] = dn;
      }
    }
    if (t == 0 && h_gradient.data == nullptr) break;
    // carry += d through the products with h, for this step of all sequences.
    dense_backward_inputs(of_state, shape.sequences, {from_state_.data() + first * gates, gates},
                          Activation::kIdentity, {before_.data() + first * h_stride, h_stride},
                          {through_.data(), h_stride});
    add_floats(through_.data(), shape.sequences * h_stride, carry_.data());
  }
  for (std::size_t row = 0; h_gradient.data != nullptr && row < shape.rows(); ++row) {
    float* out = h_gradient.data + row * h_gradient.stride;
    std::fill_n(out, size_, 0.0f);
    if (row % steps == 0) std::copy_n(carry_.data() + row / steps * h_stride, size_, out);
  }
  if (x_gradient.data != nullptr) backward_inputs(parameters, shape, x_gradient);
  if (gradients == nullptr) return;
  dense_backward_weights(of_input, shape.rows(), {x_.data(), padded(inputs_)},
                         {gates_.data(), gates}, /*add=*/false, gradients,
                         gradients + inputs_ * 3 * size_, scratch_.data());
  float* of_weights = gradients + (inputs_ + 1) * 3 * size_;
  dense_backward_weights(of_state, shape.rows(), {before_.data(), h_stride},
                         {from_state_.data(), gates}, /*add=*/false, of_weights,
                         of_weights + size_ * 3 * size_, scratch_.data());
}

void Gru::backward_inputs(const float* parameters, const GruSequences& shape,
                          Rows<float> x_gradient) {
  const std::size_t gates = padded(3 * size_), stride = padded(inputs_);
  grow(x_transposed_, 3 * size_ * stride);
  grow(x_gradient_, shape.rows() * stride);
  const DenseLayer layer = input_layer(parameters);
  transpose_weights(layer.weights, inputs_, 3 * size_, x_transposed_.data());
  dense_backward_inputs(layer, shape.rows(), {gates_.data(), gates}, Activation::kIdentity,
                        {x_.data(), stride}, {x_gradient_.data(), stride});
  for (std::size_t row = 0; row < shape.rows(); ++row) {
    const std::size_t t = row % shape.steps, sequence = row / shape.steps;
    std::copy_n(x_gradient_.data() + (t * shape.sequences + sequence) * stride, inputs_,
                x_gradient.data + row * x_gradient.stride);
  }
}

}  // namespace tern
