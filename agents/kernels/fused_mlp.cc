#include "agents/kernels/fused_mlp.h"

#include <algorithm>

#include "agents/kernels/layer_norm.h"

namespace tern {
namespace {

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size, 0.0f);
}

}  // namespace

FusedMlp::FusedMlp(const MlpSpec& spec) : inputs_(static_cast<std::size_t>(spec.inputs)) {
  // The order of mlp_layout: layers of a trunk, then its heads, each weights, bias, norm.
  std::size_t offset = 0;
  const auto add_layer = [&](std::size_t inputs, int outputs, Activation activation,
                             bool has_norm) {
    Layer layer;
    layer.inputs = inputs;
    layer.outputs = static_cast<std::size_t>(outputs);
    layer.activation = activation;
    layer.has_norm = has_norm;
    layer.weights = offset;
    layer.bias = layer.weights + inputs * layer.outputs;
    layer.gain = layer.bias + layer.outputs;
    layer.shift = layer.gain + layer.outputs;
    offset = has_norm ? layer.shift + layer.outputs : layer.gain;
    layers_.push_back(layer);
    return layers_.size() - 1;
  };
  const Activation activation = activation_of(spec.activation);
  const auto add_trunk = [&] {
    std::size_t inputs = inputs_;
    trunks_.emplace_back();
    for (const int size : spec.hidden_sizes) {
      trunks_.back().hidden.push_back(add_layer(inputs, size, activation, spec.layer_norm));
      inputs = static_cast<std::size_t>(size);
      widest_ = std::max(widest_, inputs);
    }
    return inputs;
  };
  std::size_t features = 0;
  if (spec.share_trunk) features = add_trunk();
  for (const Head& head : spec.heads) {
    if (!spec.share_trunk) features = add_trunk();
    trunks_.back().heads.push_back(
        head.gives_hidden
            ? kHidden
            : add_layer(features, head.size, Activation::kIdentity, /*has_norm=*/false));
    head_offsets_.push_back(head_stride_);
    head_sizes_.push_back(static_cast<std::size_t>(head.size));
    output_columns_ += head_sizes_.back();
    head_stride_ += padded(head_sizes_.back());
  }
  first_free_ = offset;
  workspaces_.resize(1);
}

void FusedMlp::use_threads(TaskPool* pool) {
  pool_ = pool;
  workspaces_.resize(threads());
  // All of it now: which thread computes first, and when, is chance.
  for (std::size_t i = 0; threads() > 1 && i < threads(); ++i) reserve(i, base_rows());
}

std::size_t FusedMlp::chunk_rows(std::size_t rows) const {
  const std::size_t base = base_rows();
  const std::size_t least = (rows + kMaxChunks - 1) / kMaxChunks;
  return std::max<std::size_t>(1, (least + base - 1) / base) * base;
}

Chunk FusedMlp::chunk(std::size_t rows, std::size_t index) const {
  const std::size_t size = chunk_rows(rows);
  return {index, index * size, std::min(rows, (index + 1) * size)};
}

std::vector<Chunk> FusedMlp::chunks(std::size_t rows) const {
  std::vector<Chunk> all;
  for (std::size_t i = 0; i < chunk_count(rows); ++i) all.push_back(chunk(rows, i));
  return all;
}

void FusedMlp::reserve(std::size_t rows, Workspace& w) const {
  if (w.outputs.size() >= rows * head_stride_) return;
  std::size_t widest = padded(inputs_);
  for (auto* each :
       {&w.activations, &w.transposed, &w.slopes, &w.normalized, &w.inverse_deviation}) {
    each->resize(layers_.size());
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    widest = std::max(widest, padded(layer.outputs));
    grow(w.transposed[i], layer.outputs * padded(layer.inputs));
    const std::size_t size = rows * padded(layer.outputs);
    if (layer.activation != Activation::kIdentity) grow(w.activations[i], size);
    if (needs_slopes(layer.activation)) grow(w.slopes[i], size);
    if (!layer.has_norm) continue;
    grow(w.normalized[i], size);
    grow(w.inverse_deviation[i], rows);
  }
  grow(w.inputs, rows * padded(inputs_));
  grow(w.outputs, rows * head_stride_);
  grow(w.output_gradient, rows * head_stride_);
  for (std::vector<float>& delta : w.delta) grow(delta, rows * widest);
  grow(w.scratch, kNarrow * widest);
}

