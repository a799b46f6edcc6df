#pragma once
// The part of an agent's entry that needs no network: name, hyper-parameters, and checks of a run.
// Std only, so that help and validation load no network library.

#include <functional>
#include <string>
#include <vector>

#include "agents/config/run_config.h"
#include "core/params.h"
#include "envs/env.h"
#include "replay/replay_schema.h"

namespace tern {

/// A run as far as it is known before any network exists.
struct AgentDemand {
  const EnvSpec& spec;  // with the parameters given
  const RunParams& run;
  const std::vector<ParamValue>& agent_values;  // as given, with their places
  const std::vector<ParamValue>& run_values;
};

/// Which actions an agent learns: all, unless it says otherwise.
struct LearnedActions {
  bool discrete = true, multi_discrete = true, box = true;
  bool unbounded = true;  // Box components that lack a bound
};

/// A learning algorithm, as its own folder describes it (agents/<algo>/<algo>_info.cc).
struct AgentInfo {
  std::string name;                      // "ppo"
  std::string summary;                   // one line for `tern list`
  std::string reference;                 // the paper
  LearnedActions actions;                // others are refused, naming agents that learn them
  std::vector<ParamInfo> params;         // what `agent.<key>` may be
  std::vector<ParamValue> run_defaults;  // of section `run`, where they differ from RunParams
  /// Throws Error unless keys, types and ranges are right, the options fit each other, and the
  /// agent can learn in this env; names the place of the option at fault.
  std::function<void(const AgentDemand&)> check;
  /// The replay buffer of such a run, for those who look into a checkpoint; empty: it has none.
  std::function<ReplaySchema(const RunConfig&)> replay_schema;
};

}  // namespace tern
