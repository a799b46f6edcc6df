// DQN as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/dqn/dqn_config.h"
#include "core/error.h"

namespace tern {
namespace {

void check(const AgentDemand& demand) {
  check_not_recurrent(demand, "dqn");
  DqnConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe dqn' lists all keys");
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  if (demand.spec.action.kind() != ActionSpace::Kind::kDiscrete) {
    throw Error("dqn needs Discrete actions; " + demand.spec.id + " has " +
                kind_name(demand.spec.action) + ". Use ppo");
  }
  check_encoder(demand, config.encoder);
  check_off_policy(demand, off_policy(config));
}

}  // namespace

AgentInfo dqn_info() {
  AgentInfo info;
  info.name = "dqn";
  info.summary = "deep Q-learning from a replay buffer: off-policy, Discrete actions";
  info.reference = "Mnih et al. 2015, Nature 518";
  info.params = list_params<DqnConfig>();
  // An update every few steps of one env is what DQN's published settings mean.
  info.run_defaults = {{"num_envs", "1", ""}};
  info.check = check;
  info.replay_schema = [](const RunConfig& run) {
    DqnConfig config;
    load_params(config, run.agent_params, "agent", "'tern describe dqn' lists all keys");
    return replay_schema(off_policy(config), static_cast<std::size_t>(run.run.num_envs));
  };
  return info;
}

}  // namespace tern
