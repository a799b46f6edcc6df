#pragma once
// From what the user wrote (a file or `AGENT ENV`, and `key=value` words) to a checked RunConfig.
// Std only.

#include <string>
#include <vector>

#include "agents/config/run_config.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "core/config/config.h"

namespace tern {

/// {"configs/ppo_cartpole.yaml"} or {"ppo", "CartPole-v1"} as a Config; nothing but its form is
/// checked. Throws Error as read_config does, and for an agent without an env.
Config config_from_words(const std::vector<std::string>& words);

/// Puts `assignments` over `config` and checks everything that can be checked without a network:
/// env, agent and their keys, types and ranges, and that the options fit each other. Assignments
/// may also set env.id and agent.name. Throws Error naming the place of what is wrong. The result
/// holds each key of each section once, with its default where nothing was given.
RunConfig resolve_run_config(Config config, const std::vector<ParamValue>& assignments);

/// A configuration that some version resolved, with this version's keys: those that have come since
/// are at their defaults, which leave everything as it was before there was a key.
RunConfig with_newer_keys(RunConfig config);

/// The `run` keys that may change when a run goes on: those that its results do not depend on.
const std::vector<std::string>& resumable_keys();

/// The configuration of a run that goes on: its config.yaml with `overrides` of resumable keys, and
/// of total_steps, which may become larger (agents/run/longer_run.h). Throws Error for any other
/// key, for fewer total_steps, and as find_run_env() does, which loads its env.
RunConfig resolve_resumed_config(const RunRef& run, const std::vector<ParamValue>& overrides,
                                 const RunEnvWords& words = {"resume"});

/// What a run of this configuration is called before its seed: the file's name, or
/// "ppo_CartPole-v1".
std::string run_name(const Config& config);

/// `config` with every value written out, as config.yaml; read_config and resolve_run_config give
/// the same RunConfig again. heading: lines of comment at the top.
std::string format_run_config(const RunConfig& config, const std::vector<std::string>& heading);

}  // namespace tern
