// Probe-NoisyReward-v0: whatever is done pays 1 and -1 in turn, for ever, and nobody sees whose turn it is.
//
// Observation: 0. Action: a, a real number, usually in [-1, 1], without effect. Reward: 1 and -1 in turn,
// the first by chance, so that any few steps have a mean near 0. Never terminates. Limit: 10 steps.
// Answer: Q = 0 everywhere. Who looks for the best action of one critic finds the one that was lucky,
//   and expects such luck for ever; the smaller of two critics does not.
// Proves: targets take the smaller of two critics.

#include "envs/probe/probe_card.h"
#include "envs/registry/registry.h"

namespace tern::probe_noisy_reward {
namespace {

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Probe-NoisyReward-v0";
  spec.family = "probe";
  spec.summary = "pays 1 and -1 in turn, unseen; Q = 0 whatever is done";
  spec.reference = "Q = 0 everywhere";
  spec.obs.scalar("nothing", 0, 1);
  spec.action = ActionSpace::box({ActionSpace::real("choice", -1, 1)});
  spec.max_episode_steps = 10;
  spec.turn_based = true;
  return spec;
}

class NoisyReward final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    reward_ = ctx.rng.chance(0.5) ? 1.0f : -1.0f;
    obs[0] = 0;
  }

  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    StepResult result;
    result.reward = reward_;
    reward_ = -reward_;
    return result;
  }

  void draw(Canvas& canvas) const override {
    draw_probe_card(canvas, "noisy reward", 0, "pays 1, -1, 1, ..");
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    action[0] = keys[Key::kRight] ? 0.5f : -0.5f;
    return true;
  }
  void save(StateWriter& out) const override { out.write(reward_); }
  bool load(StateReader& in) override {
    in.read(reward_);
    return true;
  }

 private:
  float reward_ = 1;  // of the next step
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<NoisyReward>("built-in"); }

}  // namespace tern::probe_noisy_reward
