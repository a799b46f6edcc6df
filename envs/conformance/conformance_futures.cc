// What follows from what: everything an env does must follow from its random stream and the
// actions since the last reset, and from nothing else.

#include <algorithm>
#include <array>
#include <vector>

#include "envs/conformance/conformance_rules.h"
#include "envs/conformance/rollout_hash.h"

namespace tern::conformance {
namespace {

/// The hash after each of `steps` advances.
std::vector<std::uint64_t> hashes(DrivenEnv& env, int steps) {
  std::vector<std::uint64_t> all;
  for (int i = 0; i < steps; ++i) {
    env.advance();
    all.push_back(env.hash());
  }
  return all;
}

/// "" when equal, else "from the 17th call on".
std::string difference(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return "from call " + std::to_string(i + 1) + " on";
  }
  return "";
}

}  // namespace

Verdict check_determinism(const Subject& subject) {
  DrivenEnv one(subject.make(), subject.options.seed);
  const auto first = hashes(one, subject.options.steps);
  DrivenEnv two(subject.make(), subject.options.seed);
  const std::string where = difference(first, hashes(two, subject.options.steps));
  if (where.empty()) return {};
  return {"two runs with the same seed and actions differ " + where +
          "; draw random numbers only from the Rng that is passed in (in Python: from a generator "
          "made of the seed that reset gets), read no clock, keep no "
          "global or static variables that change, and initialise every member"};
}

Verdict check_independence(const Subject& subject) {
  const int steps = subject.options.steps;
  const std::uint64_t seed = subject.options.seed;
  DrivenEnv alone(subject.make(), seed);
  const auto expected = hashes(alone, steps);
  DrivenEnv one(subject.make(), seed), other(subject.make(), seed + 1);
  std::vector<std::uint64_t> interleaved;
  for (int i = 0; i < steps; ++i) {
    other.advance();
    one.advance();
    interleaved.push_back(one.hash());
    other.advance();
  }
  const std::string where = difference(expected, interleaved);
  if (where.empty()) return {};
  return {"an env does something else " + where +
          " when another instance is stepped in between; move global and static variables that "
          "change into the class"};
}

Verdict check_fresh_reset(const Subject& subject) {
  // Several past lives of different length: what was forgotten may by chance be as in a new env.
  for (const int past : {97, 1, 8, 33}) {
    const int future = past == 97 ? subject.options.steps : std::min(100, subject.options.steps);
    DrivenEnv fresh(subject.make(), subject.options.seed);
    DrivenEnv used(subject.make(), subject.options.seed + static_cast<std::uint64_t>(past));
    for (int i = 0; i < std::min(past, subject.options.steps); ++i) used.advance();
    used.restart(subject.options.seed);
    const std::string where = difference(hashes(fresh, future), hashes(used, future));
    if (where.empty()) continue;
    return {"an env that was used before does something else after a reset, " + where +
            ", than a new one with the same random stream; set every member in reset()"};
  }
  return {};
}

Verdict check_save_load(const Subject& subject) {
  const int future = std::min(100, subject.options.steps);  // fewer of a slow env
  for (const int cut : {1, 2, 8, 33, 121}) {
    if (cut > subject.options.steps) break;
    DrivenEnv saved(subject.make(), subject.options.seed);
    for (int i = 0; i < cut; ++i) saved.advance();
    StateWriter out;
    saved.save(out);
    saved.hash_anew();
    const auto expected = hashes(saved, future);

    DrivenEnv fresh(subject.make(), subject.options.seed + 1);
    DrivenEnv used(subject.make(), subject.options.seed + 2);
    for (int i = 0; i < std::min(61, future); ++i) used.advance();
    for (DrivenEnv* env : {&fresh, &used}) {
      const std::string kind = env == &fresh ? "new" : "used";
      StateReader in(out.bytes());
      if (!env->load(in)) {
        return {"", "load() is not supported; VecEnv replays the episode's actions instead"};
      }
      if (in.remaining() > 0) {
        return {"load() left " + std::to_string(in.remaining()) +
                " bytes of what save() wrote; read everything back, in the same order"};
      }
      const std::string where = difference(expected, hashes(*env, future));
      if (where.empty()) continue;
      return {"saved after " + std::to_string(cut) + " calls and loaded in a " + kind +
              " instance, the env does something else " + where +
              "; save() and load() every member that the future depends on"};
    }
  }
  return {};
}

Verdict check_levels(const Subject& subject) {
  const std::uint64_t num_levels = subject.spec().num_levels;
  if (num_levels == 0) return {"", "the env generates nothing"};
  if (num_levels == 1) return {"spec.num_levels is 1; an env without variants has 0"};
  // The same random stream and the same actions in different levels.
  const auto hash_of_level = [&](std::uint64_t level) {
    const std::unique_ptr<Env> env = subject.make();
    const EnvSpec& spec = env->spec();
    StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 1);
    Rng rng(subject.options.seed, "levels");
    ResetContext ctx{rng, level};
    const ObsRow obs = buffers.batch.obs[0];
    env->reset(ctx, obs);
    Hash64 hash;
    hash.add(buffers.batch.obs.data(), buffers.batch.obs.row_bytes());
    TransitionTable table;
    if (env->transitions(table)) {
      for (const auto& state : table.outcomes) {
        for (const auto& action : state) {
          for (const Transition& outcome : action) hash.add(outcome.next_state);
          for (const Transition& outcome : action) hash.add(outcome.terminated);
        }
      }
    }
    return hash.value();
  };
  const std::uint64_t first = hash_of_level(0);
  for (std::uint64_t level = 1; level < std::min<std::uint64_t>(num_levels, 50); ++level) {
    if (hash_of_level(level) != first) return {};
  }
  return {"the first " + std::to_string(std::min<std::uint64_t>(num_levels, 50)) +
          " levels begin with the same observation; choose the variant by ctx.level, or set "
          "spec.num_levels to 0"};
}

Verdict check_threads(const Subject& subject) {
  VecEnvOptions options;
  options.seed = subject.options.seed;
  options.num_envs = 7;
  const int steps = subject.options.steps / 20;  // of 7 envs each
  std::array<std::uint64_t, 3> hash = {};
  for (std::size_t i = 0; i < hash.size(); ++i) {
    options.threads = std::size_t{1} << i;
    hash[i] = rollout_hash(subject.entry, subject.params, options, steps);
  }
  if (hash[0] == hash[1] && hash[0] == hash[2]) return {};
  return {
      "stepping 7 envs with 1, 2 and 4 threads gives different results; instances share "
      "something that changes (a global or static variable)"};
}

}  // namespace tern::conformance
