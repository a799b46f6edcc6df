// TD3 as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/td3/td3_checks.h"

namespace tern {

void check_deterministic_actor(const AgentDemand& demand, const DeterministicActorConfig& config) {
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  check_off_policy(demand, config.replay);
}

AgentInfo td3_info() {
  return off_policy_info<Td3Config>(
      "td3", "twin delayed DDPG: off-policy, deterministic, bounded Box actions",
      "Fujimoto et al. 2018, arXiv:1802.09477", kBoundedBox, check_deterministic_actor);
}

}  // namespace tern
