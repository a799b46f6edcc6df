#include "agents/nn/network.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "agents/nn/encoder.h"
#include "agents/nn/flat_tensors.h"
#include "core/error.h"
#include "core/machine/memory_need.h"

namespace tern {
namespace {

/// Bytes for each parameter: itself, its gradient, an optimizer's two moments, and a copy for the
/// viewer, the target or the evaluation.
constexpr double kBytesPerParameter = 5 * sizeof(float);

void check_memory(const std::vector<ParameterInfo>& layout) {
  const std::size_t count = parameter_count(layout);
  check_memory_need(kBytesPerParameter * static_cast<double>(count),
                    "a network of " + std::to_string(count) + " parameters",
                    "make agent.hidden_sizes smaller");
}

at::Tensor flat_buffer(std::size_t size) {
  const auto used = static_cast<std::int64_t>(size);
  return at::zeros({used + static_cast<std::int64_t>(kBufferSlack)}).narrow(0, 0, used);
}

BatchInputs batch_of(const at::Tensor& inputs) {
  return {inputs.data_ptr<float>(), static_cast<std::size_t>(inputs.size(0))};
}

/// Puts a layout that begins at 0 behind `all`; returns where it begins.
std::size_t append(const std::vector<ParameterInfo>& layout, std::vector<ParameterInfo>& all) {
  const std::size_t begin = parameter_count(all);
  for (const ParameterInfo& info : layout) {
    all.push_back(info);
    all.back().offset += static_cast<std::int64_t>(begin);
  }
  return begin;
}

}  // namespace

Network::Network(const NetworkSpec& spec) : spec_(spec), encoders_(make_encoders(spec)) {
  std::size_t columns = features();
  for (const auto& encoder : encoders_) {
    parameters_begin_.push_back(append(encoder->layout(), layout_));
    state_size_ += encoder->state_size();
    columns = encoder->outputs();
  }
  spec_.dense.inputs = static_cast<int>(columns) + spec.late_inputs;
  parameters_begin_.push_back(append(mlp_layout(spec_.dense), layout_));
  check_memory(layout_);
  const std::size_t count = parameter_count(layout_);
  tensors_ = std::make_unique<FlatTensors>(FlatTensors{flat_buffer(count), flat_buffer(count)});
  parameter_row_ = Row<float>(tensors_->parameters.data_ptr<float>(), count);
  gradient_row_ = Row<float>(tensors_->gradients.data_ptr<float>(), count);
  const std::vector<ParameterInfo> statistics = statistics_layout(spec_.dense);
  statistics_size_ = parameter_count(statistics);
  if (statistics_size_ > 0) statistics_.resize(statistics_size_ + kBufferSlack);
  initialize_statistics(statistics, statistics_.data());
}

Network::~Network() = default;

at::Tensor& Network::parameters() {
  return tensors_->parameters;
}
const at::Tensor& Network::parameters() const {
  return tensors_->parameters;
}
at::Tensor& Network::gradients() {
  return tensors_->gradients;
}

void Network::initialize(Rng& rng) {
  float* parameters = parameter_row().data();
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    encoders_[i]->initialize(rng, parameters + parameters_begin_[i]);
  }
  initialize_mlp(spec_.dense, mlp_layout(spec_.dense), rng, parameters + parameters_begin_.back());
}

const ParameterInfo& Network::find(const std::string& name) const {
  for (const ParameterInfo& info : layout_) {
    if (info.name == name) return info;
  }
  throw Error::failure("the network has no parameter '" + name + "'");
}

void Network::save(StateWriter& out) const {
  out.write(parameter_row());
  if (statistics_size_ > 0) out.write(statistics_row());
}

void Network::load(StateReader& in) {
  in.read(parameter_row());
  if (statistics_size_ == 0) return;
  in.read(statistics_row());
  for (const ParameterInfo& info : statistics_layout(spec_.dense)) {
    const bool may_be_negative = info.name.ends_with(".mean");
    for (std::int64_t i = info.offset; i < info.offset + info.size; ++i) {
      const float x = statistics_[static_cast<std::size_t>(i)];
      check_saved(std::isfinite(x) && (may_be_negative || x >= 0),
                  std::to_string(x) + " in the running " + info.name);
    }
  }
}

