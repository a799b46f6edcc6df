#include "agents/kernels/batch_norm_mlp.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "agents/kernels/batch_norm.h"

namespace tern {
namespace {

/// Rows that are inferred at a time.
constexpr std::size_t kBlock = 64;
/// Batches are counted in a float, which is exact up to here: beyond every warm-up.
constexpr float kMostBatches = 1 << 24;

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size, 0.0f);
}

Rows<float> rows_of(std::vector<float>& matrix, std::size_t columns) {
  return {matrix.data(), padded(columns)};
}

}  // namespace

BatchNormMlp::BatchNormMlp(const MlpSpec& spec, float* statistics)
    : spec_(*spec.batch_norm), statistics_(statistics), inputs_(static_cast<std::size_t>(spec.inputs)) {
  // The order of mlp_layout and of statistics_layout.
  std::size_t offset = 0;
  const auto add_norm = [&](std::size_t columns) {
    const Norm norm{columns, offset, offset + columns, batches_, batches_ + columns};
    offset += 2 * columns;
    batches_ += 2 * columns;
    trunks_.back().norms.push_back(norm);
  };
  const auto add_layer = [&](std::size_t inputs, int size, Activation activation) {
    const auto outputs = static_cast<std::size_t>(size);
    const Layer layer{inputs, outputs, offset, offset + inputs * outputs, activation};
    offset = layer.bias + outputs;
    return layer;
  };
  const auto add_trunk = [&] {
    std::size_t columns = inputs_;
    trunks_.emplace_back();
    trunks_.back().first_head = head_offsets_.size();
    add_norm(columns);
    for (const int size : spec.hidden_sizes) {
      trunks_.back().hidden.push_back(add_layer(columns, size, activation_of(spec.activation)));
      columns = static_cast<std::size_t>(size);
      add_norm(columns);
    }
  };
  if (spec.share_trunk) add_trunk();
  for (const Head& head : spec.heads) {
    if (head.gives_hidden) throw std::invalid_argument("a batch-normalised network gives no hidden units");
    if (!spec.share_trunk) add_trunk();
    Trunk& trunk = trunks_.back();
    trunk.heads.push_back(add_layer(trunk.norms.back().columns, head.size, Activation::kIdentity));
    head_offsets_.push_back(head_stride_);
    head_stride_ += padded(trunk.heads.back().outputs);
    output_columns_ += trunk.heads.back().outputs;
  }
  learning_.resize(trunks_.size());
  use_threads(nullptr);
}

void BatchNormMlp::use_threads(TaskPool* pool) {
  pool_ = pool;
  acting_.resize(threads(), std::vector<Workspace>(trunks_.size()));
  acting_outputs_.resize(threads());
  // All of it now: which thread acts first, and when, is chance.
  for (std::size_t t = 0; threads() > 1 && t < threads(); ++t) {
    for (std::size_t i = 0; i < trunks_.size(); ++i) reserve(trunks_[i], kBlock, acting_[t][i]);
    grow(acting_outputs_[t], kBlock * head_stride_);
  }
}

void BatchNormMlp::reserve(const Trunk& trunk, std::size_t rows, Workspace& w) const {
  if (w.inputs.size() >= rows * padded(inputs_)) return;
  std::size_t widest = 0;
  w.factors.resize(trunk.norms.size());
  w.normalized.resize(trunk.norms.size());
  for (std::size_t i = 0; i < trunk.norms.size(); ++i) {
    const std::size_t columns = padded(trunk.norms[i].columns);
    widest = std::max(widest, columns);
    Factors& f = w.factors[i];
    for (auto* each : {&f.mean, &f.inverse_deviation, &f.scale, &f.shift, &f.variance, &f.r, &f.d,
                       &f.sum_dy, &f.sum_dy_n}) {
      grow(*each, columns);
    }
    grow(w.normalized[i], rows * columns);
  }
  for (auto* each : {&w.activations, &w.slopes, &w.transposed}) each->resize(trunk.hidden.size());
  for (std::size_t i = 0; i < trunk.hidden.size(); ++i) {
    const Layer& layer = trunk.hidden[i];
    grow(w.activations[i], rows * padded(layer.outputs));
    if (needs_slopes(layer.activation)) grow(w.slopes[i], rows * padded(layer.outputs));
    grow(w.transposed[i], layer.outputs * padded(layer.inputs));
  }
  w.of_heads.resize(trunk.heads.size());
  for (std::size_t h = 0; h < trunk.heads.size(); ++h) {
    grow(w.of_heads[h], trunk.heads[h].outputs * padded(trunk.heads[h].inputs));
  }
  for (std::vector<float>& delta : w.delta) grow(delta, rows * widest);
  grow(w.scratch, kNarrow * widest);
  grow(w.inputs, rows * padded(inputs_));
}

