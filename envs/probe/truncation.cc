// Probe-Truncation-v0: reward 1 for ever, cut by the time limit.
//
// Observation: 0. Actions: two, without effect. Never terminates. Limit: 5 steps.
// Answer: V(0) = 1 / (1 - gamma), since the future would have gone on. Whoever takes the limit for
// an end learns less than 5. Proves: truncations bootstrap from the final observation.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_truncation {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Truncation-v0";
  spec.family = "probe";
  spec.summary = "pays 1 a step and is cut after 5; V = 1 / (1 - gamma)";
  spec.reference = "V(0) = 1 / (1 - gamma)";
  spec.obs.scalar("nothing", 0, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.max_episode_steps = 5;
  spec.reward_threshold = 5;
  spec.turn_based = true;
  return spec;
}

class Truncation final : public Env {
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
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "truncation", 0, "pays 1 for ever");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  bool load(StateReader&) override { return true; }  // nothing to save
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Truncation>("built-in"); }

}  // namespace tern::probe_truncation
