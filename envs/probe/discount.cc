// Probe-Discount-v0: two steps, reward 1 after the second.
//
// Observation: 0, then 1. Actions: two, without effect. Terminates after the second step.
// Answer: V(1) = 1, V(0) = gamma. Proves: values are discounted and carried back one step.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_discount {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Discount-v0";
  spec.family = "probe";
  spec.summary = "two steps, the second pays 1; V(0) = gamma";
  spec.reference = "V(0) = gamma, V(1) = 1";
  spec.obs.scalar("step", 0, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.reward_threshold = 1;
  spec.turn_based = true;
  return spec;
}

class Discount final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext&, ObsRow obs) override {
    step_ = 0;
    obs[0] = 0;
  }

  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    StepResult result;
    result.reward = step_ == 1 ? 1 : 0;
    result.terminated = step_ == 1;
    step_ = 1;
    obs[0] = 1;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "discount", static_cast<float>(step_), "step 1 pays 1");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  void save(StateWriter& out) const override { out.write(step_); }
  bool load(StateReader& in) override {
    in.read(step_);
    return true;
  }

 private:
  int step_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Discount>("built-in"); }

}  // namespace tern::probe_discount
