#pragma once
// The rules behind conformance.h. Each returns what is wrong and what to do, or "" when the env
// keeps it; what a rule throws counts as wrong too.

#include <cstdint>
#include <memory>
#include <string>

#include "envs/conformance/conformance_report.h"
#include "envs/conformance/driven_env.h"
#include "envs/env_entry.h"
#include "envs/plugin_host/row_guard.h"

namespace tern::conformance {

/// The env under examination.
struct Subject {
  const EnvEntry& entry;
  const ParamValues& params;
  const ConformanceOptions& options;

  std::unique_ptr<Env> make() const { return entry.make(params); }
  EnvSpec spec() const { return make()->spec(); }
};

/// What a rule found: `wrong` is empty when the env keeps it; `remark` may say more.
struct Verdict {
  std::string wrong;
  std::string remark = {};
  bool ends_check = false;  // what is wrong would spoil the machine if more rules were looked at
};

// What an env says (conformance_outputs.cc).
Verdict check_spec(const Subject& subject);
Verdict check_runs(const Subject& subject);
Verdict check_obs_written(const Subject& subject);
Verdict check_obs_space(const Subject& subject);
Verdict check_reward_finite(const Subject& subject);
Verdict check_reward_terms(const Subject& subject);
Verdict check_flags(const Subject& subject);
Verdict check_masks(const Subject& subject);
Verdict check_metrics(const Subject& subject);
Verdict check_info(const Subject& subject);
Verdict check_players(const Subject& subject);

Verdict check_goals(const Subject& subject);
/// What is wrong with an observation, or "".
std::string wrong_observation(const ObsSpace& space, ObsRow row);

// How an env behaves as a part of a program (conformance_conduct.cc).
Verdict check_rows(const Subject& subject);
Verdict check_looking(const Subject& subject);
Verdict check_printing(const Subject& subject);
Verdict check_resources(const Subject& subject);
Verdict check_process(const Subject& subject);
Verdict check_scale(const Subject& subject);
Verdict check_long_run(const Subject& subject);

// What an env offers besides (conformance_extras.cc).
Verdict check_state_vector(const Subject& subject);
Verdict check_transitions(const Subject& subject);
Verdict check_human_action(const Subject& subject);
Verdict check_draw(const Subject& subject);

// What follows from what (conformance_futures.cc).
Verdict check_determinism(const Subject& subject);
Verdict check_independence(const Subject& subject);
Verdict check_fresh_reset(const Subject& subject);
Verdict check_save_load(const Subject& subject);
Verdict check_levels(const Subject& subject);
Verdict check_threads(const Subject& subject);

}  // namespace tern::conformance
