// BitFlip-v0: flip single bits until they are those of the goal. A goal env, for hindsight replay.
//
//   observation           range
//   0..     achieved goal the bits, 0 or 1 each
//   n..     desired goal  what they are to be
//
// Actions: i flips bit i. Reward: -1 for each step after which the bits differ from the goal, 0 for
// the one that makes them equal, which terminates. Limit: n steps.
// Start: bits and goal at random, but different. The best return is 1 - (bits that differ), on average
// about 1 - n/2; random flips all but never arrive when n is large.
// relabel(achieved, desired): 0 if they are equal, else -1.
//
// Reference: the bit-flipping env of Andrychowicz et al. 2017, section 3.1.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::bit_flip {
namespace {

struct BitFlipParams {
  int bits = 8;

  template <class V>
  void visit(V& v) {
    v("bits", bits, "how many there are, and steps of an episode", in_range(2, 128));
  }
};

EnvSpec make_spec(const BitFlipParams& params) {
  EnvSpec spec;
  spec.id = "BitFlip-v0";
  spec.family = "grid";
  spec.summary = "flip bits until they are those of the goal";
  spec.reference = "Andrychowicz et al. 2017, section 3.1";
  spec.obs.vector("achieved goal", params.bits, 0, 1).vector("desired goal", params.bits, 0, 1);
  std::vector<std::string> actions;
  for (int i = 0; i < params.bits; ++i) actions.push_back("flip " + std::to_string(i));
  spec.action = ActionSpace::discrete(actions);
  spec.max_episode_steps = params.bits;
  spec.metrics = {"success"};
  for (const char* const row : {"bit", "goal"}) {
    for (int i = 0; i < params.bits; ++i) {
      spec.state_fields.push_back(std::string(row) + " " + std::to_string(i));
    }
  }
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class BitFlip final : public Env {
 public:
  using Params = BitFlipParams;

  explicit BitFlip(const Params& params)
      : spec_(make_spec(params)), bits_(static_cast<std::size_t>(params.bits)),
        goal_(bits_.size(), 1) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    do {
      for (float& bit : bits_) bit = ctx.rng.chance(0.5) ? 1.0f : 0.0f;
      for (float& bit : goal_) bit = ctx.rng.chance(0.5) ? 1.0f : 0.0f;
    } while (bits_ == goal_);
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    float& bit = bits_[static_cast<std::size_t>(action.discrete())];
    bit = 1 - bit;
    observe(obs);
    StepResult result;
    result.reward = relabel(GoalView(bits_), GoalView(goal_));
    result.terminated = result.reward == 0;
    return result;
  }

  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    return std::equal(achieved.begin(), achieved.end(), desired.begin()) ? 0.0f : -1.0f;
  }

  void metrics(FloatRow values) const override { values[0] = bits_ == goal_ ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    const auto n = static_cast<int>(bits_.size());
    const int columns = std::min(n, 8), rows = (n + columns - 1) / columns;
    // A tile for each bit, with the goal as its rim.
    const float width = static_cast<float>(columns), height = static_cast<float>(rows);
    canvas.set_view({0, 0}, {width, height}, palette::kFloor);
    if (bits_ == goal_) canvas.rectangle({0, 0}, {width, height}, palette::kGoal);
    std::string letters;  // the bit, and whether it is the goal's
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const Point at{static_cast<float>(i % columns) + 0.5f,
                     static_cast<float>(rows - i / columns) - 0.5f};
      const bool is_right = bits_[k] == goal_[k];
      canvas.rectangle({at.x - 0.46f, at.y - 0.46f}, {at.x + 0.46f, at.y + 0.46f},
                       paint(goal_[k]));
      canvas.rectangle({at.x - 0.34f, at.y - 0.34f}, {at.x + 0.34f, at.y + 0.34f},
                       palette::kFloor);
      canvas.rectangle({at.x - 0.28f, at.y - 0.28f}, {at.x + 0.28f, at.y + 0.28f},
                       paint(bits_[k]));
      canvas.text({at.x, at.y - 0.12f}, 0.26f, is_right ? "=" : "x", palette::kBackground,
                  Align::kCenter);
      letters += bits_[k] > 0 ? '1' : '0';
      letters += is_right ? '=' : 'x';
    }
    letters.resize(static_cast<std::size_t>(2 * rows * columns), ' ');
    write_letters(canvas, rows, columns, letters);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    for (int i = 0; i < 10 && static_cast<std::size_t>(i) < bits_.size(); ++i) {
      if (!keys[static_cast<Key>(static_cast<int>(Key::k0) + i)]) continue;
      action.discrete() = i;
      return true;
    }
    return false;
  }

  bool get_state(DoubleVec& state) const override {
    state.assign(bits_.begin(), bits_.end());
    state.insert(state.end(), goal_.begin(), goal_.end());
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    for (const double value : state) {
      if (value == 0 || value == 1) continue;
      throw Error("BitFlip-v0: " + format_number(value) + " is no bit; expected 0 or 1");
    }
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      bits_[i] = static_cast<float>(state[i]);
      goal_[i] = static_cast<float>(state[bits_.size() + i]);
    }
    return true;
  }
  void save(StateWriter& out) const override { out.write(bits_, goal_); }
  bool load(StateReader& in) override {
    in.read(FloatRow(bits_), FloatRow(goal_));
    return true;
  }

 private:
  static Color paint(float bit) { return bit > 0 ? palette::kItem : palette::kAgent; }

  void observe(ObsRow obs) const {
    const auto rest = std::copy(bits_.begin(), bits_.end(), obs.floats().begin());
    std::copy(goal_.begin(), goal_.end(), rest);
  }

  EnvSpec spec_;
  std::vector<float> bits_, goal_;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<BitFlip>("built-in"); }

}  // namespace tern::bit_flip
