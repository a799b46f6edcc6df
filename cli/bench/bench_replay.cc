#include "cli/bench/bench_replay.h"

#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "replay/replay_buffer.h"

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

/// Memory for a sampled batch.
class BatchMemory {
 public:
  BatchMemory(const EnvSpec& spec, std::size_t count)
      : index_(count), terminated_(count), reward_(count), obs_(spec.obs.bytes() * count),
        next_obs_(obs_.size()), mask_(spec.action.mask_size() * count), next_mask_(mask_.size()),
        actions_(4 * spec.action.size() * count) {
    rows.index = Row<std::int64_t>(index_);
    rows.obs = ObsRows(obs_.data(), spec.obs, count);
    rows.mask = MaskRows(mask_.data(), spec.action.mask_size(), count);
    rows.actions = ActionRows(actions_.data(), spec.action, count);
    rows.reward = FloatRow(reward_);
    rows.terminated = Row<std::uint8_t>(terminated_);
    rows.next_obs = ObsRows(next_obs_.data(), spec.obs, count);
    rows.next_mask = MaskRows(next_mask_.data(), spec.action.mask_size(), count);
  }
  ReplayRows rows;

 private:
  std::vector<std::int64_t> index_;
  std::vector<std::uint8_t> terminated_;
  std::vector<float> reward_;
  std::vector<std::uint8_t> obs_, next_obs_, mask_, next_mask_, actions_;
};

}  // namespace

ExitCode bench_replay(const Args& args) {
  const std::string word = args.words.size() > 1 ? args.words[1] : "CartPole-v1";
  const ChosenEnv env = choose_env(word, args.assignments);
  const auto num_envs = static_cast<std::size_t>(args.integer("--num-envs", 8, 1, 65536));
  const auto batch_size = static_cast<std::size_t>(args.integer("--batch", 256, 1, 1 << 20));
  const auto capacity = static_cast<std::size_t>(args.integer("--capacity", 100'000, 1, 1 << 30));

  ReplayBuffer replay(env.spec, capacity);
  StepBuffers from(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  StepBuffers to(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  const auto add = [&] { replay.add(from.batch.obs, from.batch.mask, from.actions, to.batch); };
  while (replay.size() < capacity) add();  // so that samples are spread over all of it
  const double adds = rate_of(add) * static_cast<double>(num_envs);

  BatchMemory batch(env.spec, batch_size);
  Rng rng(0, "bench replay");
  const double samples =
      rate_of([&] { replay.sample(rng, batch.rows); }) * static_cast<double>(batch_size);

  if (args.has("--json")) {
    print_json(nlohmann::ordered_json(
        {{"env", env.spec.id},
         {"capacity", capacity},
         {"batch_size", batch_size},
         {"bytes_per_transition", ReplayBuffer::transition_bytes(env.spec)},
         {"adds_per_second", adds},
         {"samples_per_second", samples}}));
    return ExitCode::kSuccess;
  }
  std::cout << "transitions of " << env.spec.id << ", "
            << ReplayBuffer::transition_bytes(env.spec) << " bytes each, " << capacity
            << " kept\n";
  print_table({{"added", std::to_string(std::llround(adds)) + " /s",
                std::to_string(num_envs) + " at a time"},
               {"sampled", std::to_string(std::llround(samples)) + " /s",
                std::to_string(batch_size) + " at a time"}});
  return ExitCode::kSuccess;
}

}  // namespace tern::cli