void Network::copy_state(const Network& from) {
  std::copy(from.parameter_row_.begin(), from.parameter_row_.end(), parameter_row_.begin());
  std::copy(from.statistics_.begin(), from.statistics_.end(), statistics_.begin());
}

void Network::infer_heads(const BatchInputs& inputs, float* heads) {
  if (state_size_ == 0) return infer(inputs, heads);
  const std::size_t columns = output_columns(spec_.dense);
  if (with_states_.size() < inputs.rows * output_size()) {
    with_states_.resize(inputs.rows * output_size());
  }
  infer(inputs, with_states_.data());
  for (std::size_t r = 0; r < inputs.rows; ++r) {
    heads = std::copy_n(with_states_.data() + r * output_size(), columns, heads);
  }
}

void Network::forward(const SequenceInputs& batch, float* heads) {
  if (state_size_ == 0) return infer(batch.inputs, heads);
  const auto keep = [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
    copy_from_heads(spec_.dense, outputs, chunk, heads);
    copy_to_heads(spec_.dense, heads, chunk, gradient);  // any: nothing is asked for
  };
  backpropagate(batch, keep, {/*parameters=*/false});
}

void Network::backward(const SequenceInputs& batch, const float* head_gradient) {
  accumulate_sequence_gradient(batch, [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
    copy_to_heads(spec_.dense, head_gradient, chunk, gradient);
  });
}

void Network::zero_gradients() {
  const Row<float> row = gradient_row();
  std::fill(row.begin(), row.end(), 0.0f);
}

at::Tensor Network::infer(const at::Tensor& inputs) {
  const at::Tensor outputs = at::empty({inputs.size(0), static_cast<std::int64_t>(output_size())});
  infer(batch_of(inputs), outputs.data_ptr<float>());
  return outputs;
}

void Network::accumulate_gradient(const at::Tensor& inputs, const at::Tensor& weights) {
  const at::Tensor rows = weights.contiguous();
  accumulate_gradient(batch_of(inputs), [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
    copy_to_heads(spec_.dense, rows.data_ptr<float>(), chunk, gradient);
  });
}

at::Tensor Network::input_gradient(const at::Tensor& inputs, const at::Tensor& weights) {
  const at::Tensor rows = weights.contiguous(), result = at::empty(inputs.sizes());
  const auto loss = [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
    copy_to_heads(spec_.dense, rows.data_ptr<float>(), chunk, gradient);
  };
  input_gradient(batch_of(inputs), loss, result.data_ptr<float>());
  return result;
}

ComputeDevice device_named(const std::string& name) {
  if (name == "cpu") return ComputeDevice::kCpu;
  if (at::hasCUDA()) return ComputeDevice::kCuda;
  throw Error("agent.device: " + name + ", but LibTorch finds no CUDA device here; expected cpu");
}

void copy_to_heads(const MlpSpec& spec, const float* weights, const Chunk& chunk,
                   HeadRows gradient) {
  const float* in = weights + chunk.begin * output_columns(spec);
  for (std::size_t r = 0; r < chunk.rows(); ++r) {
    for (std::size_t h = 0; h < spec.heads.size(); ++h) {
      const Rows<float> head = gradient[h];
      const auto size = static_cast<std::size_t>(spec.heads[h].size);
      std::copy_n(in, size, head.data + r * head.stride);
      in += size;
    }
  }
}

void copy_from_heads(const MlpSpec& spec, HeadRows outputs, const Chunk& chunk, float* all) {
  float* out = all + chunk.begin * output_columns(spec);
  for (std::size_t r = 0; r < chunk.rows(); ++r) {
    for (std::size_t h = 0; h < spec.heads.size(); ++h) {
      const Rows<float> head = outputs[h];
      out = std::copy_n(head.data + r * head.stride, static_cast<std::size_t>(spec.heads[h].size),
                        out);
    }
  }
}

}  // namespace tern
