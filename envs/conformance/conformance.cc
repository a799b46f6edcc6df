#include "envs/conformance/conformance.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

#include "envs/conformance/conformance_rules.h"
#include "envs/random_action.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

using namespace conformance;

struct Rule {
  const char* name;
  const char* text;
  const char* chapter;  // of docs/plugins.md
  Verdict (*check)(const Subject&);
};

constexpr Rule kRules[] = {
    {"spec", "the facts are complete and the same for every instance", "facts-spec", check_spec},
    {"runs", "every allowed action of the space is taken without an exception", "reset-and-step",
     check_runs},
    {"rows", "nothing is written outside the rows", "reset-and-step", check_rows},
    {"resources", "memory, files and threads do not pile up", "the-class", check_resources},
    {"process", "folder, locale, signals and arithmetic of the program stay as they are",
     "the-class", check_process},
    {"obs-written", "reset and step write every element of the observation", "reset-and-step",
     check_obs_written},
    {"obs-space", "observations are finite and inside their space", "facts-spec", check_obs_space},
    {"reward-finite", "rewards are finite", "reset-and-step", check_reward_finite},
    {"reward-terms", "the reward terms sum to the reward", "optional-functions",
     check_reward_terms},
    {"flags", "terminated and truncated are never both set", "reset-and-step", check_flags},
    {"masks", "masks are written, and always allow something", "optional-functions", check_masks},
    {"metrics", "metrics are written and finite when an episode ends", "optional-functions",
     check_metrics},
    {"info", "info values are written and finite after each reset and step", "optional-functions",
     check_info},
    {"players", "the player to move is one of them, and the step's reward is its own",
     "optional-functions", check_players},
    {"goals", "relabel gives the reward that step gave", "optional-functions", check_goals},
    {"determinism", "the same seed and actions give the same future", "chance", check_determinism},
    {"independence", "instances do not disturb each other", "the-class", check_independence},
    {"fresh-reset", "a reset forgets everything that happened before it", "reset-and-step",
     check_fresh_reset},
    {"looking", "functions that only look leave the env as it is", "optional-functions",
     check_looking},
    {"save-load", "a loaded env continues as the saved one", "exact-state", check_save_load},
    {"levels", "levels differ", "chance", check_levels},
    {"threads", "1, 2 and 4 threads give the same bits", "the-class", check_threads},
    {"state-vector", "the documented state can be read and set", "optional-functions",
     check_state_vector},
    {"transitions", "the transition table is a model of step", "optional-functions",
     check_transitions},
    {"human-action", "what keys mean is inside the action space", "optional-functions",
     check_human_action},
    {"draw", "drawing sets a view first and balances push and pop", "drawing", check_draw},
    {"printing", "nothing is printed to standard output", "the-class", check_printing},
    {"scale", "rewards and observations are of a size that is learned well", "facts-spec",
     check_scale},
    {"long-run", "thousands of steps run in one go", "facts-spec", check_long_run},
};

/// The rule as a finding that was not made yet.
Finding announced(const Rule& rule) {
  Finding finding;
  finding.rule = rule.name;
  finding.text = rule.text;
  finding.docs = std::string("docs/plugins.md#") + rule.chapter;
  return finding;
}

/// ends_check: set where nothing more is to be looked at.
Finding judge(const Rule& rule, const Subject& subject, bool& ends_check) {
  Finding finding = announced(rule);
  try {
    const Verdict verdict = rule.check(subject);
    finding.passed = verdict.wrong.empty();
    finding.message = finding.passed ? verdict.remark : verdict.wrong;
    ends_check = verdict.ends_check;
  } catch (const std::exception& error) {
    finding.message = std::string("threw an exception: ") + error.what();
  } catch (...) {
    finding.message = "threw an exception that is no std::exception; throw tern::Error";
  }
  return finding;
}

