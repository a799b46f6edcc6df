#include "agents/policy/q_head.h"

namespace tern {

std::vector<Head> QHead::heads() const {
  const int actions = static_cast<int>(num_actions_);
  if (!is_dueling_) return {{"q", actions}};
  return {{"advantage", actions}, {"value", 1}};
}

void QHead::to_q(const float* advantages, float value, float* q) const {
  float sum = 0;
  for (std::size_t a = 0; a < num_actions_; ++a) sum += advantages[a];
  const float base = value - sum / static_cast<float>(num_actions_);
  for (std::size_t a = 0; a < num_actions_; ++a) q[a] = base + advantages[a];
}

void QHead::to_q(Rows<float> outputs, std::size_t rows) const {
  if (!is_dueling_) return;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = outputs.data + r * outputs.stride;
    to_q(row, row[num_actions_], row);
  }
}

void QHead::to_q(HeadRows outputs, std::size_t rows, Rows<float> q) const {
  const Rows<float> advantages = outputs[0], values = outputs[1];
  for (std::size_t r = 0; r < rows; ++r) {
    to_q(advantages.data + r * advantages.stride, values.data[r * values.stride],
         q.data + r * q.stride);
  }
}

void QHead::to_output_gradient(Rows<const float> q_gradient, std::size_t rows,
                               HeadRows gradient) const {
  const Rows<float> advantages = gradient[0], values = gradient[1];
  for (std::size_t r = 0; r < rows; ++r) {
    const float* of_q = q_gradient.data + r * q_gradient.stride;
    float sum = 0;
    for (std::size_t a = 0; a < num_actions_; ++a) sum += of_q[a];
    values.data[r * values.stride] = sum;
    const float mean = sum / static_cast<float>(num_actions_);
    for (std::size_t a = 0; a < num_actions_; ++a) {
      advantages.data[r * advantages.stride + a] = of_q[a] - mean;
    }
  }
}

}  // namespace tern
