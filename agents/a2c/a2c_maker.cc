// A2C's entry in the table of agents: from a configuration to an agent or a policy.

#include "agents/a2c/a2c.h"
#include "agents/a2c/a2c_policy_options.h"
#include "agents/algorithm/agent_maker.h"

namespace tern {

AgentMaker a2c_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    return make_a2c(agent_config<A2cConfig>(run), spec, static_cast<std::size_t>(run.run.num_envs),
                    static_cast<std::uint64_t>(run.run.seed));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec, Row<const std::uint8_t> state) {
    return load_actor_critic_policy(a2c_policy_options(agent_config<A2cConfig>(run), spec), spec,
                                    state);
  };
  return maker;
}

}  // namespace tern