void BatchNormMlp::gather(const BatchInputs& inputs, std::size_t begin, std::size_t rows,
                          Workspace& w) const {
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(inputs.row(begin + r, inputs_), inputs_, w.inputs.data() + r * padded(inputs_));
  }
}

void BatchNormMlp::transpose(const float* parameters, const Trunk& trunk, bool all,
                             Workspace& w) const {
  const auto transpose_one = [&](const Layer& layer, std::vector<float>& out) {
    if (!all && layer.outputs >= kNarrow) return;
    transpose_weights(parameters + layer.weights, layer.inputs, layer.outputs, out.data());
  };
  for (std::size_t i = 0; i < trunk.hidden.size(); ++i) {
    transpose_one(trunk.hidden[i], w.transposed[i]);
  }
  for (std::size_t h = 0; h < trunk.heads.size(); ++h) transpose_one(trunk.heads[h], w.of_heads[h]);
}

DenseLayer BatchNormMlp::dense(const float* parameters, const Layer& layer,
                               const float* transposed) const {
  return {layer.inputs,
          layer.outputs,
          layer.activation,
          parameters + layer.weights,
          parameters + layer.bias,
          transposed};
}

Rows<float> BatchNormMlp::below(const Trunk& trunk, std::size_t i, Workspace& w) const {
  return rows_of(i == 0 ? w.inputs : w.activations[i - 1], trunk.norms[i].columns);
}

void BatchNormMlp::use_running_moments(const float* parameters, const Norm& norm,
                                       Factors& f) const {
  for (std::size_t j = 0; j < norm.columns; ++j) {
    f.mean[j] = statistics_[norm.mean + j];
    f.inverse_deviation[j] =
        1 / std::sqrt(statistics_[norm.variance + j] + kBatchNormEpsilon);
    f.scale[j] = parameters[norm.gain + j] * f.inverse_deviation[j];
    f.shift[j] = parameters[norm.shift + j];
  }
}

void BatchNormMlp::use_batch_moments(const float* parameters, const Norm& norm, std::size_t rows,
                                     Rows<const float> x, Factors& f) const {
  column_moments(rows, padded(norm.columns), x, f.mean.data(), f.variance.data());
  const bool is_warm = statistics_[batches_] >= static_cast<float>(spec_.warmup);
  const auto most_r = static_cast<float>(spec_.max_scale), most_d = static_cast<float>(spec_.max_shift);
  for (std::size_t j = 0; j < norm.columns; ++j) {
    const float deviation = std::sqrt(f.variance[j] + kBatchNormEpsilon);
    f.r[j] = 1;
    f.d[j] = 0;
    if (is_warm) {
      const float running = std::sqrt(statistics_[norm.variance + j] + kBatchNormEpsilon);
      f.r[j] = std::clamp(deviation / running, 1 / most_r, most_r);
      f.d[j] = std::clamp((f.mean[j] - statistics_[norm.mean + j]) / running, -most_d, most_d);
    }
    const float gain = parameters[norm.gain + j];
    f.inverse_deviation[j] = 1 / deviation;
    f.scale[j] = gain * f.r[j] * f.inverse_deviation[j];
    f.shift[j] = gain * f.d[j] + parameters[norm.shift + j];
  }
}

void BatchNormMlp::move_running_moments(const Norm& norm, const Factors& f) {
  const auto share = static_cast<float>(1 - spec_.momentum);
  for (std::size_t j = 0; j < norm.columns; ++j) {
    float& mean = statistics_[norm.mean + j];
    float& variance = statistics_[norm.variance + j];
    mean += share * (f.mean[j] - mean);
    variance += share * (f.variance[j] - variance);
  }
}

