#include "agents/dqn/dqn_policy_options.h"

#include "agents/config/conv_spec.h"

namespace tern {

QPolicyOptions dqn_policy_options(const DqnConfig& config, const EnvSpec& spec) {
  QPolicyOptions options;
  options.agent = "dqn";
  options.epsilon = config.epsilon_end;  // as Mnih et al. 2015 evaluate
  options.dueling = config.dueling;      // DQN detail 15
  options.network.normalize_obs = config.normalize_obs;
  options.network.device = config.device;
  NetworkSpec& network = options.network.network;
  // DQN detail 1: weights and biases start uniform, within 1 / sqrt(fan in).
  network.dense.init = Init::kUniform;
  choose_encoders(config.encoder, spec.obs, network);  // DQN detail 10
  network.dense.hidden_sizes = config.hidden_sizes;
  network.dense.activation = config.activation;
  network.dense.layer_norm = config.layer_norm;  // DQN detail 12
  return options;
}

}  // namespace tern
