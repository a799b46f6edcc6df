// Probe-ObservationAction-v0: one step, the action must match the observation.
//
// Observation: -1 or 1, equally likely. Actions: 0 matches -1, 1 matches 1.
// Reward: 1 for a match, else -1. Terminates after the step.
// Answer: Q(-1, 0) = Q(1, 1) = 1, the other two -1; V(o) = 1 for the best policy, which no policy
// that ignores the observation reaches (their mean is 0).
// Proves: actions, observations and rewards of one step are kept together.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_observation_action {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-ObservationAction-v0";
  spec.family = "probe";
  spec.summary = "one step, the action must match the observation; the best return is 1";
  spec.reference = "Q(o, a) = 1 where a matches o, else -1";
  spec.obs.scalar("side", -1, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.reward_threshold = 0.99;
  spec.turn_based = true;
  return spec;
}

class ObservationAction final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    side_ = ctx.rng.chance(0.5) ? 1.0f : -1.0f;
    obs[0] = side_;
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    obs[0] = side_;
    StepResult result;
    result.reward = (action.discrete() == 1) == (side_ > 0) ? 1.0f : -1.0f;
    result.terminated = true;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "match", side_, "go where it is");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return probe_key(keys, action);
  }
  void save(StateWriter& out) const override { out.write(side_); }
  bool load(StateReader& in) override {
    in.read(side_);
    return true;
  }

 private:
  float side_ = 1;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<ObservationAction>("built-in"); }

}  // namespace tern::probe_observation_action
