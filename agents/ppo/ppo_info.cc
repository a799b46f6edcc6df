// PPO as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/ppo/ppo_config.h"
#include "core/error.h"

namespace tern {
namespace {

void check_ppo(const AgentDemand& demand) {
  PpoConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe ppo' lists all keys");
  check_on_policy(demand, config);
  const std::string place = place_of(demand, {"minibatch_size", "rollout_steps"}, {"num_envs"});
  check_minibatch(config, static_cast<std::size_t>(demand.run.num_envs), place);
}

}  // namespace

void check_minibatch(const PpoConfig& config, std::size_t num_envs, const std::string& place) {
  const auto envs = static_cast<std::int64_t>(num_envs);
  const std::int64_t rollout = envs * config.rollout_steps;
  if (config.minibatch_size > rollout) {
    throw Error(place + "agent.minibatch_size: " + std::to_string(config.minibatch_size) +
                " is larger than a rollout of " + rollout_text(config, envs) +
                "; expected at most " + std::to_string(rollout));
  }
  if (rollout % config.minibatch_size != 0) {
    throw Error(place + "agent.minibatch_size: " + std::to_string(config.minibatch_size) +
                " does not divide a rollout of " + rollout_text(config, envs) + "; near it do " +
                divisors_near(rollout, config.minibatch_size));
  }
  if (config.recurrent != "none" && config.minibatch_size % config.rollout_steps != 0) {
    throw Error(place + "agent.minibatch_size: " + std::to_string(config.minibatch_size) +
                " is no multiple of agent.rollout_steps: " + std::to_string(config.rollout_steps) +
                "; agent.recurrent: " + config.recurrent + " learns from whole rollouts of an env");
  }
}

AgentInfo ppo_info() {
  AgentInfo info;
  info.name = "ppo";
  info.summary = "proximal policy optimisation: on-policy, all kinds of actions";
  info.reference = "Schulman et al. 2017, arXiv:1707.06347";
  info.params = list_params<PpoConfig>();
  info.check = check_ppo;
  return info;
}

}  // namespace tern
