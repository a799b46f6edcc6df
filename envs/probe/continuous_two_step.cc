// Probe-ContinuousTwoStep-v0: two steps, what the first action costs the second step pays back.
//
// Observation: (step, x), step 0 or 1, x the number that was chosen in step 0, 0 before.
// Action: a, a real number, usually in [-1, 1]; without effect in step 1.
// Reward: in step 0 it is -a^2 / 2, in step 1 it is x. Terminates after step 1.
// Answer: Q((0, 0), a) = -a^2 / 2 + gamma a, so the best first action is gamma and V = gamma^2 / 2;
//   V((1, x)) = x.
// Proves: a continuous action is rated by what follows it, discounted, and nothing follows an end.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_continuous_two_step {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-ContinuousTwoStep-v0";
  spec.family = "probe";
  spec.summary = "the first action costs a^2 / 2 and pays a one step later; the best one is gamma";
  spec.reference = "V(0, 0) = gamma^2 / 2, V(1, x) = x";
  spec.obs.scalar("step", 0, 1).scalar("chosen", -1, 1);
  spec.action = ActionSpace::box({ActionSpace::real("choice", -1, 1)});
  spec.reward_threshold = 0.49;
  spec.turn_based = true;
  return spec;
}

class ContinuousTwoStep final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext&, ObsRow obs) override {
    step_ = 0;
    chosen_ = 0;
    show(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if (step_ == 0) {
      chosen_ = std::clamp(action[0], -1.0f, 1.0f);
      result.reward = -chosen_ * chosen_ / 2;
    } else {
      result.reward = chosen_;
      result.terminated = true;
    }
    step_ = 1;
    show(obs);
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "two steps", chosen_, step_ == 0 ? "a costs a^2 / 2" : "a is paid back");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    action[0] = keys[Key::kRight] ? 0.5f : -0.5f;
    return true;
  }
  void save(StateWriter& out) const override { out.write(step_, chosen_); }
  bool load(StateReader& in) override {
    in.read(step_, chosen_);
    return true;
  }

 private:
  void show(ObsRow obs) const {
    obs[0] = static_cast<float>(step_);
    obs[1] = chosen_;
  }

  int step_ = 0;
  float chosen_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<ContinuousTwoStep>("built-in");
}

}  // namespace tern::probe_continuous_two_step
