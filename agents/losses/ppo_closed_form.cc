#include "agents/losses/ppo_closed_form.h"

#include "agents/kernels/softmax.h"

namespace tern {

void probability_ratios(Row<const float> log_prob, Row<const float> old_log_prob, Row<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = log_prob[i] - old_log_prob[i];
  exp_floats(out.data(), out.size(), out.data());
}

}  // namespace tern
