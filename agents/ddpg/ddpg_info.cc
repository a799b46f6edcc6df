// DDPG as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/ddpg/ddpg_config.h"
#include "agents/td3/td3_checks.h"

namespace tern {
namespace {

constexpr const char* kHint = "'tern describe ddpg' lists all keys";

void check(const AgentDemand& demand) {
  check_not_recurrent(demand, "ddpg");
  DdpgConfig config;
  load_params(config, demand.agent_values, "agent", kHint);
  check_deterministic_actor(demand, "ddpg", config);
}

}  // namespace

AgentInfo ddpg_info() {
  AgentInfo info;
  info.name = "ddpg";
  info.summary = "deep deterministic policy gradients: off-policy, bounded Box actions";
  info.reference = "Lillicrap et al. 2016, arXiv:1509.02971";
  info.params = list_params<DdpgConfig>();
  info.run_defaults = {{"num_envs", "1", ""}};
  info.check = check;
  info.replay_schema = replay_schema_of<DdpgConfig>("ddpg");
  return info;
}

}  // namespace tern
