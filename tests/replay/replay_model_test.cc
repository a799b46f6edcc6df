// Proof: oracle. A replay buffer written as plainly as possible, whole transitions in lists, beside
// the real one: both are driven at random and must tell the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "replay/replay_batch.h"
#include "replay/replay_buffer.h"
#include "tests/memory_stream.h"
#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

using Floats = std::vector<float>;
using Flags = std::vector<std::uint8_t>;

struct Transition {
  Floats obs, next_obs, state;  // stacked, oldest first
  Flags mask, next_mask;
  int action = 0;
  float reward = 0;
  bool terminated = false, truncated = false;
  std::int64_t episode = 0;
  int step = 0;
};

/// All that one env ever stored.
struct History {
  std::vector<Transition> steps;
  std::vector<Floats> frames;  // of the present episode
  std::int64_t episode = 0;
  Flags mask;  // of what is acted on next

  static Floats stack(const std::vector<Floats>& frames, std::size_t count) {
    Floats all;
    for (std::size_t i = 0; i < frames[0].size(); ++i) {  // each number's stack, as fields have it
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t back = count - 1 - k;
        all.push_back(frames[back < frames.size() ? frames.size() - 1 - back : 0][i]);
      }
    }
    return all;
  }
};

/// What taking up to n steps together gives from step t on.
Transition together(const std::vector<Transition>& steps, std::size_t t, int n, double gamma,
                    double& discount) {
  Transition result = steps[t];
  double reward = steps[t].reward;
  discount = gamma;
  std::size_t last = t;
  for (int j = 1; j < n; ++j) {
    if (steps[last].terminated || steps[last].truncated || last + 1 == steps.size()) break;
    reward += discount * steps[++last].reward;
    discount *= gamma;
  }
  result.reward = static_cast<float>(reward);
  result.next_obs = steps[last].next_obs;
  result.next_mask = steps[last].next_mask;
  result.terminated = steps[last].terminated;
  result.truncated = steps[last].truncated;
  return result;
}

/// Observations are stacks of `frames` columns of two numbers.
EnvSpec stacked_env(int frames) {
  EnvSpec spec = masked_env();
  Field column = spec.obs.fields()[0];
  column.shape = {2, frames};
  spec.obs = ObsSpace().add(column);
  spec.frame_stack = frames;
  return spec;
}

class Driver {
 public:
  Driver(std::uint64_t seed, const ReplaySchema& schema, int frames)
      : rng_(seed, "driver"), spec_(stacked_env(frames)), schema_(schema), envs_(schema.num_envs),
        replay_(std::make_unique<ReplayBuffer>(spec_, schema)) {
    for (History& env : envs_) begin_episode(env);
  }

