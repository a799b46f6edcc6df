#include "agents/nn/encoder.h"

namespace tern {

std::vector<std::unique_ptr<Encoder>> make_encoders(const NetworkSpec& spec) {
  std::vector<std::unique_ptr<Encoder>> encoders;
  const auto columns = [&] {
    return encoders.empty() ? static_cast<std::size_t>(spec.features) : encoders.back()->outputs();
  };
  for (const ConvSpec& image : spec.convolutions) encoders.push_back(make_conv_encoder(image));
  if (spec.fourier) encoders.push_back(make_fourier_encoder(*spec.fourier, columns()));
  if (spec.memory) encoders.push_back(make_memory_encoder(*spec.memory, columns()));
  return encoders;
}

}  // namespace tern