void FusedMlp::transpose(const float* parameters, Transposes which, Workspace& w) const {
  for (const Trunk& trunk : trunks_) {
    const auto transpose_one = [&](std::size_t index, bool is_first) {
      const Layer& layer = layers_[index];
      const bool backward =
          which == Transposes::kForInputs || (which == Transposes::kForTraining && !is_first);
      if (!backward && layer.outputs >= kNarrow) return;
      transpose_weights(parameters + layer.weights, layer.inputs, layer.outputs,
                        w.transposed[index].data());
    };
    for (std::size_t i = 0; i < trunk.hidden.size(); ++i) transpose_one(trunk.hidden[i], i == 0);
    for (const std::size_t head : trunk.heads) {
      if (head != kHidden) transpose_one(head, trunk.hidden.empty());
    }
  }
}

DenseLayer FusedMlp::dense(const float* parameters, std::size_t layer, const Workspace& w) const {
  const Layer& l = layers_[layer];
  return {l.inputs,
          l.outputs,
          l.has_norm ? Activation::kIdentity : l.activation,
          parameters + l.weights,
          parameters + l.bias,
          w.transposed[layer].data()};
}

Rows<float> FusedMlp::forward_hidden(const float* parameters, std::size_t layer, std::size_t rows,
                                     Rows<float> features, Workspace& w) const {
  const Layer& l = layers_[layer];
  const Rows<float> y = rows_of(w.activations, layer), slopes = rows_of(w.slopes, layer);
  if (!l.has_norm) {
    dense_forward(dense(parameters, layer, w), rows, features, y, slopes);
    return y;
  }
  const Rows<float> sums = rows_of(w.normalized, layer);
  dense_forward(dense(parameters, layer, w), rows, features, sums);
  layer_norm_forward(rows, l.outputs, parameters + l.gain, parameters + l.shift, sums,
                     w.inverse_deviation[layer].data(), y);
  activate_rows(l.activation, rows, l.outputs, y, slopes);
  return y;
}

void FusedMlp::forward(const float* parameters, const BatchInputs& inputs, const Chunk& chunk,
                       std::size_t trunks, Workspace& w) const {
  const Rows<float> x{w.inputs.data(), padded(inputs_)};
  for (std::size_t r = 0; r < chunk.rows(); ++r) {
    std::copy_n(inputs.row(chunk.begin + r, inputs_), inputs_, x.data + r * x.stride);
  }
  std::size_t head_index = 0;
  for (std::size_t t = 0; t < trunks; ++t) {
    const Trunk& trunk = trunks_[t];
    Rows<float> features = x;
    for (const std::size_t layer : trunk.hidden) {
      features = forward_hidden(parameters, layer, chunk.rows(), features, w);
    }
    for (const std::size_t head : trunk.heads) {
      const Rows<float> outputs = heads(w.outputs)[head_index];
      const std::size_t size = head_sizes_[head_index++];
      if (head != kHidden) {
        dense_forward(dense(parameters, head, w), chunk.rows(), features, outputs);
        continue;
      }
      for (std::size_t r = 0; r < chunk.rows(); ++r) {
        std::copy_n(features.data + r * features.stride, size, outputs.data + r * outputs.stride);
      }
    }
  }
}

