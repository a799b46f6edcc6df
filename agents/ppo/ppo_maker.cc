// PPO's entry in the table of agents: from a configuration to an agent or a policy.

#include "agents/algorithm/agent_maker.h"
#include "agents/ppo/ppo.h"
#include "agents/ppo/ppo_policy_options.h"

namespace tern {

AgentMaker ppo_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    return make_ppo(agent_config<PpoConfig>(run), spec, static_cast<std::size_t>(run.run.num_envs),
                    static_cast<std::uint64_t>(run.run.seed));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec,
                         Row<const std::uint8_t> state) {
    return load_actor_critic_policy(ppo_policy_options(agent_config<PpoConfig>(run), spec), spec,
                                    state);
  };
  return maker;
}

}  // namespace tern
