// Probe-Mask-v0: two steps, in each of which the action that would pay most is forbidden.
//
// Observation: side, -1 or 1, drawn anew for each step; step, 0 then 1.
// Actions: left, middle, right. The one on the observed side would pay 100, is masked, and taking it
// is an error. The opposite side pays 1, the middle 0. Terminates after the second step.
// Answer: V(side, 1) = 1, V(side, 0) = 1 + gamma. Proves: masks are honoured when acting, in the
// loss, and (an agent that takes the maximum over all actions is wrong) in the targets.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_mask {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Mask-v0";
  spec.family = "probe";
  spec.summary = "two steps with a forbidden action; V = 1 + gamma";
  spec.reference = "V(side, 0) = 1 + gamma, V(side, 1) = 1";
  spec.obs.scalar("side", -1, 1).scalar("step", 0, 1);
  spec.action = ActionSpace::discrete({"left", "middle", "right"});
  spec.reward_threshold = 1.99;
  spec.has_masks = true;
  spec.turn_based = true;
  return spec;
}

class Mask final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    step_ = 0;
    observe(ctx.rng, obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    if (action.discrete() == forbidden()) {
      throw Error::failure("Probe-Mask-v0: the masked action " +
                           std::to_string(action.discrete()) +
                           " was taken; the agent does not honour action masks");
    }
    StepResult result;
    result.reward = action.discrete() == 1 ? 0 : 1;
    result.terminated = step_ == 1;
    step_ = 1;
    observe(rng, obs);
    return result;
  }

  void action_mask(MaskRow mask) const override {
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<int>(i) != forbidden();
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "mask", side_, "not to that side");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight] && !keys[Key::kDown]) return false;
    const int wanted = keys[Key::kLeft] ? 0 : keys[Key::kRight] ? 2 : 1;
    if (wanted == forbidden()) return false;
    action.discrete() = wanted;
    return true;
  }
  void save(StateWriter& out) const override { out.write(side_, step_); }
  bool load(StateReader& in) override {
    in.read(side_, step_);
    return true;
  }

 private:
  int forbidden() const { return side_ < 0 ? 0 : 2; }

  void observe(Rng& rng, ObsRow obs) {
    side_ = rng.chance(0.5) ? 1.0f : -1.0f;
    obs[0] = side_;
    obs[1] = static_cast<float>(step_);
  }

  float side_ = 1;
  int step_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Mask>("built-in"); }

}  // namespace tern::probe_mask
