#include "agents/nn/conv_layout.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace tern {

std::vector<ParameterInfo> conv_layout(const ConvSpec& spec) {
  std::vector<ParameterInfo> layout;
  std::int64_t offset = 0;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    layout.push_back({name, std::move(shape), offset, size});
    offset += size;
  };
  int below = spec.image.channels;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const ConvLayer& layer = spec.layers[i];
    const std::string name = spec.name + "." + std::to_string(i);
    add(name + ".weight", {layer.channels, layer.kernel, layer.kernel, below});
    add(name + ".bias", {layer.channels});
    below = layer.channels;
  }
  return layout;
}

void initialize_convolutions(const ConvSpec& spec, Rng& rng, float* parameters) {
  int below = spec.image.channels;
  for (const ConvLayer& layer : spec.layers) {
    // As a dense layer on what a kernel sees, whose weights are [inputs, outputs].
    MlpSpec dense;
    dense.inputs = layer.kernel * layer.kernel * below;
    dense.heads = {{"all", layer.channels, std::sqrt(2.0)}};
    dense.init = spec.init;
    const std::vector<ParameterInfo> layout = mlp_layout(dense);
    std::vector<float> values(parameter_count(layout));
    initialize_mlp(dense, layout, rng, values.data());
    const auto inputs = static_cast<std::size_t>(dense.inputs);
    const auto outputs = static_cast<std::size_t>(layer.channels);
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t i = 0; i < inputs; ++i) parameters[o * inputs + i] = values[i * outputs + o];
    }
    parameters += inputs * outputs;
    parameters = std::copy_n(values.data() + inputs * outputs, outputs, parameters);
    below = layer.channels;
  }
}

}  // namespace tern