void FusedMlp::backward(const float* parameters, const Chunk& chunk, std::size_t trunks, bool add,
                        float* gradients, float* input_gradient, Workspace& w) const {
  const std::size_t rows = chunk.rows();
  const Rows<float> x{w.inputs.data(), padded(inputs_)};
  std::size_t head_index = 0;
  for (std::size_t t = 0; t < trunks; ++t) {
    const Trunk& trunk = trunks_[t];
    const bool needs_inputs = input_gradient != nullptr;
    // What lies below layer `i` of the stack (its size: below the heads).
    const auto below = [&](std::size_t i) {
      return i == 0 ? x : rows_of(w.activations, trunk.hidden[i - 1]);
    };
    const auto activation_below = [&](std::size_t i) {
      return i == 0 ? Activation::kIdentity : layers_[trunk.hidden[i - 1]].activation;
    };
    // What its derivative is computed from.
    const auto slopes_below = [&](std::size_t i) {
      return needs_slopes(activation_below(i)) ? rows_of(w.slopes, trunk.hidden[i - 1]) : below(i);
    };
    const auto weights = [&](std::size_t layer, std::size_t depth, Rows<const float> dy) {
      if (gradients == nullptr) return;
      dense_backward_weights(dense(parameters, layer, w), rows, below(depth), dy, add,
                             gradients + layers_[layer].weights, gradients + layers_[layer].bias,
                             w.scratch.data());
    };
    const auto inputs = [&](std::size_t layer, std::size_t depth, Rows<const float> dy,
                            float* out) {
      const Rows<float> dx{out, padded(layers_[layer].inputs)};
      dense_backward_inputs(dense(parameters, layer, w), rows, dy, activation_below(depth),
                            slopes_below(depth), dx);
      return dx;
    };

    const std::size_t top = trunk.hidden.size();
    Rows<float> delta;
    for (const std::size_t head : trunk.heads) {
      const Rows<float> dy = heads(w.output_gradient)[head_index++];
      if (head == kHidden) continue;
      weights(head, top, dy);
      if (top == 0 && !needs_inputs) continue;
      const bool is_first = delta.data == nullptr;
      const Rows<float> dx = inputs(head, top, dy, w.delta[is_first ? 0 : 1].data());
      if (is_first) {
        delta = dx;
      } else {
        add_floats(dx.data, rows * dx.stride, delta.data);
      }
    }
    for (std::size_t i = top; i-- > 0;) {
      const Layer& l = layers_[trunk.hidden[i]];
      if (l.has_norm) {
        layer_norm_backward(rows, l.outputs, parameters + l.gain,
                            rows_of(w.normalized, trunk.hidden[i]),
                            w.inverse_deviation[trunk.hidden[i]].data(), add, delta,
                            gradients == nullptr ? nullptr : gradients + l.gain,
                            gradients == nullptr ? nullptr : gradients + l.shift);
      }
      weights(trunk.hidden[i], i, delta);
      if (i == 0 && !needs_inputs) break;
      delta = inputs(trunk.hidden[i], i, delta, w.delta[(top - i) % 2].data());
    }
    for (std::size_t r = 0; needs_inputs && r < rows; ++r) {
      float* out = input_gradient + (chunk.begin + r) * inputs_;
      if (t == 0) std::fill_n(out, inputs_, 0.0f);
      for (std::size_t j = 0; j < inputs_; ++j) out[j] += delta.data[r * delta.stride + j];
    }
  }
}

void FusedMlp::infer_chunk(const float* parameters, const BatchInputs& inputs, std::size_t index,
                           float* outputs, Workspace& w) const {
  const Chunk chunk{index, index * base_rows(), std::min(inputs.rows, (index + 1) * base_rows())};
  forward(parameters, inputs, chunk, trunks_.size(), w);
  copy_outputs(chunk, w, outputs);
}

void FusedMlp::copy_outputs(const Chunk& chunk, const Workspace& w, float* outputs) const {
  for (std::size_t r = 0; r < chunk.rows(); ++r) {
    float* out = outputs + (chunk.begin + r) * output_columns_;
    for (std::size_t h = 0; h < head_sizes_.size(); ++h) {
      out =
          std::copy_n(w.outputs.data() + r * head_stride_ + head_offsets_[h], head_sizes_[h], out);
    }
  }
}

void FusedMlp::infer_on(std::size_t thread, const float* parameters, const BatchInputs& inputs,
                        float* outputs) {
  reserve(thread, std::min(inputs.rows, base_rows()));
  Workspace& w = workspaces_[thread];
  transpose(parameters, Transposes::kForInference, w);
  for (std::size_t i = 0; i * base_rows() < inputs.rows; ++i) {
    infer_chunk(parameters, inputs, i, outputs, w);
  }
}

void FusedMlp::infer(const float* parameters, const BatchInputs& inputs, float* outputs) {
  const std::size_t count = (inputs.rows + base_rows() - 1) / base_rows();
  if (count <= 1 || threads() == 1) {
    infer_on(0, parameters, inputs, outputs);
    return;
  }
  for (std::size_t thread = 0; thread < threads(); ++thread) {
    reserve(thread, base_rows());
    workspaces_[thread].is_prepared = false;
  }
  pool_->run(count, [&](std::size_t i, std::size_t thread) {
    Workspace& w = workspaces_[thread];
    prepare(parameters, Transposes::kForInference, w);
    infer_chunk(parameters, inputs, i, outputs, w);
  });
}

