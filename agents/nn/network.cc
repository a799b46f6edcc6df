#include "agents/nn/network.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "core/error.h"

namespace tern {
namespace {

at::Tensor flat_buffer(std::size_t size) {
  const auto used = static_cast<std::int64_t>(size);
  return at::zeros({used + static_cast<std::int64_t>(kBufferSlack)}).narrow(0, 0, used);
}

BatchInputs batch_of(const at::Tensor& inputs) {
  return {inputs.data_ptr<float>(), static_cast<std::size_t>(inputs.size(0))};
}

std::vector<ParameterInfo> joined(std::vector<ParameterInfo> below,
                                  const std::vector<ParameterInfo>& above) {
  const auto offset = static_cast<std::int64_t>(parameter_count(below));
  for (const ParameterInfo& info : above) {
    below.push_back(info);
    below.back().offset += offset;
  }
  return below;
}

}  // namespace

Network::Network(MlpSpec spec, std::vector<ParameterInfo> below)
    : spec_(std::move(spec)),
      layout_(joined(std::move(below), mlp_layout(spec_))),
      parameters_(flat_buffer(parameter_count(layout_))),
      gradients_(flat_buffer(parameter_count(layout_))) {}

const ParameterInfo& Network::find(const std::string& name) const {
  for (const ParameterInfo& info : layout_) {
    if (info.name == name) return info;
  }
  throw Error::failure("the network has no parameter '" + name + "'");
}

void Network::zero_gradients() {
  const Row<float> row = gradient_row();
  std::fill(row.begin(), row.end(), 0.0f);
}

at::Tensor Network::infer(const at::Tensor& inputs) {
  const at::Tensor outputs =
      at::empty({inputs.size(0), static_cast<std::int64_t>(output_columns(spec_) + state_size())});
  infer(batch_of(inputs), outputs.data_ptr<float>());
  return outputs;
}

void Network::accumulate_sequence_gradient(const SequenceInputs& batch, ChunkLoss loss) {
  accumulate_gradient(batch.inputs, loss);
}

void Network::accumulate_gradient(const at::Tensor& inputs, const at::Tensor& weights) {
  const at::Tensor rows = weights.contiguous();
  accumulate_gradient(batch_of(inputs), [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
    copy_to_heads(spec_, rows.data_ptr<float>(), chunk, gradient);
  });
}

at::Device device_named(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (at::hasCUDA()) return at::kCUDA;
  throw Error("agent.device: " + name + ", but LibTorch finds no CUDA device here; expected cpu");
}

std::unique_ptr<Network> make_network(const NetworkSpec& spec, Rng& rng, at::Device device) {
  if (!device.is_cpu()) return make_plain_network(spec, rng, device);
  if (!spec.convolutions && !spec.memory) return make_mlp(dense_layers(spec), rng);
  if ((spec.convolutions && spec.memory) || spec.late_inputs > 0) {
    throw Error("agent.recurrent: " + (spec.memory ? spec.memory->kind : "none") +
                " is not combined with convolutions; write encoder: flat");
  }
  return spec.convolutions ? make_conv_network(*spec.convolutions, spec.dense, rng)
                           : make_recurrent_network({spec.features, spec.memory->size}, spec.dense,
                                                    rng);
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

}  // namespace tern