void BatchNormMlp::forward(const float* parameters, const Trunk& trunk, std::size_t rows,
                           bool by_batch, HeadRows outputs, Workspace& w) const {
  for (std::size_t i = 0; i < trunk.norms.size(); ++i) {
    const Norm& norm = trunk.norms[i];
    Factors& f = w.factors[i];
    const Rows<float> x = below(trunk, i, w), y = rows_of(w.normalized[i], norm.columns);
    if (by_batch) use_batch_moments(parameters, norm, rows, x, f);
    normalize_columns(rows, padded(norm.columns), x, f.mean.data(), f.scale.data(), f.shift.data(), y);
    if (i == trunk.hidden.size()) break;
    const Layer& layer = trunk.hidden[i];
    dense_forward(dense(parameters, layer, w.transposed[i].data()), rows, y,
                  rows_of(w.activations[i], layer.outputs), rows_of(w.slopes[i], layer.outputs));
  }
  const Rows<float> features = rows_of(w.normalized.back(), trunk.norms.back().columns);
  for (std::size_t h = 0; h < trunk.heads.size(); ++h) {
    dense_forward(dense(parameters, trunk.heads[h], w.of_heads[h].data()), rows, features,
                  outputs[trunk.first_head + h]);
  }
}

void BatchNormMlp::backward(const float* parameters, const Trunk& trunk, std::size_t rows,
                            float* gradients, HeadRows output_gradient, Workspace& w) const {
  // d loss / d what `norm` gives, from that of the layer above it.
  const auto through = [&](const Layer& layer, const std::vector<float>& transposed,
                           std::size_t norm, Rows<const float> dy, std::vector<float>& out) {
    const DenseLayer d = dense(parameters, layer, transposed.data());
    const Rows<float> x = rows_of(w.normalized[norm], layer.inputs);
    if (gradients != nullptr) {
      dense_backward_weights(d, rows, x, dy, /*add=*/true, gradients + layer.weights,
                             gradients + layer.bias, w.scratch.data());
    }
    const Rows<float> dx = rows_of(out, layer.inputs);
    dense_backward_inputs(d, rows, dy, Activation::kIdentity, x, dx);
    return dx;
  };
  const std::size_t top = trunk.hidden.size();
  Rows<float> delta;
  for (std::size_t h = 0; h < trunk.heads.size(); ++h) {
    const Rows<float> dx = through(trunk.heads[h], w.of_heads[h], top,
                                   output_gradient[trunk.first_head + h], w.delta[h == 0 ? 0 : 1]);
    if (h == 0) {
      delta = dx;
    } else {
      add_floats(dx.data, rows * dx.stride, delta.data);
    }
  }
  for (std::size_t i = top;; --i) {
    const Norm& norm = trunk.norms[i];
    Factors& f = w.factors[i];
    if (gradients == nullptr) {
      scale_columns(rows, padded(norm.columns), f.scale.data(), delta);
    } else {
      batch_norm_backward(rows, padded(norm.columns), below(trunk, i, w), f.mean.data(),
                          f.inverse_deviation.data(), f.scale.data(), delta, f.sum_dy.data(),
                          f.sum_dy_n.data());
      for (std::size_t j = 0; j < norm.columns; ++j) {
        gradients[norm.gain + j] += f.r[j] * f.sum_dy_n[j] + f.d[j] * f.sum_dy[j];
        gradients[norm.shift + j] += f.sum_dy[j];
      }
    }
    if (i == 0) break;
    const Layer& layer = trunk.hidden[i - 1];
    std::vector<float>& slopes = needs_slopes(layer.activation) ? w.slopes[i - 1] : w.activations[i - 1];
    times_derivative(layer.activation, rows, layer.outputs, rows_of(slopes, layer.outputs), delta);
    delta = through(layer, w.transposed[i - 1], i - 1, delta, w.delta[(top - i + 1) % 2]);
  }
  if (delta.data != w.delta[0].data()) std::swap(w.delta[0], w.delta[1]);
}

