#include "agents/policy/gaussian_outputs.h"

#include <algorithm>

namespace tern {
namespace {

std::size_t hidden_units(const Network& network) {
  return static_cast<std::size_t>(network.spec().dense.heads.back().size);
}

}  // namespace

GaussianOutputs::GaussianOutputs(const Network& network, std::size_t components, bool has_sde)
    : components_(components), noise_(has_sde ? hidden_units(network) : 0, components) {
  if (has_sde) log_sigma_begin_ = static_cast<std::size_t>(network.find(kLogSigma).offset);
}

void GaussianOutputs::reserve(std::size_t rows) {
  if (has_sde() && rows_.size() < rows * 2 * components_) rows_.resize(rows * 2 * components_);
}

Rows<const float> GaussianOutputs::forward(const Network& network, std::size_t rows,
                                           Rows<const float> outputs) {
  if (!has_sde()) return outputs;
  reserve(rows);
  const Rows<float> gaussian{rows_.data(), 2 * components_};
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(outputs.data + r * outputs.stride, components_, gaussian.data + r * gaussian.stride);
  }
  noise_.log_deviations(rows, {outputs.data + components_, outputs.stride}, log_sigma(network),
                        {gaussian.data + components_, gaussian.stride});
  return {gaussian.data, gaussian.stride};
}

void GaussianOutputs::backward(Network& network, std::size_t rows, Rows<const float> outputs,
                               Rows<const float> gradient, Rows<float> output_gradient) const {
  const std::size_t columns = has_sde() ? components_ : 2 * components_;
  for (std::size_t r = 0; r < rows; ++r) {
    float* to = output_gradient.data + r * output_gradient.stride;
    std::copy_n(gradient.data + r * gradient.stride, columns, to);
    std::fill_n(to + columns, noise_.hidden(), 0.0f);
  }
  if (!has_sde()) return;
  noise_.backward(rows, {outputs.data + components_, outputs.stride}, log_sigma(network),
                  {rows_.data() + components_, 2 * components_},
                  {gradient.data + components_, gradient.stride},
                  network.gradient_row().subrow(log_sigma_begin_, noise_.size()));
}

}  // namespace tern
