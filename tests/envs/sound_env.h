#pragma once
// The sound env that broken ones derive from, and what conformance says of an env.

#include <map>
#include <string>

#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"

namespace tern {

/// A walk on a line of nine cells: actions left, stay, right; ends at either edge. Has one of
/// everything a rule can look at.
class Sound : public Env {
 public:
  static EnvSpec make_spec() {
    EnvSpec spec;
    spec.id = "Walk-v0";
    spec.family = "test";
    spec.summary = "walk on a line";
    spec.obs.scalar("position", -4, 4).scalar("wind", -1, 1).scalar("level", 0, 3);
    spec.action = ActionSpace::discrete({"left", "stay", "right"});
    spec.max_episode_steps = 30;
    spec.reward_terms = {"progress", "wind"};
    spec.metrics = {"success"};
    spec.state_fields = {"position", "wind"};
    spec.num_levels = 4;
    spec.has_masks = true;
    return spec;
  }

  Sound() : spec_(make_spec()) {}
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext& ctx, ObsRow obs) override {
    position_ = 0;
    gusts_ = 0;
    level_ = static_cast<int>(ctx.level);
    wind_ = ctx.rng.uniform(-1, 1);
    observe(obs);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    position_ += action.discrete() - 1;
    if (++gusts_ % 3 == 0) wind_ = rng.uniform(-1, 1);
    observe(obs);
    StepResult result;
    result.reward = static_cast<float>(position_ + wind_);
    result.terminated = std::abs(position_) >= 4;
    return result;
  }
  void action_mask(MaskRow mask) const override {
    mask[0] = level_ != 1 || position_ != -1;
    mask[1] = mask[2] = 1;
  }
  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(position_);
    terms[1] = static_cast<float>(wind_);
  }
  void metrics(FloatRow values) const override { values[0] = position_ >= 4 ? 1 : 0; }
  void draw(Canvas& canvas) const override {
    canvas.set_view({-5, -1}, {5, 1}, palette::kBackground);
    canvas.push({static_cast<float>(position_), 0}, 0);
    canvas.circle({0, 0}, 0.4f, palette::kAgent);
    canvas.pop();
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = 1 + (keys[Key::kRight] ? 1 : 0) - (keys[Key::kLeft] ? 1 : 0);
    return true;
  }
  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(position_), wind_};
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    position_ = static_cast<int>(state[0]);
    wind_ = state[1];
    return true;
  }
  void save(StateWriter& out) const override { out.write(position_, gusts_, level_, wind_); }
  bool load(StateReader& in) override {
    in.read(position_, gusts_, level_, wind_);
    return true;
  }

 protected:
  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(position_);
    obs[1] = static_cast<float>(wind_);
    obs[2] = static_cast<float>(level_);
  }

  EnvSpec spec_;
  int position_ = 0, gusts_ = 0, level_ = 0;
  double wind_ = 0;
};

/// Rules that the env breaks, with their messages.
template <class Env>
std::map<std::string, std::string> broken_rules() {
  EnvRegistry table;
  table.add<Env>();
  ConformanceOptions options;
  options.bench_seconds = 0;
  std::map<std::string, std::string> broken;
  const EnvEntry& entry = *table.entries().front();
  for (const Finding& finding : check_conformance(entry, {}, options).findings) {
    if (!finding.passed) broken[finding.rule] = finding.message;
  }
  return broken;
}

}  // namespace tern
