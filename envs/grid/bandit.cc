// Bandit-v0: pull one of several arms, once.
//
//   observation    range
//   0 constant     1
//
// Actions: i pulls arm i. Reward: the arm's own, plus normal noise of deviation `noise`; then the
// episode terminates. The arms' own rewards are spread evenly from 0 to 1, in an order that
// `mapping_seed` fixes. The best mean return is 1, that of random pulls 1/2.
//
// Reference: bsuite's bandit (11 arms, no noise) and bandit_noise (Osband et al. 2020).

#include <string>
#include <vector>

#include "envs/registry/registry.h"

namespace tern::bandit {
namespace {

struct BanditParams {
  int arms = 11;
  double noise = 0;
  std::int64_t mapping_seed = 0;

  template <class V>
  void visit(V& v) {
    v("arms", arms, "how many there are", in_range(2, 64));
    v("noise", noise, "standard deviation of the rewards", in_range(0, 100));
    v("mapping_seed", mapping_seed, "of which arm pays what", at_least(0));
  }
};

EnvSpec make_spec(const BanditParams& params) {
  EnvSpec spec;
  spec.id = "Bandit-v0";
  spec.family = "grid";
  spec.summary = "pull the arm that pays most";
  spec.reference = "bsuite bandit";
  spec.obs.scalar("constant", 0, 1);
  std::vector<std::string> actions;
  for (int i = 0; i < params.arms; ++i) actions.push_back("arm " + std::to_string(i));
  spec.action = ActionSpace::discrete(actions);
  spec.reward_threshold = 0.99;
  spec.reward_terms = {"arm", "noise"};
  spec.metrics = {"success", "regret"};
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class Bandit final : public Env {
 public:
  using Params = BanditParams;

  explicit Bandit(const Params& params)
      : params_(params), spec_(make_spec(params)), pays_(static_cast<std::size_t>(params.arms)) {
    for (std::size_t i = 0; i < pays_.size(); ++i) {
      pays_[i] = static_cast<float>(i) / static_cast<float>(pays_.size() - 1);
    }
    Rng rng(static_cast<std::uint64_t>(params.mapping_seed), "bandit");
    rng.shuffle(FloatRow(pays_));
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext&, ObsRow obs) override {
    pulled_ = -1;
    noise_ = 0;
    obs[0] = 1;
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    pulled_ = action.discrete();
    noise_ = params_.noise > 0 ? static_cast<float>(params_.noise * rng.normal()) : 0.0f;
    obs[0] = 1;
    StepResult result;
    result.reward = paid() + noise_;
    result.terminated = true;
    return result;
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = paid();
    terms[1] = noise_;
  }
  void metrics(FloatRow values) const override {
    values[0] = paid() == 1 ? 1 : 0;
    values[1] = 1 - paid();
  }

  void draw(Canvas& canvas) const override {
    const float n = static_cast<float>(pays_.size()), height = n / 2;
    canvas.set_view({0, 0}, {n, height + 1.2f}, palette::kFloor);
    for (std::size_t i = 0; i < pays_.size(); ++i) {
      const float x = static_cast<float>(i);
      const bool is_pulled = static_cast<int>(i) == pulled_;
      canvas.rectangle({x + 0.1f, 0.1f}, {x + 0.9f, 0.9f}, is_pulled ? palette::kAgent
                                                                     : palette::kMuted);
      canvas.text({x + 0.5f, 0.35f}, 0.35f, std::to_string(i), palette::kBackground,
                  Align::kCenter);
      canvas.capsule({x + 0.5f, 1}, {x + 0.5f, 1 + height * 0.96f}, 0.05f, palette::kMuted);
      if (!is_pulled) continue;
      canvas.capsule({x + 0.5f, 1}, {x + 0.5f, 1.15f + height * 0.8f * pays_[i]}, 0.2f,
                     pays_[i] == 1 ? palette::kGoal : palette::kItem);
    }
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    for (int i = 0; i < 10 && static_cast<std::size_t>(i) < pays_.size(); ++i) {
      if (!keys[static_cast<Key>(static_cast<int>(Key::k0) + i)]) continue;
      action.discrete() = i;
      return true;
    }
    return false;
  }

  void save(StateWriter& out) const override { out.write(pulled_, noise_); }
  bool load(StateReader& in) override {
    int pulled = 0;
    in.read(pulled, noise_);
    if (pulled < -1 || pulled >= params_.arms) throw Error::failure("saved state pulls no arm");
    pulled_ = pulled;
    return true;
  }

 private:
  float paid() const { return pulled_ < 0 ? 0.0f : pays_[static_cast<std::size_t>(pulled_)]; }

  Params params_;
  EnvSpec spec_;
  std::vector<float> pays_;  // of each arm
  int pulled_ = -1;          // the last one; -1: none in this episode
  float noise_ = 0;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Bandit>("built-in"); }

}  // namespace tern::bandit
