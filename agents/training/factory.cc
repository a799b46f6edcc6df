#include "agents/training/factory.h"

#include "agents/config/catalog.h"
#include "agents/dqn/dqn.h"
#include "agents/dqn/dqn_policy.h"
#include "agents/ppo/ppo.h"
#include "agents/ppo/ppo_policy.h"

namespace tern {
namespace {

template <class Config>
Config load_config(const RunConfig& run) {
  Config config;
  load_params(config, run.agent_params, "agent", "'tern describe " + run.agent + "' lists all keys");
  return config;
}

}  // namespace

std::unique_ptr<Agent> make_agent(const RunConfig& config, const EnvSpec& spec) {
  const auto num_envs = static_cast<std::size_t>(config.run.num_envs);
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  if (config.agent == "ppo") return make_ppo(load_config<PpoConfig>(config), spec, num_envs, seed);
  if (config.agent == "dqn") return make_dqn(load_config<DqnConfig>(config), spec, num_envs, seed);
  throw Error("agent '" + find_agent(config.agent).name + "' cannot be made");
}

std::unique_ptr<Policy> load_policy(const RunConfig& config, const EnvSpec& spec,
                                    Row<const std::uint8_t> state) {
  if (config.agent == "ppo") return load_ppo_policy(load_config<PpoConfig>(config), spec, state);
  if (config.agent == "dqn") return load_dqn_policy(load_config<DqnConfig>(config), spec, state);
  throw Error("agent '" + find_agent(config.agent).name + "' cannot be loaded");
}

}  // namespace tern
