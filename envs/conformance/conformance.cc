#include "envs/conformance/conformance.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "envs/conformance/conformance_rules.h"
#include "envs/random_action.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

using namespace conformance;

struct Rule {
  const char* name;
  const char* text;
  Verdict (*check)(const Subject&);
};

constexpr Rule kRules[] = {
    {"spec", "the facts are complete and the same for every instance", check_spec},
    {"runs", "every allowed action of the space is taken without an exception", check_runs},
    {"obs-written", "reset and step write every element of the observation", check_obs_written},
    {"obs-space", "observations are finite and inside their space", check_obs_space},
    {"reward-finite", "rewards are finite", check_reward_finite},
    {"reward-terms", "the reward terms sum to the reward", check_reward_terms},
    {"flags", "terminated and truncated are never both set", check_flags},
    {"masks", "masks are written, and always allow something", check_masks},
    {"metrics", "metrics are written and finite when an episode ends", check_metrics},
    {"players", "the player to move is one of them, and the step's reward is its own", check_players},
    {"determinism", "the same seed and actions give the same future", check_determinism},
    {"independence", "instances do not disturb each other", check_independence},
    {"fresh-reset", "a reset forgets everything that happened before it", check_fresh_reset},
    {"save-load", "a loaded env continues as the saved one", check_save_load},
    {"levels", "levels differ", check_levels},
    {"threads", "1, 2 and 4 threads give the same bits", check_threads},
    {"state-vector", "the documented state can be read and set", check_state_vector},
    {"transitions", "the transition table is a model of step", check_transitions},
    {"human-action", "what keys mean is inside the action space", check_human_action},
    {"draw", "drawing sets a view first and balances push and pop", check_draw},
};

Finding judge(const Rule& rule, const Subject& subject) {
  Finding finding;
  finding.rule = rule.name;
  finding.text = rule.text;
  try {
    const Verdict verdict = rule.check(subject);
    finding.passed = verdict.wrong.empty();
    finding.message = finding.passed ? verdict.remark : verdict.wrong;
  } catch (const std::exception& error) {
    finding.message = std::string("threw an exception: ") + error.what();
  }
  return finding;
}

/// Steps a second of one env with random actions, auto-reset included.
double measure_speed(const Subject& subject) {
  using Clock = std::chrono::steady_clock;
  VecEnvOptions options;
  options.seed = subject.options.seed;
  VecEnv envs(subject.entry, subject.params, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 1);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  Rng rng(subject.options.seed, "random action");
  const Clock::time_point begin = Clock::now();
  std::int64_t steps = 0;
  double seconds = 0;
  do {
    for (int i = 0; i < 100; ++i, ++steps) {
      random_action(spec.action, buffers.batch.mask[0], rng, buffers.actions[0]);
      envs.step(buffers.actions, buffers.batch);
    }
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (seconds < subject.options.bench_seconds);
  return static_cast<double>(steps) / seconds;
}

}  // namespace

ConformanceReport check_conformance(const EnvEntry& entry, const ParamValues& params,
                                    const ConformanceOptions& options) {
  const Subject subject{entry, params, options};
  subject.make();  // bad parameters are the caller's error, not a finding
  ConformanceReport report;
  report.env = entry.spec.id;
  for (const Rule& rule : kRules) {
    report.findings.push_back(judge(rule, subject));
    if (rule.check == check_runs && !report.findings.back().passed) return report;
  }
  if (report.passed() && options.bench_seconds > 0) {
    report.steps_per_second = measure_speed(subject);
  }
  return report;
}

std::vector<std::string> conformance_rules() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) names.push_back(rule.name);
  return names;
}

}  // namespace tern
