#pragma once
// Envs that make what VecEnv does visible, and memory for a batch of them.

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {

/// Counts its resets and its steps. Tick goes on, end terminates, cut truncates. Reward 0.25.
class Clock final : public Env {
 public:
  enum Action { kTick, kEnd, kCut };
  static constexpr int kLimit = 5;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    ++episode_;
    time_ = 0;
    level_ = ctx.level;
    observe(obs);
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    if (is_broken_) throw std::domain_error("the clock broke");
    ++time_;
    observe(obs);
    return {0.25f, action.discrete() == kEnd, action.discrete() == kCut};
  }
  void action_mask(MaskRow mask) const override {
    mask[kTick] = mask[kEnd] = 1;
    mask[kCut] = time_ % 2 == 0;
  }
  void metrics(FloatRow values) const override { values[0] = static_cast<float>(time_); }
  void save(StateWriter& out) const override { out.write(episode_, time_, level_); }
  bool load(StateReader& in) override {
    in.read(episode_, time_, level_);
    return true;
  }

  std::uint64_t level() const { return level_; }
  void break_down() { is_broken_ = true; }

 private:
  static EnvSpec make_spec() {
    EnvSpec spec;
    spec.id = "Clock-v0";
    spec.family = "test";
    spec.summary = "counts";
    spec.obs.scalar("episode", 0, 1e6).scalar("time", 0, 1e6, "steps");
    spec.action = ActionSpace::discrete({"tick", "end", "cut"});
    spec.max_episode_steps = kLimit;
    spec.metrics = {"time"};
    spec.num_levels = 10;
    spec.has_masks = true;
    return spec;
  }
  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(episode_);
    obs[1] = static_cast<float>(time_);
  }

  int episode_ = 0, time_ = 0;
  std::uint64_t level_ = 0;
  bool is_broken_ = false;
};

/// A drunkard whose steps depend on everything before them, in the current episode, and who cannot
/// be saved.
class Forgetful final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    position_ = ctx.rng.uniform(-1, 1) + static_cast<double>(ctx.level);
    obs[0] = static_cast<float>(position_);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    // A step draws one or two numbers, so a replay that lost an action would lose the stream too.
    const double wind = rng.normal() + (action.discrete() == 1 ? rng.uniform() : 0);
    position_ = 0.9 * position_ + 0.1 * wind * position_ + 0.01 * action.discrete();
    obs[0] = static_cast<float>(position_);
    return {obs[0], rng.chance(0.02), false};
  }

 private:
  static EnvSpec make_spec() {
    EnvSpec spec;
    spec.id = "Forgetful-v0";
    spec.family = "test";
    spec.summary = "cannot be saved";
    spec.obs.scalar("position", -kUnbounded, kUnbounded);
    spec.action = ActionSpace::discrete({"left", "right"});
    spec.max_episode_steps = 100;
    spec.num_levels = 5;
    return spec;
  }

  double position_ = 0;
};

/// N envs of type E with their memory, reset.
template <class E>
struct Batch {
  explicit Batch(const VecEnvOptions& options, const ParamValues& params = {})
      : envs(entry(), params, options),
        buffers(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), envs.num_envs()) {
    reset();
  }
  static const EnvEntry& entry() {
    static EnvRegistry table = [] {
      EnvRegistry one;
      one.add<E>();
      return one;
    }();
    return *table.entries().front();
  }

  void reset() { envs.reset(buffers.batch.obs, buffers.batch.mask); }
  void step() { envs.step(buffers.actions, buffers.batch); }
  void set_actions(const std::vector<int>& actions) {
    for (std::size_t i = 0; i < actions.size(); ++i) buffers.actions[i].discrete() = actions[i];
  }
  const StepBatch* operator->() const { return &buffers.batch; }
  std::vector<float> obs(std::size_t i) const { return floats(buffers.batch.obs[i]); }
  std::vector<float> final_obs(std::size_t i) const { return floats(buffers.batch.final_obs[i]); }
  std::vector<int> mask(std::size_t i) const { return ints(buffers.batch.mask[i]); }
  std::vector<int> final_mask(std::size_t i) const { return ints(buffers.batch.final_mask[i]); }

  VecEnv envs;
  StepBuffers buffers;

 private:
  static std::vector<float> floats(ObsRow row) {
    return {row.floats().begin(), row.floats().end()};
  }
  static std::vector<int> ints(MaskRow row) { return {row.begin(), row.end()}; }
};

}  // namespace tern
