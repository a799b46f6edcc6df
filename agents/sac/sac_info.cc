// SAC as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/sac/sac_checks.h"
#include "core/error.h"

namespace tern {
namespace {

void check_sac(const AgentDemand& demand, const SacConfig& config) {
  if (demand.spec.action.kind() == ActionSpace::Kind::kDiscrete && config.use_sde) {
    throw Error(place_of(demand.agent_values, {"use_sde"}) +
                "agent.use_sde: state-dependent noise is added to Box actions; " + demand.spec.id +
                " has Discrete ones, which sac samples by their probabilities. Leave it out");
  }
  check_soft_actor(demand, config);
}

}  // namespace

void check_soft_actor(const AgentDemand& demand, const SacConfig& config) {
  if (config.use_sde && config.hidden_sizes.empty()) {
    throw Error(place_of(demand.agent_values, {"use_sde", "hidden_sizes"}) +
                "agent.use_sde: the noise is a function of the last hidden layer, and "
                "agent.hidden_sizes: [] has none; expected at least one");
  }
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  check_off_policy(demand, config.replay);
}

AgentInfo sac_info() {
  return off_policy_info<SacConfig>(
      "sac", "soft actor-critic: off-policy, maximum entropy, bounded Box or Discrete actions",
      "Haarnoja et al. 2018, arXiv:1812.05905",
      {.discrete = true, .multi_discrete = false, .box = true, .unbounded = false}, check_sac);
}

}  // namespace tern
