#include "agents/a2c/a2c_policy_options.h"

namespace tern {

ActorCriticOptions a2c_policy_options(const A2cConfig& config, const EnvSpec& spec) {
  ActorCriticOptions options;
  options.agent = "a2c";
  options.policy_gain = 0.01;  // A2C detail 1: the first policy is nearly uniform
  options.value_gain = 1;
  options.log_std_init = config.log_std_init;  // the deviation does not depend on the state
  set_network(config, spec.obs, options.network);
  options.network.network.dense.share_trunk = config.share_trunk;
  return options;
}

}  // namespace tern
