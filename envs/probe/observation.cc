// Probe-Observation-v0: one step, the reward is the observation.
//
// Observation: -1 or 1, equally likely. Actions: two, without effect. Terminates after the step.
// Answer: V(o) = o. Proves: the value depends on the observation.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_observation {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Observation-v0";
  spec.family = "probe";
  spec.summary = "one step that pays the observation; V(o) = o";
  spec.reference = "V(o) = o";
  spec.obs.scalar("pay", -1, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.turn_based = true;
  return spec;
}

class Observation final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    pay_ = ctx.rng.chance(0.5) ? 1.0f : -1.0f;
    obs[0] = pay_;
  }

  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = pay_;
    StepResult result;
    result.reward = pay_;
    result.terminated = true;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "observation", pay_, "pays what it shows");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  void save(StateWriter& out) const override { out.write(pay_); }
  bool load(StateReader& in) override {
    in.read(pay_);
    return true;
  }

 private:
  float pay_ = 1;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Observation>("built-in"); }

}  // namespace tern::probe_observation
