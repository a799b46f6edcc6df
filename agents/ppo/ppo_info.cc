// PPO as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/ppo/ppo_config.h"
#include "core/error.h"

namespace tern {
namespace {

std::string rollout_text(const PpoConfig& config, std::int64_t num_envs) {
  return std::to_string(num_envs * config.rollout_steps) + " samples (run.num_envs " +
         std::to_string(num_envs) + " * agent.rollout_steps " +
         std::to_string(config.rollout_steps) + ")";
}

void check(const AgentDemand& demand) {
  PpoConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe ppo' lists all keys");
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  const std::int64_t rollout = std::int64_t{demand.run.num_envs} * config.rollout_steps;
  const std::string place = place_of(demand, {"minibatch_size", "rollout_steps"}, {"num_envs"});
  check_minibatch(config, static_cast<std::size_t>(demand.run.num_envs), place);
  if (demand.run.total_steps < rollout) {
    throw Error(place_of(demand.run_values, {"total_steps", "num_envs"}) + "run.total_steps: " +
                std::to_string(demand.run.total_steps) + " is less than one rollout of " +
                rollout_text(config, demand.run.num_envs) +
                "; expected at least " + std::to_string(rollout));
  }
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
  info.check = check;
  return info;
}

}  // namespace tern
