#include "agents/dqn/dqn_policy_options.h"

#include "agents/config/conv_spec.h"

namespace tern {

QPolicyOptions dqn_policy_options(const DqnConfig& config, const EnvSpec& spec) {
  QPolicyOptions options;
  options.agent = "dqn";
  options.epsilon = config.epsilon_end;  // as Mnih et al. 2015 evaluate
  options.dueling = config.dueling;      // DQN detail 15
  options.quantiles = static_cast<std::size_t>(config.quantiles);  // DQN detail 16
  // DQN detail 1: weights and biases start uniform, within 1 / sqrt(fan in).
  options.network.network.dense.init = Init::kUniform;
  // DQN detail 10: images go through convolutions. DQN detail 12: layer normalisation.
  set_network(config, spec.obs, options.network);
  return options;
}

}  // namespace tern
