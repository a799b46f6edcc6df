// A2C as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/a2c/a2c_config.h"
#include "agents/config/agent_checks.h"
#include "core/error.h"

namespace tern {
namespace {

void check_a2c(const AgentDemand& demand) {
  check_not_recurrent(demand, "a2c", "has no recurrent networks");
  A2cConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe a2c' lists all keys");
  check_on_policy(demand, config);
  if (config.normalize_advantage && demand.run.num_envs * config.rollout_steps < 2) {
    throw Error(place_of(demand, {"normalize_advantage", "rollout_steps"}, {"num_envs"}) +
                "agent.normalize_advantage: a rollout of one sample has no deviation to scale by; "
                "expected at least 2 (run.num_envs * agent.rollout_steps)");
  }
}

}  // namespace

AgentInfo a2c_info() {
  AgentInfo info;
  info.name = "a2c";
  info.summary = "advantage actor-critic: on-policy, one step a rollout, all kinds of actions";
  info.reference = "Mnih et al. 2016, arXiv:1602.01783";
  info.params = list_params<A2cConfig>();
  info.check = check_a2c;
  return info;
}

}  // namespace tern
