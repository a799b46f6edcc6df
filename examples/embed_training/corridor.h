#pragma once
// Corridor-v0: reach the right end of a corridor of 12 steps.
//
// Observation: position, 0 to 1. Actions: left, right. Reward: -0.02 a step, 1 at the end, which
// terminates. Limit: 60 steps.

#include "tern/envs/env.h"

class Corridor final : public tern::Env {
 public:
  Corridor() {
    spec_.id = "Corridor-v0";
    spec_.family = "examples";
    spec_.summary = "reach the right end of a corridor";
    spec_.obs.scalar("position", 0, 1);
    spec_.action = tern::ActionSpace::discrete({"left", "right"});
    spec_.max_episode_steps = 60;
  }
  const tern::EnvSpec& spec() const override { return spec_; }
  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    position_ = static_cast<int>(ctx.rng.below(kLength / 2));
    observe(obs);
  }
  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    position_ += action.discrete() == 1 ? 1 : -1;
    if (position_ < 0) position_ = 0;
    observe(obs);
    const bool arrived = position_ == kLength;
    return {arrived ? 1.0f : -0.02f, /*terminated=*/arrived, false};
  }
  void save(tern::StateWriter& out) const override { out.write(position_); }
  bool load(tern::StateReader& in) override {
    in.read(position_);
    return true;
  }

 private:
  static constexpr int kLength = 12;
  void observe(tern::ObsRow obs) const { obs[0] = static_cast<float>(position_) / kLength; }

  tern::EnvSpec spec_;
  int position_ = 0;
};
