#pragma once
// An env that uses every function of Env and every fact of EnvSpec, in values that are all
// different: built in-tree and as a plugin, both must show the same.

#include <stdexcept>
#include <string>
#include <vector>

#include "envs/env.h"

namespace tern {

class MirrorEnv final : public Env {
 public:
  struct Params {
    double gain = 0.5;
    int size = 3;
    bool windy = false;
    std::string mood = "calm";
    std::vector<int> walls = {2, 5};
    std::string fails = "";  // the function that throws
    std::string with = "error";
    template <class V>
    void visit(V& v) {
      v("gain", gain, "how much an action moves", in_range(0, 10));
      v("size", size, "elements of the flat field", in_range(1, 9));
      v("windy", windy, "the position drifts");
      v("mood", mood, "of the picture", one_of({"calm", "stormy"}));
      v("walls", walls, "where the walls stand", at_least(0));
      v("fails", fails, "a function of this env, which then throws");
      v("with", with, "what it throws", one_of({"error", "usage", "std", "int"}));
    }
  };

  explicit MirrorEnv(const Params& params) : params_(params) {
    fail_in("create");
    spec_.id = "Mirror-v3";
    spec_.family = "tests";
    spec_.summary = "shows everything that an env can have";
    spec_.reference = "nothing";
    Field usual;
    usual.name = "usual";
    usual.shape = {2, 3};
    usual.low = -1;
    usual.high = 1;
    usual.unit = "m";
    usual.advisory = true;
    spec_.obs.scalar("position", -50, 50, "m")
        .categorical("mode", 4)
        .vector("flat", params.size, -kUnbounded, kUnbounded, "N")
        .image("view", 2, 4, 3, 0, 255)
        .add(usual)
        .of(DType::kUint8)
        .image("camera", 1, 2, 3, 0, 255)
        .categorical("floor", 5, /*first=*/3)
        .of(DType::kFloat32)
        .categorical("gear", 4, /*first=*/-1);
    ActionComponent move, honk;
    move.name = "move";
    move.options = {"left", "stay", "right"};
    honk.name = "honk";
    honk.options = {"off", "on"};
    honk.unit = "dB";
    spec_.action = ActionSpace::multi_discrete({move, honk});
    spec_.max_episode_steps = 40;
    spec_.reward_threshold = -2.5;
    spec_.reward_terms = {"move", "noise"};
    spec_.metrics = {"success", "distance", "honks"};
    spec_.state_fields = {"x", "honks"};
    spec_.num_levels = 7;
    spec_.has_masks = true;
    spec_.frames_per_second = 12;
    spec_.turn_based = true;
    spec_.players = 2;
    spec_.info = {"speed", "place", "honks so far"};
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    fail_in("reset");
    x_ = ctx.rng.uniform(-1, 1) + static_cast<double>(ctx.level);
    honks_ = 0;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    fail_in("step");
    x_ += params_.gain * (action.discrete(0) - 1);
    if (params_.windy) x_ += 0.1 * rng.normal();
    honks_ += action.discrete(1);
    terms_[0] = static_cast<float>(-0.25 * x_);
    terms_[1] = static_cast<float>(rng.below(3));
    observe(obs);
    StepResult result;
    result.reward = terms_[0] + terms_[1];
    result.terminated = x_ > 9;
    result.truncated = x_ < -9;
    return result;
  }

  void action_mask(MaskRow mask) const override {
    fail_in("action_mask");
    mask[0] = x_ > -5;
    mask[1] = 1;
    mask[2] = x_ < 5;
    mask[3] = 1;
    mask[4] = honks_ < 3;
  }

