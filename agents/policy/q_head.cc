#include "agents/policy/q_head.h"

namespace tern {

std::vector<Head> QHead::heads() const {
  const int values = static_cast<int>(num_values());
  if (!is_dueling_) return {{"q", values}};
  return {{"advantage", values}, {"value", static_cast<int>(quantiles_)}};
}

void QHead::join(const float* advantages, const float* state_values, float* values) const {
  for (std::size_t n = 0; n < quantiles_; ++n) {
    float sum = 0;
    for (std::size_t a = 0; a < num_actions_; ++a) sum += advantages[a * quantiles_ + n];
    const float base = state_values[n] - sum / static_cast<float>(num_actions_);
    for (std::size_t a = 0; a < num_actions_; ++a) {
      values[a * quantiles_ + n] = base + advantages[a * quantiles_ + n];
    }
  }
}

void QHead::to_values(Rows<float> outputs, std::size_t rows) const {
  if (is_plain()) return;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = outputs.data + r * outputs.stride;
    join(row, row + num_values(), row);
  }
}

void QHead::to_q(Rows<float> outputs, std::size_t rows) const {
  to_values(outputs, rows);
  if (quantiles_ == 1) return;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = outputs.data + r * outputs.stride;
    mean_of_quantiles(row, quantiles_, num_actions_, row);
  }
}

void QHead::to_values(HeadRows outputs, std::size_t rows, Rows<float> values) const {
  const Rows<float> advantages = outputs[0], state_values = outputs[1];
  for (std::size_t r = 0; r < rows; ++r) {
    join(advantages.data + r * advantages.stride, state_values.data + r * state_values.stride,
         values.data + r * values.stride);
  }
}

void QHead::to_output_gradient(Rows<const float> value_gradient, std::size_t rows,
                               HeadRows gradient) const {
  const Rows<float> advantages = gradient[0], state_values = gradient[1];
  for (std::size_t r = 0; r < rows; ++r) {
    const float* of_values = value_gradient.data + r * value_gradient.stride;
    float* of_advantages = advantages.data + r * advantages.stride;
    for (std::size_t n = 0; n < quantiles_; ++n) {
      float sum = 0;
      for (std::size_t a = 0; a < num_actions_; ++a) sum += of_values[a * quantiles_ + n];
      state_values.data[r * state_values.stride + n] = sum;
      const float mean = sum / static_cast<float>(num_actions_);
      for (std::size_t a = 0; a < num_actions_; ++a) {
        of_advantages[a * quantiles_ + n] = of_values[a * quantiles_ + n] - mean;
      }
    }
  }
}

void mean_of_quantiles(const float* values, std::size_t quantiles, std::size_t count,
                       float* means) {
  for (std::size_t i = 0; i < count; ++i) {
    float sum = 0;
    for (std::size_t n = 0; n < quantiles; ++n) sum += values[i * quantiles + n];
    means[i] = sum / static_cast<float>(quantiles);
  }
}

}  // namespace tern