void BatchNormMlp::infer_trunk(const float* parameters, std::size_t index, const BatchInputs& inputs,
                               std::size_t thread, float* outputs) {
  const Trunk& trunk = trunks_[index];
  Workspace& w = acting_[thread][index];
  reserve(trunk, std::min(inputs.rows, kBlock), w);
  grow(acting_outputs_[thread], kBlock * head_stride_);
  const HeadRows block = heads(acting_outputs_[thread]);
  transpose(parameters, trunk, /*all=*/false, w);
  for (std::size_t i = 0; i < trunk.norms.size(); ++i) {
    use_running_moments(parameters, trunk.norms[i], w.factors[i]);
  }
  std::size_t column = 0;  // of the trunk's first head in a row of outputs
  for (std::size_t t = 0; t < index; ++t) {
    for (const Layer& head : trunks_[t].heads) column += head.outputs;
  }
  for (std::size_t begin = 0; begin < inputs.rows; begin += kBlock) {
    const std::size_t rows = std::min(kBlock, inputs.rows - begin);
    gather(inputs, begin, rows, w);
    forward(parameters, trunk, rows, /*by_batch=*/false, block, w);
    for (std::size_t r = 0; r < rows; ++r) {
      float* out = outputs + (begin + r) * output_columns_ + column;
      for (std::size_t h = 0; h < trunk.heads.size(); ++h) {
        const Rows<float> head = block[trunk.first_head + h];
        out = std::copy_n(head.data + r * head.stride, trunk.heads[h].outputs, out);
      }
    }
  }
}

void BatchNormMlp::infer(const float* parameters, const BatchInputs& inputs, float* outputs) {
  run_tasks(pool_, trunks_.size(), [&](std::size_t trunk, std::size_t thread) {
    infer_trunk(parameters, trunk, inputs, thread, outputs);
  });
}

void BatchNormMlp::infer_on(std::size_t thread, const float* parameters, const BatchInputs& inputs,
                            float* outputs) {
  for (std::size_t trunk = 0; trunk < trunks_.size(); ++trunk) {
    infer_trunk(parameters, trunk, inputs, thread, outputs);
  }
}

void BatchNormMlp::accumulate_gradient(const float* parameters, const BatchInputs& inputs,
                                       ChunkLoss loss, float* gradients, float* input_gradient) {
  const std::size_t rows = inputs.rows;
  const bool by_batch = gradients != nullptr;
  grow(outputs_, rows * head_stride_);
  grow(output_gradient_, rows * head_stride_);
  run_tasks(pool_, trunks_.size(), [&](std::size_t i, std::size_t) {
    const Trunk& trunk = trunks_[i];
    Workspace& w = learning_[i];
    reserve(trunk, rows, w);
    gather(inputs, 0, rows, w);
    transpose(parameters, trunk, /*all=*/true, w);
    for (std::size_t k = 0; !by_batch && k < trunk.norms.size(); ++k) {
      use_running_moments(parameters, trunk.norms[k], w.factors[k]);
    }
    forward(parameters, trunk, rows, by_batch, heads(outputs_), w);
  });
  loss({0, 0, rows}, heads(outputs_), heads(output_gradient_));
  run_tasks(pool_, trunks_.size(), [&](std::size_t i, std::size_t) {
    backward(parameters, trunks_[i], rows, gradients, heads(output_gradient_), learning_[i]);
    for (std::size_t k = 0; by_batch && k < trunks_[i].norms.size(); ++k) {
      move_running_moments(trunks_[i].norms[k], learning_[i].factors[k]);
    }
  });
  if (by_batch) statistics_[batches_] = std::min(statistics_[batches_] + 1, kMostBatches);
  if (input_gradient == nullptr) return;
  std::fill_n(input_gradient, rows * inputs_, 0.0f);
  for (const Workspace& w : learning_) {
    for (std::size_t r = 0; r < rows; ++r) {
      const float* in = w.delta[0].data() + r * padded(inputs_);
      for (std::size_t j = 0; j < inputs_; ++j) input_gradient[r * inputs_ + j] += in[j];
    }
  }
}

}  // namespace tern