  void draw(Canvas& canvas) const override {
    fail_in("draw");
    canvas.set_view({-10, -1}, {10, 3}, palette::kBackground);
    const Point corners[3] = {{0, 0}, {1, 0.5f}, {0.25f, 2}};
    canvas.polygon(corners, 3, palette::kInk);
    canvas.circle({static_cast<float>(x_), 1}, 0.75f, palette::kAgent);
    canvas.capsule({0, 1}, {2, 3}, 0.125f, palette::kItem);
    canvas.line({-10, 0}, {10, 0}, 0.5f, {1, 2, 3, 4});
    const std::uint8_t kind[6] = {0, 1, 1, 0, 2, 0};
    const CellStyle styles[3] = {{palette::kFloor, '.'}, {palette::kInk, '#'}, {palette::kGoal, 'G'}};
    canvas.cells({-3, 3}, 0.5f, 2, 3, kind, styles, 3);
    const std::uint8_t rgb[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    canvas.image({5, 0}, {6, 1}, 2, 2, rgb);
    canvas.text({0, 2}, 0.5f, params_.mood, palette::kDanger, Align::kRight);
    canvas.push({1, 2}, 0.5f, 3);
    canvas.pop();
    const Rectangle shown = canvas.shown({-10, -1}, {10, 3});
    canvas.line(shown.low, shown.high, 0.25f, palette::kFloor);
  }

  void reward_terms(FloatRow terms) const override {
    fail_in("reward_terms");
    terms[0] = terms_[0];
    terms[1] = terms_[1];
  }
  void metrics(FloatRow metrics) const override {
    fail_in("metrics");
    metrics[0] = x_ > 9;
    metrics[1] = static_cast<float>(x_);
    metrics[2] = static_cast<float>(honks_);
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    fail_in("human_action");
    if (keys.bits() == 0) return false;
    action.discrete(0) = keys[Key::kLeft] ? 0 : keys[Key::kD] ? 2 : 1;
    action.discrete(1) = keys[Key::k9];
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    fail_in("get_state");
    state = {x_, static_cast<double>(honks_)};
    if (params_.windy) state.resize(100, 0.5);  // more than there are names
    return true;
  }
  bool set_state(DoubleRow state) override {
    fail_in("set_state");
    if (params_.windy) return false;
    x_ = state[0];
    honks_ = static_cast<int>(state[1]);
    return true;
  }
  void save(StateWriter& out) const override {
    fail_in("save");
    out.write(x_, honks_, terms_[0], terms_[1]);
  }
  bool load(StateReader& in) override {
    fail_in("load");
    if (params_.mood == "stormy") return false;
    in.read(x_, honks_, terms_[0], terms_[1]);
    return true;
  }

  bool transitions(TransitionTable& table) const override {
    fail_in("transitions");
    if (params_.windy) return false;
    table.outcomes = {{{{0.25, 1, -1.5, false}, {0.75, 0, 2, true}}, {}}, {{{1, 1, 0, true}}, {}}};
    table.initial = {0.125, 0.875};
    return true;
  }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    fail_in("relabel");
    return achieved[0] - 2 * desired[0] + static_cast<float>(10 * achieved.size() + desired.size());
  }

  int current_player() const override {
    fail_in("current_player");
    return honks_ % 2;
  }
  bool player_rewards(FloatRow rewards) const override {
    fail_in("player_rewards");
    if (params_.windy) return false;
    rewards[0] = static_cast<float>(x_);
    rewards[1] = static_cast<float>(honks_);
    return true;
  }

  void info(FloatRow info) const override {
    fail_in("info");
    info[0] = static_cast<float>(0.125 * x_);
    info[1] = static_cast<float>(x_ + 1);
    info[2] = static_cast<float>(honks_);
  }

 private:
  void fail_in(const std::string& function) const {
    if (params_.fails != function) return;
    const std::string text = "no " + function + " today";
    if (params_.with == "usage") throw Error(text);
    if (params_.with == "std") throw std::out_of_range(text);
    if (params_.with == "int") throw 7;
    throw Error::failure(text);
  }
  void observe(ObsRow obs) const {
    const std::size_t floats = obs.floats().size();
    for (std::size_t i = 0; i < floats; ++i) obs[i] = static_cast<float>(x_ + 0.5 * i);
    obs[1] = static_cast<float>(honks_ % 4);
    obs[floats - 1] = static_cast<float>(honks_ % 4 - 1);
    for (std::size_t i = 0; i < 6; ++i) obs.bytes()[i] = static_cast<std::uint8_t>(10 * i + honks_);
    obs.bytes()[6] = static_cast<std::uint8_t>(3 + honks_ % 5);
  }

  Params params_;
  EnvSpec spec_;
  double x_ = 0;
  int honks_ = 0;
  float terms_[2] = {0, 0};
};

}  // namespace tern
