// TD3 as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/td3/td3_checks.h"

namespace tern {
namespace {

constexpr const char* kHint = "'tern describe td3' lists all keys";

void check(const AgentDemand& demand) {
  check_not_recurrent(demand, "td3");
  Td3Config config;
  load_params(config, demand.agent_values, "agent", kHint);
  check_deterministic_actor(demand, "td3", config);
}

}  // namespace

void check_deterministic_actor(const AgentDemand& demand, const std::string& agent,
                               const DeterministicActorConfig& config) {
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_bounded_box(demand, agent);
  check_encoder(demand, config.encoder);
  check_off_policy(demand, config.replay);
}

AgentInfo td3_info() {
  AgentInfo info;
  info.name = "td3";
  info.summary = "twin delayed DDPG: off-policy, deterministic, bounded Box actions";
  info.reference = "Fujimoto et al. 2018, arXiv:1802.09477";
  info.params = list_params<Td3Config>();
  // An update for every step of one env is what the published settings mean.
  info.run_defaults = {{"num_envs", "1", ""}};
  info.check = check;
  info.replay_schema = replay_schema_of<Td3Config>("td3");
  return info;
}

}  // namespace tern
