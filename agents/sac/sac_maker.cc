// SAC's entry in the table of agents: from a configuration to an agent or a policy.

#include "agents/algorithm/agent_maker.h"
#include "agents/sac/discrete_sac.h"
#include "agents/sac/sac.h"

namespace tern {
namespace {

bool is_discrete(const EnvSpec& spec) {
  return spec.action.kind() == ActionSpace::Kind::kDiscrete;
}

}  // namespace

AgentMaker sac_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    const auto config = agent_config<SacConfig>(run);
    const auto num_envs = static_cast<std::size_t>(run.run.num_envs);
    const auto seed = static_cast<std::uint64_t>(run.run.seed);
    return is_discrete(spec) ? make_discrete_sac(config, spec, num_envs, seed)
                             : make_sac(config, spec, num_envs, seed);
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec,
                         Row<const std::uint8_t> state) {
    const auto config = agent_config<SacConfig>(run);
    if (is_discrete(spec)) {
      return load_discrete_policy(discrete_policy_options("sac", config, spec), spec, state);
    }
    return load_continuous_policy(sac_policy_options(config, spec), spec, state);
  };
  return maker;
}

}  // namespace tern
