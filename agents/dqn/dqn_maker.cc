// DQN's entry in the table of agents: from a configuration to an agent or a policy.

#include "agents/algorithm/agent_maker.h"
#include "agents/dqn/dqn.h"
#include "agents/dqn/dqn_policy_options.h"

namespace tern {

AgentMaker dqn_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    return make_dqn(agent_config<DqnConfig>(run), spec, static_cast<std::size_t>(run.run.num_envs),
                    static_cast<std::uint64_t>(run.run.seed));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec,
                         Row<const std::uint8_t> state) {
    return load_q_policy(dqn_policy_options(agent_config<DqnConfig>(run), spec), spec, state);
  };
  return maker;
}

}  // namespace tern
