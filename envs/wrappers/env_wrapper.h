#pragma once
// An env around another one. Each wrapper changes one thing and passes on the rest.

#include <memory>
#include <utility>

#include "envs/env.h"

namespace tern {

/// Passes every call on to the env inside. A wrapper overrides what it changes, edits `spec_` in
/// its constructor, and writes state of its own after the env's in save and load.
class EnvWrapper : public Env {
 public:
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext& ctx, ObsRow obs) override { inner_->reset(ctx, obs); }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    return inner_->step(action, rng, obs);
  }
  void action_mask(MaskRow mask) const override { inner_->action_mask(mask); }
  void draw(Canvas& canvas) const override { inner_->draw(canvas); }
  void reward_terms(FloatRow terms) const override { inner_->reward_terms(terms); }
  void metrics(FloatRow values) const override { inner_->metrics(values); }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return inner_->human_action(keys, action);
  }
  bool get_state(DoubleVec& state) const override { return inner_->get_state(state); }
  bool set_state(ConstDoubleRow state) override { return inner_->set_state(state); }
  void save(StateWriter& out) const override { inner_->save(out); }
  bool load(StateReader& in) override { return inner_->load(in); }
  bool transitions(TransitionTable& table) const override { return inner_->transitions(table); }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    return inner_->relabel(achieved, desired);
  }
  int current_player() const override { return inner_->current_player(); }
  bool player_rewards(FloatRow rewards) const override { return inner_->player_rewards(rewards); }
  void info(FloatRow values) const override { inner_->info(values); }

 protected:
  explicit EnvWrapper(std::unique_ptr<Env> inner)
      : inner_(std::move(inner)), spec_(inner_->spec()) {}

  std::unique_ptr<Env> inner_;
  EnvSpec spec_;
};

}  // namespace tern
