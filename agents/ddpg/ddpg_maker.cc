// DDPG's entry in the table of agents: TD3 without what TD3 adds.

#include "agents/algorithm/agent_maker.h"
#include "agents/ddpg/ddpg_config.h"
#include "agents/td3/td3.h"

namespace tern {

AgentMaker ddpg_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    return make_td3("ddpg", td3_config(agent_config<DdpgConfig>(run)), spec,
                    static_cast<std::size_t>(run.run.num_envs),
                    static_cast<std::uint64_t>(run.run.seed));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec,
                         Row<const std::uint8_t> state) {
    return load_continuous_policy(
        td3_policy_options("ddpg", td3_config(agent_config<DdpgConfig>(run)), spec), spec, state);
  };
  return maker;
}

}  // namespace tern
