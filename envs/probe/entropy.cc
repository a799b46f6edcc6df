// Probe-Entropy-v0: two steps; one way leads to freedom, the other to a little more reward.
//
// Observation: where one stands: 0 at first, then -1 (free) or 1 (narrow).
// Action: a, a real number, usually in [-1, 1]. In step 0 a below 0 leads to -1, else to 1.
// Reward: 0 in step 0. Then 0 at -1, whatever is done, and 0.9 - 10 a^2 at 1. Terminates after step 1.
// Answer: who counts rewards alone goes to 1 and does 0 there: V(0) = 0.9 gamma. Who is paid alpha for
//   each nat of entropy as well, as SAC is, has alpha H to gain at -1, where every action is as good:
//   H is up to log 2 = 0.693. At 1 the best policy is a Gaussian with variance alpha / 20. With
//   alpha 1 that is 0.69 at -1 and 0.9 - 0.5 - 0.08 = 0.32 at 1: it goes to -1.
// Proves: the value of a next state holds the entropy of what is done there.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_entropy {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-Entropy-v0";
  spec.family = "probe";
  spec.summary = "left: anything goes and pays 0; right: exactly 0 pays 0.9";
  spec.reference = "V(0) = 0.9 gamma without entropy; left with a weight of 1";
  spec.obs.scalar("place", -1, 1);
  spec.action = ActionSpace::box({ActionSpace::real("move", -1, 1)});
  spec.reward_threshold = 0.85;
  spec.turn_based = true;
  return spec;
}

class Entropy final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext&, ObsRow obs) override {
    place_ = 0;
    obs[0] = 0;
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if (place_ == 0) {
      place_ = action[0] < 0 ? -1.0f : 1.0f;
    } else {
      result.reward = place_ < 0 ? 0.0f : 0.9f - 10 * action[0] * action[0];
      result.terminated = true;
    }
    obs[0] = place_;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "entropy", place_,
                    place_ == 0 ? "left or right" : place_ < 0 ? "anything goes" : "hold still");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    action[0] = keys[Key::kRight] ? 0.5f : -0.5f;
    return true;
  }
  void save(StateWriter& out) const override { out.write(place_); }
  bool load(StateReader& in) override {
    in.read(place_);
    return true;
  }

 private:
  float place_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Entropy>("built-in"); }

}  // namespace tern::probe_entropy
