// DQN as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/dqn/dqn_config.h"

namespace tern {
namespace {

void check_dqn(const AgentDemand& demand, const DqnConfig& config) {
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  check_off_policy(demand, config.replay);
}

}  // namespace

AgentInfo dqn_info() {
  return off_policy_info<DqnConfig>(
      "dqn", "deep Q-learning from a replay buffer: off-policy, Discrete actions",
      "Mnih et al. 2015, Nature 518", {.discrete = true, .multi_discrete = false, .box = false},
      check_dqn);
}

}  // namespace tern
