#pragma once
// The dense layers of a network again, by LibTorch's operators on named parameters, in any
// precision and on the tape: networks with other layers below are compared with them.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <string>
#include <vector>

#include "agents/nn/network.h"

namespace tern {

/// A view of one parameter in a flat tensor.
inline at::Tensor named_view(const Network& network, const at::Tensor& flat,
                             const std::string& name) {
  const ParameterInfo& info = network.find(name);
  return flat.narrow(0, info.offset, info.size).view(info.shape);
}

/// All heads' outputs, side by side, of separate trunks that read `x`.
inline at::Tensor dense_reference(const Network& network, const at::Tensor& flat,
                                  const at::Tensor& x) {
  const MlpSpec& spec = network.spec().dense;
  const auto named = [&](const std::string& name) { return named_view(network, flat, name); };
  const auto linear = [&](const at::Tensor& rows, const std::string& name) {
    return at::matmul(rows, named(name + ".weight")) + named(name + ".bias");
  };
  std::vector<at::Tensor> heads;
  for (const Head& head : spec.heads) {
    at::Tensor h = x;
    for (std::size_t i = 0; i < spec.hidden_sizes.size(); ++i) {
      const std::string name = head.name + "." + std::to_string(i);
      h = linear(h, name);
      if (spec.layer_norm) {
        h = at::layer_norm(h, {h.size(1)}, named(name + ".norm.gain"), named(name + ".norm.shift"));
      }
      if (spec.activation == "tanh") h = at::tanh(h);
      if (spec.activation == "relu") h = at::relu(h);
      if (spec.activation == "elu") h = at::elu(h);
      if (spec.activation == "silu") h = at::silu(h);
    }
    heads.push_back(linear(h, head.name + ".out"));
  }
  return at::cat(heads, 1);
}

}  // namespace tern
