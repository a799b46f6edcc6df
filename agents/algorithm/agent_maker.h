#pragma once
// How an agent is made and how its policies are loaded: the part of an agent's entry that needs the
// network library. The part without is agents/config/agent_info.h.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agents/algorithm/agent.h"
#include "agents/config/run_config.h"
#include "core/params.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

struct AgentMaker {
  /// A new agent for envs of the spec. Throws Error for a bad hyper-parameter.
  std::function<std::unique_ptr<Agent>(const RunConfig&, const EnvSpec&)> make;
  /// The policy stored in a checkpoint, frozen, on the CPU: `state` is AgentState::policy. Throws
  /// Error if it is of another configuration.
  std::function<std::unique_ptr<Policy>(const RunConfig&, const EnvSpec&,
                                        Row<const std::uint8_t> state)>
      load_policy;
};

/// The hyper-parameters of a run's agent.
template <class Config>
Config agent_config(const RunConfig& run) {
  Config config;
  load_params(config, run.agent_params, "agent", "'tern describe " + run.agent + "' lists all keys");
  return config;
}

}  // namespace tern
