#pragma once
// Hyper-parameters of learning from a replay buffer, the same for every agent that does. Std only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/config/agent_checks.h"
#include "agents/config/agent_info.h"
#include "agents/config/recurrent_config.h"
#include "core/params.h"
#include "replay/replay_schema.h"

namespace tern {

/// Defaults are Stable-Baselines3's for SAC and TD3.
struct OffPolicyConfig {
  std::int64_t buffer_size = 1'000'000;
  std::string buffer_file;
  std::string demonstrations;
  std::int64_t learning_starts = 100;
  int batch_size = 256;
  int train_every = 1;
  int updates_per_train = 1;
  double gamma = 0.99;
  int n_step = 1;
  bool prioritized = false;
  double priority_alpha = 0.6;
  double priority_epsilon = 1e-6;
  Schedule priority_beta = {0.4, 1.0, 0};
  std::string hindsight = "none";
  double hindsight_share = 0.8;
  RecurrentConfig memory;  // of agents that visit it, too

  template <class V>
  void visit(V& v) {
    v("buffer_size", buffer_size, "transitions kept in the replay buffer", at_least(1));
    v("buffer_file", buffer_file,
      "a free path on the disk that holds them while the run goes on, more than memory does; "
      "empty: "
      "memory");
    v("demonstrations", demonstrations,
      "a file of 'tern play ENV -o FILE' or 'tern rollout ENV --steps N --json', whose steps the "
      "buffer holds from the start; empty: none");
    v("learning_starts", learning_starts,
      "environment steps before the first update; actions are drawn evenly until then",
      at_least(0));
    v("batch_size", batch_size, "transitions in a gradient step", at_least(1));
    v("train_every", train_every,
      "environment steps between trainings; num_envs divides it or it divides num_envs",
      at_least(1));
    v("updates_per_train", updates_per_train, "gradient steps each time", at_least(1));
    v("gamma", gamma, "discount factor", in_range(0, 1));
    v("n_step", n_step, "steps whose rewards are summed before the critic is asked",
      in_range(1, 1000));
    v("prioritized", prioritized, "draw transitions by their TD errors, not alike");
    v("priority_alpha", priority_alpha,
      "prioritized: 0 draws all alike, 1 in proportion to the error", in_range(0, 1));
    v("priority_epsilon", priority_epsilon, "prioritized: added to the error", at_least(0));
    v("priority_beta", priority_beta,
      "prioritized: how much of the uneven drawing the importance weights take back",
      in_range(0, 1));
    v("hindsight", hindsight,
      "envs with goals: a share of the transitions is learned from with another goal, one that was "
      "achieved later in its episode (future), last (final) or whenever (episode)",
      one_of({"none", "future", "final", "episode"}));
    v("hindsight_share", hindsight_share, "hindsight: of the transitions", in_range(0, 1));
  }
};

/// The buffer of a run with num_envs envs.
ReplaySchema replay_schema(const OffPolicyConfig& config, std::size_t num_envs);

/// What agents learn whose policy squashes its actions into their bounds: Box actions with both.
inline constexpr LearnedActions kBoundedBox = {
    .discrete = false, .multi_discrete = false, .box = true, .unbounded = false};

/// What an agent without RecurrentConfig among its keys answers to them: Config::kNoMemory, if it
/// says why.
template <class Config>
const char* why_no_memory() {
  if constexpr (requires { Config::kNoMemory; }) return Config::kNoMemory;
  return "has no recurrent networks";
}

/// The entry of an agent whose Config has an OffPolicyConfig `replay`. name: "sac". check(demand,
/// config): as AgentInfo::check, of what was loaded.
template <class Config, class Check>
AgentInfo off_policy_info(const std::string& name, const std::string& summary,
                          const std::string& reference, const LearnedActions& actions,
                          const Check& check) {
  const auto config_of = [hint = "'tern describe " + name +
                                 "' lists all keys"](const std::vector<ParamValue>& values) {
    Config config;
    load_params(config, values, "agent", hint);
    return config;
  };
  AgentInfo info;
  info.name = name;
  info.summary = summary;
  info.reference = reference;
  info.actions = actions;
  info.params = list_params<Config>();
  // An update for every step of one env is what the published settings mean.
  info.run_defaults = {{"num_envs", "1", ""}};
  const bool has_memory =
      std::any_of(info.params.begin(), info.params.end(),
                  [](const ParamInfo& each) { return each.name == "recurrent"; });
  info.check = [=](const AgentDemand& demand) {
    if (!has_memory) check_not_recurrent(demand, name, why_no_memory<Config>());
    check(demand, config_of(demand.agent_values));
  };
  info.replay_schema = [=](const RunConfig& run) {
    return replay_schema(config_of(run.agent_params).replay,
                         static_cast<std::size_t>(run.run.num_envs));
  };
  return info;
}

/// Throws Error, naming the place of the option at fault, unless the options fit each other and the
/// run, which must be long enough for a gradient step.
void check_off_policy(const AgentDemand& demand, const OffPolicyConfig& config);

/// How many gradient steps are due when the env steps done go from `before` to `now`.
std::int64_t updates_due(const OffPolicyConfig& config, std::int64_t before, std::int64_t now);

}  // namespace tern