void FusedMlp::prepare(const float* parameters, Transposes which, Workspace& w) const {
  if (!w.is_prepared) transpose(parameters, which, w);
  w.is_prepared = true;
}

template <class Compute>
void FusedMlp::run_chunks(std::size_t count, float* gradients, const Compute& compute) {
  if (count <= 1 || threads() == 1) {
    for (std::size_t i = 0; i < count; ++i) compute(i, /*add=*/true, gradients, std::size_t{0});
    return;
  }
  if (gradients == nullptr) {
    pool_->run(count, [&](std::size_t i, std::size_t thread) {
      compute(i, /*add=*/false, static_cast<float*>(nullptr), thread);
    });
    return;
  }
  if (partial_.size() < count) partial_.resize(count);
  for (std::size_t i = 0; i < count; ++i) grow(partial_[i], first_free_ + kBufferSlack);
  pool_->run(count, [&](std::size_t i, std::size_t thread) {
    compute(i, /*add=*/false, partial_[i].data(), thread);
  });
  // In the order in which one thread adds them in place.
  for (std::size_t i = 0; i < count; ++i) add_floats(partial_[i].data(), first_free_, gradients);
}

void FusedMlp::accumulate_gradient(const float* parameters, const BatchInputs& inputs,
                                   ChunkLoss loss, float* gradients, float* input_gradient,
                                   std::size_t trunks) {
  const Transposes transposes =
      input_gradient == nullptr ? Transposes::kForTraining : Transposes::kForInputs;
  trunks = std::min(trunks, trunks_.size());
  for (std::size_t thread = 0; thread < threads(); ++thread) {
    reserve(thread, std::min(inputs.rows, chunk_rows(inputs.rows)));
    workspaces_[thread].is_prepared = false;
  }
  run_chunks(chunk_count(inputs.rows), gradients,
             [&](std::size_t i, bool add, float* to, std::size_t thread) {
               Workspace& w = workspaces_[thread];
               prepare(parameters, transposes, w);
               const Chunk c = chunk(inputs.rows, i);
               forward(parameters, inputs, c, trunks, w);
               loss(c, heads(w.outputs), heads(w.output_gradient));
               backward(parameters, c, trunks, add, to, input_gradient, w);
             });
}

void FusedMlp::forward(const float* parameters, const BatchInputs& inputs, float* outputs,
                       bool with_inputs) {
  const Transposes transposes = with_inputs ? Transposes::kForInputs : Transposes::kForTraining;
  const std::size_t count = chunk_count(inputs.rows);
  if (kept_.size() < count) kept_.resize(count);
  for (std::size_t i = 0; i < count; ++i) reserve(chunk(inputs.rows, i).rows(), kept_[i]);
  run_tasks(threads() == 1 ? nullptr : pool_, count, [&](std::size_t i, std::size_t) {
    transpose(parameters, transposes, kept_[i]);
    const Chunk c = chunk(inputs.rows, i);
    forward(parameters, inputs, c, trunks_.size(), kept_[i]);
    copy_outputs(c, kept_[i], outputs);
  });
}

void FusedMlp::backward(const float* parameters, const BatchInputs& inputs,
                        const float* output_gradient, float* gradients, float* input_gradient) {
  run_chunks(chunk_count(inputs.rows), gradients,
             [&](std::size_t i, bool add, float* to, std::size_t) {
               Workspace& w = kept_[i];
               const Chunk c = chunk(inputs.rows, i);
               for (std::size_t r = 0; r < c.rows(); ++r) {
                 const float* from = output_gradient + (c.begin + r) * output_columns_;
                 for (std::size_t h = 0; h < head_sizes_.size(); ++h) {
                   std::copy_n(from, head_sizes_[h],
                               w.output_gradient.data() + r * head_stride_ + head_offsets_[h]);
                   from += head_sizes_[h];
                 }
               }
               backward(parameters, c, trunks_.size(), add, to, input_gradient, w);
             });
}

}  // namespace tern
