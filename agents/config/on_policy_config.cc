#include "agents/config/on_policy_config.h"

#include <cstdint>

#include "agents/config/agent_checks.h"
#include "core/error.h"

namespace tern {

std::string rollout_text(const OnPolicyConfig& config, std::int64_t num_envs) {
  return std::to_string(num_envs * config.rollout_steps) + " samples (run.num_envs " +
         std::to_string(num_envs) + " * agent.rollout_steps " +
         std::to_string(config.rollout_steps) + ")";
}

void check_on_policy(const AgentDemand& demand, const OnPolicyConfig& config) {
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  const std::int64_t rollout = std::int64_t{demand.run.num_envs} * config.rollout_steps;
  if (demand.run.total_steps >= rollout) return;
  std::string place = place_of(demand.run_values, {"total_steps", "num_envs"});
  if (place.empty()) place = place_of(demand.agent_values, {"rollout_steps"});
  throw Error(place + "run.total_steps: " + std::to_string(demand.run.total_steps) +
              " is less than one rollout of " + rollout_text(config, demand.run.num_envs) +
              "; expected at least " + std::to_string(rollout));
}

}  // namespace tern
