#include "agents/ppo/ppo_policy_options.h"

namespace tern {

ActorCriticOptions ppo_policy_options(const PpoConfig& config, const EnvSpec& spec) {
  ActorCriticOptions options;
  options.agent = "ppo";
  // PPO detail 1: orthogonal start; the policy's last layer is small, so that the first policy is
  // nearly uniform, and the critic's is not.
  options.policy_gain = 0.01;
  options.value_gain = 1.0;
  // PPO detail 2: the deviation of a Gaussian policy does not depend on the state.
  options.log_std_init = config.log_std_init;
  options.scales_rewards = config.normalize_reward;
  set_network(config, spec.obs, options.network);  // PPO detail 12
  NetworkSpec& network = options.network.network;
  if (config.recurrent != "none") {  // PPO detail 13
    network.memory = MemorySpec{config.recurrent, config.recurrent_size};
  }
  network.dense.share_trunk = config.share_trunk;
  return options;
}

}  // namespace tern
