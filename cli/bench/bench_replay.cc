#include "cli/bench/bench_replay.h"

#include <chrono>
#include <cmath>
#include <iostream>
#include <vector>

#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "replay/prioritized_sampler.h"
#include "replay/replay_batch.h"
#include "replay/replay_buffer.h"
#include "replay/uniform_sampler.h"

namespace tern::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Calls `work` for about a third of a second; returns calls a second.
template <class Work>
double rate_of(const Work& work) {
  constexpr double kSeconds = 0.3;
  std::int64_t calls = 0;
  const Clock::time_point begin = Clock::now();
  double seconds = 0;
  do {
    for (int i = 0; i < 16; ++i) work();
    calls += 16;
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (seconds < kSeconds);
  return static_cast<double>(calls) / seconds;
}

}  // namespace

ExitCode bench_replay(const Args& args) {
  const std::string word = args.words.size() > 1 ? args.words[1] : "CartPole-v1";
  const ChosenEnv env = choose_env(word, args.assignments);
  const auto num_envs = static_cast<std::size_t>(args.integer("--num-envs", 8, 1, 65536));
  const auto batch_size = static_cast<std::size_t>(args.integer("--batch", 256, 1, 1 << 20));
  const auto capacity = static_cast<std::size_t>(args.integer("--capacity", 100'000, 1, 1 << 30));

  ReplaySchema schema;
  schema.capacity = capacity;
  schema.num_envs = num_envs;
  ReplayBuffer replay(env.spec, schema);
  StepBuffers from(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  StepBuffers to(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  const auto add = [&] { replay.add(from.batch.obs, from.batch.mask, from.actions, to.batch); };
  while (replay.size() < replay.capacity()) add();  // so that samples are spread over all of it
  const double adds = rate_of(add) * static_cast<double>(num_envs);

  ReplayBatch batch(env.spec, batch_size);
  Rng rng(0, "bench replay");
  const UniformSampler uniform;
  const double samples = rate_of([&] { uniform.sample(replay, rng, batch.rows()); }) *
                         static_cast<double>(batch_size);
  // As a learner uses it: priorities are updated after each sample.
  PrioritizedSampler prioritized(replay);
  std::vector<float> td_errors(batch_size);
  for (float& error : td_errors) error = static_cast<float>(rng.uniform());
  const double prioritized_samples = rate_of([&] {
                                       prioritized.sample(replay, 0.5, rng, batch.rows());
                                       prioritized.update(batch.rows().index, td_errors);
                                     }) *
                                     static_cast<double>(batch_size);

  if (args.has("--json")) {
    print_json(Json(
        {{"env", env.spec.id},
         {"capacity", capacity},
         {"batch_size", batch_size},
         {"bytes_per_transition", transition_bytes(env.spec, schema)},
         {"adds_per_second", adds},
         {"samples_per_second", samples},
         {"prioritized_samples_per_second", prioritized_samples}}));
    return ExitCode::kSuccess;
  }
  std::cout << "transitions of " << env.spec.id << ", "
            << transition_bytes(env.spec, schema) << " bytes each, "
            << replay.capacity()            << " kept\n";
  print_table({{"added", std::to_string(std::llround(adds)) + " /s",
                std::to_string(num_envs) + " at a time"},
               {"sampled", std::to_string(std::llround(samples)) + " /s",
                std::to_string(batch_size) + " at a time"},
               {"by priority", std::to_string(std::llround(prioritized_samples)) + " /s",
                std::to_string(batch_size) + " at a time, priorities updated"}});
  return ExitCode::kSuccess;
}

}  // namespace tern::cli
