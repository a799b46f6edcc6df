// Probe-OneStep-v0: one step, reward 1, whatever is done.
//
// Observation: 0. Actions: two, without effect. Terminates after the step.
// Answer: V(0) = 1 and Q(0, a) = 1, for any discount. Proves: the loss reaches the value head.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_one_step {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-OneStep-v0";
  spec.family = "probe";
  spec.summary = "one step that pays 1; V = 1";
  spec.reference = "V(0) = 1";
  spec.obs.scalar("nothing", 0, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.reward_threshold = 1;
  spec.turn_based = true;
  return spec;
}

class OneStep final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }

  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    StepResult result;
    result.reward = 1;
    result.terminated = true;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "one step", 0, "pays 1");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  bool load(StateReader&) override { return true; }  // nothing to save
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<OneStep>("built-in"); }

}  // namespace tern::probe_one_step
