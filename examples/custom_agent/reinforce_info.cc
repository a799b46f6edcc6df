// REINFORCE as help, validation and `tern list` know it. Needs no network library.

#include <string>

#include "agents/config/agent_checks.h"
#include "core/error.h"
#include "reinforce.h"

namespace custom_agent {
namespace {

void check(const tern::AgentDemand& demand) {
  ReinforceConfig config;
  tern::load_params(config, demand.agent_values, "agent",
                    "'custom_agent describe reinforce' lists all keys");
  const std::int64_t rollout = std::int64_t{demand.run.num_envs} * config.rollout_steps;
  if (demand.run.total_steps < rollout) {
    throw tern::Error(tern::place_of(demand, {"rollout_steps"}, {"total_steps", "num_envs"}) +
                      "run.total_steps: " + std::to_string(demand.run.total_steps) +
                      " is less than one rollout of " + std::to_string(rollout) +
                      " steps (run.num_envs * agent.rollout_steps)");
  }
}

}  // namespace

tern::AgentInfo reinforce_info() {
  tern::AgentInfo info;
  info.name = "reinforce";
  info.summary = "REINFORCE with a baseline: on-policy, all kinds of actions";
  info.reference = "Williams 1992, Machine Learning 8";
  info.params = tern::list_params<ReinforceConfig>();
  info.check = check;
  return info;
}

}  // namespace custom_agent