  void add_step(std::size_t first, std::size_t count) {
    HandStep step(spec_, count);
    Floats states(count * schema_.state_size);
    for (float& x : states) x = random();
    for (std::size_t i = 0; i < count; ++i) {
      History& env = envs_[first + i];
      Transition now;
      now.mask = env.mask;
      now.obs = stack(env);
      now.action = static_cast<int>(rng_.below(3));
      now.reward = random();
      const std::uint32_t end = rng_.below(8);
      now.terminated = end == 0;
      now.truncated = end == 1;
      now.episode = env.episode;
      now.step = static_cast<int>(env.frames.size()) - 1;
      now.state.assign(states.begin() + i * schema_.state_size,
                       states.begin() + (i + 1) * schema_.state_size);
      const Floats next = {random(), random()};
      const Flags next_mask = random_mask();
      copy(now.obs, step.from.batch.obs[i].floats());
      std::copy(env.mask.begin(), env.mask.end(), step.from.batch.mask[i].begin());
      step.from.actions[i].discrete() = now.action;
      step.to.batch.reward[i] = now.reward;
      step.to.batch.terminated[i] = now.terminated;
      step.to.batch.truncated[i] = now.truncated;
      env.frames.push_back(next);
      now.next_obs = stack(env);
      now.next_mask = next_mask;
      env.mask = next_mask;
      if (now.terminated || now.truncated) {
        copy(now.next_obs, step.to.batch.final_obs[i].floats());
        std::copy(next_mask.begin(), next_mask.end(), step.to.batch.final_mask[i].begin());
        ++env.episode;
        begin_episode(env);
      }
      copy(stack(env), step.to.batch.obs[i].floats());
      std::copy(env.mask.begin(), env.mask.end(), step.to.batch.mask[i].begin());
      env.steps.push_back(now);
    }
    replay_->add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch, first,
                 Row<const float>(states));
  }

  void save_and_load() {
    auto loaded = std::make_unique<ReplayBuffer>(spec_, schema_);
    MemorySource in(bytes_of([&](ByteSink& out) { replay_->save(out); }));
    loaded->load(in);
    EXPECT_EQ(bytes_of([&](ByteSink& out) { loaded->save(out); }),
              bytes_of([&](ByteSink& out) { replay_->save(out); }));
    replay_ = std::move(loaded);
  }

  /// Every stored transition, with n steps taken together.
  void compare(int n, double gamma) {
    const ReplayBuffer::Reader reader = replay_->read();
    for (std::size_t e = 0; e < envs_.size(); ++e) {
      const std::vector<Transition>& steps = envs_[e].steps;
      const auto kept = static_cast<std::size_t>(reader.stored(e));
      ASSERT_EQ(reader.written(e), static_cast<std::int64_t>(steps.size()));
      ASSERT_EQ(kept, std::min(steps.size(), schema_.capacity / schema_.num_envs));
      if (kept == 0) continue;
      ReplayBatch batch(spec_, kept, schema_);
      const ReplayRows& rows = batch.rows();
      const std::size_t oldest = steps.size() - kept;
      for (std::size_t k = 0; k < kept; ++k) {
        rows.index[k] = reader.slot_of(e, static_cast<std::int64_t>(oldest + k));
        ASSERT_EQ(reader.env_of(rows.index[k]), e);
        ASSERT_EQ(reader.step_of(rows.index[k]), static_cast<std::int64_t>(oldest + k));
      }
      reader.gather(rows, {n, gamma});
      for (std::size_t k = 0; k < kept; ++k) {
        double discount = 0;
        const Transition wanted = together(steps, oldest + k, n, gamma, discount);
        ASSERT_EQ(floats(rows.obs[k]), wanted.obs) << "env " << e << ", step " << oldest + k;
        ASSERT_EQ(floats(rows.next_obs[k]), wanted.next_obs);
        ASSERT_EQ(Flags(rows.mask[k].begin(), rows.mask[k].end()), wanted.mask);
        ASSERT_EQ(Flags(rows.next_mask[k].begin(), rows.next_mask[k].end()), wanted.next_mask);
        ASSERT_EQ(rows.actions[k].discrete(), wanted.action);
        ASSERT_EQ(rows.reward[k], wanted.reward);
        ASSERT_EQ(rows.terminated[k] != 0, wanted.terminated);
        ASSERT_EQ(rows.truncated[k] != 0, wanted.truncated);
        ASSERT_EQ(rows.discount[k], static_cast<float>(discount));
        ASSERT_EQ(rows.weight[k], 1);
        if (schema_.keeps_episodes) {
          ASSERT_EQ(rows.episode[k], wanted.episode);
          ASSERT_EQ(rows.step[k], wanted.step);
        }
        for (std::size_t s = 0; s < schema_.state_size; ++s) {
          ASSERT_EQ(rows.state[k * schema_.state_size + s], wanted.state[s]);
        }
      }
    }
  }

 private:
  static void copy(const Floats& from, FloatRow to) { std::copy(from.begin(), from.end(), to.begin()); }
  static Floats floats(const ObsRow& row) { return {row.floats().begin(), row.floats().end()}; }
  Floats stack(const History& env) const {
    return History::stack(env.frames, static_cast<std::size_t>(spec_.frame_stack));
  }
  float random() { return static_cast<float>(rng_.uniform(-1, 1)); }
  Flags random_mask() {
    return {1, static_cast<std::uint8_t>(rng_.below(2)), static_cast<std::uint8_t>(rng_.below(2))};
  }
  void begin_episode(History& env) {
    env.mask = random_mask();
    env.frames = {{random(), random()}};
  }

  Rng rng_;
  EnvSpec spec_;
  ReplaySchema schema_;
  std::vector<History> envs_;
  std::unique_ptr<ReplayBuffer> replay_;
};

TEST(ReplayModel, TellsTheSameAsAPlainListOfTransitions) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed, "schema");
    ReplaySchema schema;
    schema.num_envs = 1 + rng.below(4);
    schema.capacity = schema.num_envs * (1 + rng.below(12)) + rng.below(3);
    const int frames = 1 + static_cast<int>(rng.below(4));
    schema.keeps_episodes = rng.below(2) == 1;
    schema.state_size = rng.below(3);
    Driver driver(seed, schema, frames);
    for (int t = 0; t < 60; ++t) {
      const auto first = rng.below(static_cast<std::uint32_t>(schema.num_envs));
      // All envs together, or a writer of some of them that runs ahead.
      if (rng.below(3) > 0) {
        driver.add_step(0, schema.num_envs);
      } else {
        driver.add_step(first, 1 + rng.below(static_cast<std::uint32_t>(schema.num_envs) - first));
      }
      if (rng.below(16) == 0) driver.save_and_load();
      driver.compare(1 + static_cast<int>(rng.below(5)), 0.9);
      if (HasFatalFailure()) {
        FAIL() << "seed " << seed << ", after step " << t << ", stacks of " << frames;
      }
    }
  }
}

}  // namespace
}  // namespace tern
