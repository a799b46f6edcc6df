// Probe-Action-v0: one step, the reward is chosen.
//
// Observation: 0. Actions: 0 pays -1, 1 pays 1. Terminates after the step.
// Answer: pi(1) = 1, V(0) = 1, Q(0, 0) = -1, Q(0, 1) = 1. Proves: the policy follows the advantage.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_action {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Action-v0";
  spec.family = "probe";
  spec.summary = "one step, left pays -1 and right 1; the best return is 1";
  spec.reference = "Q(0, left) = -1, Q(0, right) = 1";
  spec.obs.scalar("nothing", 0, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.reward_threshold = 0.99;
  spec.turn_based = true;
  return spec;
}

class Action final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    obs[0] = 0;
    StepResult result;
    result.reward = action.discrete() == 1 ? 1.0f : -1.0f;
    result.terminated = true;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "action", 0, "left -1, right +1");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  bool load(StateReader&) override { return true; }  // nothing to save
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Action>("built-in"); }

}  // namespace tern::probe_action