/// Steps a second of one env with random actions, auto-reset included.
double measure_speed(const Subject& subject) {
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
  for (int burst = 1; seconds < subject.options.bench_seconds; burst = std::min(2 * burst, 100)) {
    for (int i = 0; i < burst; ++i, ++steps) {
      random_action(spec.action, buffers.batch.mask[0], rng, buffers.actions[0]);
      envs.step(buffers.actions, buffers.batch);
    }
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return static_cast<double>(steps) / seconds;
}

/// As many steps for each rule as take a second or two, at least 20.
int fitting_steps(const Subject& subject) {
  constexpr double kSeconds = 1.5;
  const Clock::time_point begin = Clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  DrivenEnv env(subject.make(), subject.options.seed);
  int calls = 0;
  try {
    while (calls < 20 && seconds() < 1) {
      env.advance();
      ++calls;
    }
  } catch (const std::exception&) {  // for the rules to find
    return subject.options.steps;
  }
  const double fitting = kSeconds * calls / seconds();
  return std::min<double>(fitting, subject.options.steps) < 20 ? std::min(20, subject.options.steps)
         : static_cast<int>(std::min<double>(fitting, subject.options.steps));
}

/// Whether it would only say once more that the env is not deterministic, or that instances share
/// something, and blame another function for it.
bool follows_from(const ConformanceReport& report, const Rule& rule) {
  const auto is_broken = [&](const char* name) {
    return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
      return !finding.passed && finding.rule == name;
    });
  };
  const bool compares = rule.check == check_fresh_reset || rule.check == check_looking ||
                        rule.check == check_save_load;
  return (compares && (is_broken("determinism") || is_broken("independence"))) ||
         (rule.check == check_threads && is_broken("determinism"));
}

bool is_wanted(const Rule& rule, const ConformanceOptions& options) {
  const std::vector<std::string>& only = options.only;
  return only.empty() || std::find(only.begin(), only.end(), rule.name) != only.end();
}

}  // namespace

ConformanceReport check_conformance(const EnvEntry& entry, const ParamValues& params,
                                    const ConformanceOptions& given) {
  ConformanceOptions options = given;
  if (!options.process) options.process = ProcessState::now();
  const Subject subject{entry, params, options};
  subject.make();  // bad parameters are the caller's error, not a finding
  if (options.fits_steps) options.steps = fitting_steps(subject);
  ConformanceReport report;
  report.env = entry.spec.id;
  report.steps = options.steps;
  bool is_behind = options.after.empty();
  for (const Rule& rule : kRules) {
    if (!is_behind) {
      is_behind = options.after == rule.name;
      continue;
    }
    if (!is_wanted(rule, options) || follows_from(report, rule)) continue;
    if (options.on_rule) options.on_rule(announced(rule));
    bool ends_check = false;
    report.findings.push_back(judge(rule, subject, ends_check));
    if (options.on_finding) options.on_finding(report.findings.back());
    ends_check = ends_check || rule.check == check_runs;
    if (ends_check && !report.findings.back().passed) return report;
  }
  if (report.passed() && options.bench_seconds > 0) {
    if (options.on_rule) {
      options.on_rule({"speed", "it runs on while its speed is measured", false, "",
                       "docs/plugins.md#reset-and-step"});
    }
    report.steps_per_second = measure_speed(subject);
  }
  return report;
}

std::vector<std::string> conformance_rules() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) names.push_back(rule.name);
  return names;
}

std::vector<std::string> conformance_hashes(const EnvEntry& entry, const ParamValues& params,
                                            const ConformanceOptions& options) {
  const Subject subject{entry, params, options};
  DrivenEnv env(subject.make(), options.seed);
  std::vector<std::string> lines;
  int next = 1;
  for (int calls = 1; calls <= options.steps; ++calls) {
    env.advance();
    if (calls < next && calls < options.steps) continue;
    next = calls + std::max(1, calls / 4);
    char line[64];
    std::snprintf(line, sizeof line, "%d calls: %016llx", calls,
                  static_cast<unsigned long long>(env.hash()));
    lines.emplace_back(line);
  }
  return lines;
}

}  // namespace tern
