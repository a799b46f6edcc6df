#include "agents/losses/advantage_closed_form.h"

namespace tern {

void generalized_advantage_closed_form(const AdvantageRows& rollout, Row<float> advantages) {
  const std::size_t num_envs = rollout.num_envs, steps = advantages.size() / num_envs;
  for (std::size_t n = 0; n < num_envs; ++n) {
    double a_tp1 = 0;
    for (std::size_t t = steps; t-- > 0;) {
      const std::size_t k = t * num_envs + n;
      const double bootstrap = rollout.terminated[k] ? 0.0 : rollout.gamma * rollout.next_values[k];
      const double delta = rollout.rewards[k] + bootstrap - rollout.values[k];
      a_tp1 = delta + (rollout.ended[k] ? 0.0 : rollout.gamma * rollout.lambda * a_tp1);
      advantages[k] = static_cast<float>(a_tp1);
    }
  }
}

}  // namespace tern
