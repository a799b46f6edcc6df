// Probe-Continuous-v0: one step, a real action must meet a target that the observation tells.
//
// Observation: o, uniform in [-1, 1). Action: a, a real number, usually in [-1, 1].
// Reward: -(a - o / 2)^2. Terminates after the step.
// Answer: the best action is o / 2 and then V(o) = 0; Q(o, a) = -(a - o / 2)^2.
// Proves: the mean of a real-valued policy depends on the observation, with the right sign.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_continuous {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Continuous-v0";
  spec.family = "probe";
  spec.summary = "one step, the action must be half the observation; the best return is 0";
  spec.reference = "Q(o, a) = -(a - o / 2)^2";
  spec.obs.scalar("target", -1, 1);
  spec.action = ActionSpace::box({ActionSpace::real("guess", -1, 1)});
  spec.reward_threshold = -0.01;
  spec.turn_based = true;
  return spec;
}

class Continuous final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    observation_ = static_cast<float>(ctx.rng.uniform(-1, 1));
    obs[0] = observation_;
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    obs[0] = observation_;
    const float miss = action[0] - observation_ / 2;
    StepResult result;
    result.reward = -miss * miss;
    result.terminated = true;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "continuous", observation_, "guess half of it");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    action[0] = keys[Key::kRight] ? 0.5f : -0.5f;
    return true;
  }
  void save(StateWriter& out) const override { out.write(observation_); }
  bool load(StateReader& in) override {
    in.read(observation_);
    return true;
  }

 private:
  float observation_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Continuous>("built-in"); }

}  // namespace tern::probe_continuous
