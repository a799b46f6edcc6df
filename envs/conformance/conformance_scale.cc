// What is told of an env by its numbers: how large they are, whether actions change them, and how
// long its episodes are.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/hash.h"
#include "envs/conformance/conformance_rules.h"
#include "envs/python_host/python_entry.h"
#include "envs/random_action.h"
#include "envs/vector/vec_env.h"
#include "envs/wrappers/wrap.h"

namespace tern::conformance {
namespace {

using Clock = std::chrono::steady_clock;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// Of `steps` steps with one seed of the env and actions of another.
std::uint64_t hash_with_actions(const Subject& subject, std::uint64_t actions, int steps) {
  VecEnvOptions options;
  options.seed = subject.options.seed;
  VecEnv envs(subject.entry, subject.params, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers rows(spec.obs, spec.action, spec.metrics.size(), 1, spec.players);
  Rng rng(actions, "actions that may not matter");
  Hash64 hash;
  envs.reset(rows.batch.obs, rows.batch.mask);
  for (int i = 0; i < steps; ++i) {
    random_action(spec.action, rows.batch.mask[0], rng, rows.actions[0]);
    envs.step(rows.actions, rows.batch);
    hash.add(rows.batch.obs.data(), rows.batch.obs.row_bytes());
    hash.add(rows.batch.reward[0]);
    hash.add(rows.batch.terminated[0]);
    hash.add(rows.batch.truncated[0]);
  }
  return hash.value();
}

bool actions_matter(const Subject& subject) {
  const ActionSpace space = subject.spec().action;
  const bool has_choice = space.is_box() || space.mask_size() > space.size();
  const int steps = std::min(subject.options.steps, 200);
  const std::uint64_t first = hash_with_actions(subject, 1, steps);
  for (const std::uint64_t other : {2, 3}) {
    if (!has_choice || hash_with_actions(subject, other, steps) != first) return true;
  }
  return false;
}

/// How often the thread has given up the processor by itself.
std::int64_t waits_of_this_thread() {
  rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

/// Of one env, and where it is now.
struct Episodes {
  int ended = 0, steps = 0;  // steps: of the one that goes on
  int first_length = 0;
  bool are_alike = true;  // all terminated, after as many steps

  bool has_a_hidden_limit() const { return are_alike && ended >= 3 && first_length >= 20; }
};

/// What is wrong with the end of an episode, or with a step that is later in its episode than the
/// `seen` ones which other rules see; or "".
std::string wrong_step(const EnvSpec& spec, const StepBatch& batch, int seen, Episodes& episodes) {
  const bool has_ended = batch.terminated[0] != 0 || batch.truncated[0] != 0;
  ++episodes.steps;
  const std::string where = "step " + std::to_string(episodes.steps) + " of episode " +
                            std::to_string(episodes.ended + 1) + ": ";
  const std::string wrong =
      wrong_observation(spec.obs, has_ended ? batch.final_obs[0] : batch.obs[0]);
  const bool is_late = episodes.steps > seen;
  if (is_late && !wrong.empty()) return where + wrong;
  if (is_late && !std::isfinite(batch.reward[0])) {
    return where + "the reward is " + format_number(static_cast<double>(batch.reward[0]));
  }
  if (!has_ended) return "";
  for (std::size_t i = 0; i < batch.episode_metrics.size(); ++i) {
    if (std::isfinite(batch.episode_metrics[i])) continue;
    return where + "the metric '" + spec.metrics[i] +
           "' is not finite; write a number where an episode has none, as 0";
  }
  if (episodes.ended++ == 0) episodes.first_length = episodes.steps;
  const bool is_alike = batch.terminated[0] != 0 && episodes.steps == episodes.first_length;
  episodes.are_alike = episodes.are_alike && is_alike;
  episodes.steps = 0;
  return "";
}

}  // namespace

Verdict check_scale(const Subject& subject) {
  constexpr double kHuge = 1000, kTiny = 1e-3;
  DrivenEnv env(subject.make(), subject.options.seed);
  const ObsSpace space = env.spec().obs;
  double largest_reward = 0, largest_obs = 0;
  std::size_t largest_at = 0;
  bool obs_changes = false;
  std::vector<float> first_obs;
  int steps = 0;
  for (int i = 0; i < subject.options.steps; ++i) {
    env.advance();
    const FloatRow row = env.obs().floats();
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double size = std::fabs(static_cast<double>(row[k]));
      if (size > largest_obs) largest_at = k;
      largest_obs = std::max(largest_obs, size);
    }
    if (first_obs.empty()) first_obs.assign(row.begin(), row.end());
    obs_changes = obs_changes || space.num_bytes() > 0 ||
                  !std::equal(row.begin(), row.end(), first_obs.begin());
    if (env.was_reset()) continue;
    ++steps;
    largest_reward = std::max(largest_reward, std::fabs(static_cast<double>(env.result().reward)));
  }
  const std::string seen = " in " + std::to_string(steps) + " steps of random actions";
  if (largest_reward == 0) {
    return {"", "every reward was 0" + seen +
                    ": what chance does not find is learned slowly, if at all. Pay for progress, or "
                    "let some episodes begin near the goal"};
  }
  if (largest_reward > kHuge) {
    return {"", "rewards reach " + number(largest_reward) + seen +
                    ": losses grow with their square. Divide them, or train with env.reward_scale=" +
                    number(std::pow(10.0, -std::floor(std::log10(largest_reward))))};
  }
  if (largest_reward < kTiny) {
    return {"", "no reward is above " + number(largest_reward) + seen +
                    ": it drowns in the entropy bonus and in rounding. Multiply them, or train with "
                    "env.reward_scale=" +
                    number(std::pow(10.0, -std::floor(std::log10(largest_reward))))};
  }
  if (largest_obs > kHuge) {
    for (const Field& field : space.fields()) {
      if (largest_at < field.offset || largest_at >= field.offset + field.size()) continue;
      if (field.categories > 0) break;
      return {"", "observation field '" + field.name + "' reaches " + number(largest_obs) +
                      ": networks learn from numbers around 1. Divide it, or train with "
                      "agent.normalize_obs=true"};
    }
  }
  if (!actions_matter(subject)) {
    return {"", "whatever the actions were, the same observations, rewards and ends came" + seen +
                    ": is the action that step() gets read?"};
  }
  if (!obs_changes) {
    return {"", "the observation was the same all the time" + seen +
                    ": if there is something to see, write it into the row in step, too"};
  }
  return {};
}

Verdict check_long_run(const Subject& subject) {
  const int most_steps = 10 * subject.options.steps;
  const double most_seconds = 3;
  VecEnvOptions options;  // as 'tern rollout' steps it, so that this command repeats it
  options.seed = subject.options.seed;
  VecEnv envs(subject.entry, subject.params, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers rows(spec.obs, spec.action, spec.metrics.size(), 1, spec.players);
  Rng rng(subject.options.seed, "rollout policy");
  envs.reset(rows.batch.obs, rows.batch.mask);
  const Clock::time_point begin = Clock::now();
  const std::int64_t waits_before = waits_of_this_thread();
  Episodes episodes;
  int steps = 0;
  while (steps < most_steps &&
         std::chrono::duration<double>(Clock::now() - begin).count() < most_seconds) {
    random_action(spec.action, rows.batch.mask[0], rng, rows.actions[0]);
    envs.step(rows.actions, rows.batch);
    ++steps;
    const std::string wrong = wrong_step(spec, rows.batch, subject.options.steps, episodes);
    if (!wrong.empty()) return {wrong};
  }
  const std::int64_t waits = waits_of_this_thread() - waits_before;
  // An env in a process of its own is waited for in each step.
  const bool is_elsewhere = is_python_name(subject.entry.origin) ||
                            load_wrapper_params(subject.entry, subject.params).isolates();
  if (steps >= 50 && waits >= steps && !is_elsewhere) {
    return {"", "the env waits for something in each step: it has a time of its own, and need not "
                "sleep or ask others; frames_per_second says how fast people see it"};
  }
  if (episodes.has_a_hidden_limit()) {
    return {"", "each of " + std::to_string(episodes.ended) + " episodes was terminated after " +
                    std::to_string(episodes.first_length) +
                    " steps: if that is a time limit, say it by max_episode_steps, so that agents do "
                    "not take it for the end of all reward"};
  }
  if (episodes.ended > 0) return {};
  const std::string seen =
      "no episode ended in " + std::to_string(steps) + " steps of random actions";
  if (spec.max_episode_steps > 0) {
    return {"", seen + "; the time limit is " + std::to_string(spec.max_episode_steps) + " steps"};
  }
  // Chance may not find an end that is there, so this is no fault.
  return {"", seen + ", and there is no time limit: evaluations have to cut such episodes. Set "
                     "max_episode_steps in the facts, unless a trained agent comes to an end"};
}

}  // namespace tern::conformance
