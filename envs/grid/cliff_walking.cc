// CliffWalking-v1: walk from the left end of a cliff to its right end without falling off.
//
//   observation            range
//   0 cell (categorical)   row * 12 + column on a 4x12 board, row 0 on top
//
// Actions: 0 up, 1 right, 2 down, 3 left; a move against the border stays. Where the ground is
// slippery, each action goes where it says with probability 1/3 and to either side with 1/3.
// The cliff is the bottom row between its two corners: whoever steps there is put back on the
// start, the lower left corner. The goal is the lower right corner.
// Reward: -1 for each step, -100 for one over the edge. Terminates on the goal, not by a fall.
// No time limit, as the reference; `max_steps` sets one.
//
// Reference: Gymnasium's CliffWalking-v1 (Sutton and Barto 2018, example 6.6); transitions() is its
// table P, also in the order of the outcomes and in the rows of cells where nobody can stand.

#include <algorithm>
#include <cmath>
#include <string>

#include "envs/grid/board_pieces.h"
#include "envs/grid/tabular.h"
#include "envs/registry/registry.h"

namespace tern::cliff_walking {
namespace {

constexpr int kRows = 4, kColumns = 12, kNumCells = kRows * kColumns;
constexpr int kUp = 0, kRight = 1, kDown = 2, kLeft = 3, kNumActions = 4;
constexpr int kStart = (kRows - 1) * kColumns, kGoal = kNumCells - 1;
constexpr double kStepReward = -1, kFallReward = -100;

constexpr bool is_cliff(int cell) { return cell > kStart && cell < kGoal; }

struct CliffParams {
  bool slippery = false;
  int max_steps = 0;

  template <class V>
  void visit(V& v) {
    v("slippery", slippery, "whether two of three moves go astray");
    v("max_steps", max_steps, "time limit of an episode; 0: none", at_least(0));
  }
};

EnvSpec make_spec(const CliffParams& params) {
  EnvSpec spec;
  spec.id = "CliffWalking-v1";
  spec.family = "grid";
  spec.summary = "walk along a cliff to the goal without stepping over the edge";
  spec.reference = "Gymnasium CliffWalking-v1";
  spec.obs.categorical("cell", kNumCells);
  spec.action = ActionSpace::discrete({"up", "right", "down", "left"});
  spec.max_episode_steps = params.max_steps;
  spec.reward_terms = {"steps", "falls"};
  spec.metrics = {"success", "falls"};
  spec.state_fields = {"cell"};
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class CliffWalking final : public Env {
 public:
  using Params = CliffParams;

  explicit CliffWalking(const Params& params) : params_(params), spec_(make_spec(params)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext&, ObsRow obs) override {
    cell_ = kStart;
    facing_ = kUp;
    falls_ = 0;
    reward_ = 0;
    obs[0] = static_cast<float>(cell_);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    facing_ = action.discrete();
    const Outcomes outcomes = outcomes_of(cell_, facing_);
    const Transition& outcome = sample(outcomes, rng);
    cell_ = outcome.next_state;
    reward_ = static_cast<float>(outcome.reward);
    falls_ += outcome.reward == kFallReward ? 1 : 0;
    obs[0] = static_cast<float>(cell_);
    StepResult result;
    result.reward = reward_;
    result.terminated = outcome.terminated;
    return result;
  }

  bool transitions(TransitionTable& table) const override {
    list_outcomes(
        kNumCells, kNumActions,
        [this](int cell, int action) { return outcomes_of(cell, action); }, table);
    table.initial[kStart] = 1;
    return true;
  }

  void reward_terms(FloatRow terms) const override {
    const bool has_fallen = reward_ == static_cast<float>(kFallReward);
    terms[0] = has_fallen ? 0 : reward_;
    terms[1] = has_fallen ? reward_ : 0;
  }
  void metrics(FloatRow values) const override {
    values[0] = cell_ == kGoal ? 1 : 0;
    values[1] = static_cast<float>(falls_);
  }

  void draw(Canvas& canvas) const override {
    canvas.set_view({0, 0}, {kColumns, kRows}, palette::kBackground);
    canvas.surround({0, 0}, {kColumns, kRows}, palette::kInk);
    draw_floor(canvas, kRows, kColumns, palette::kFloor, {224, 224, 216});
    draw_cliff(canvas);
    draw_flag(canvas, center_of(kGoal));
    constexpr float kAngles[kNumActions] = {kQuarterTurn, 0, -kQuarterTurn, 2 * kQuarterTurn};
    const bool has_fallen = reward_ == static_cast<float>(kFallReward);
    draw_walker(canvas, center_of(cell_), kAngles[facing_ & 3],
                has_fallen ? palette::kDanger : palette::kAgent);
    std::string letters;
    for (int cell = 0; cell < kNumCells; ++cell) {
      const char here = is_cliff(cell) ? 'C' : cell == kStart ? 'S' : cell == kGoal ? 'G' : '.';
      letters += cell == cell_ ? '@' : here;
      letters += ' ';
    }
    write_letters(canvas, kRows, kColumns, letters);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kKeys[kNumActions] = {Key::kUp, Key::kRight, Key::kDown, Key::kLeft};
    for (int i = 0; i < kNumActions; ++i) {
      if (!keys[kKeys[i]]) continue;
      action.discrete() = i;
      return true;
    }
    return false;
  }

  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(cell_)};
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    if (state[0] != std::floor(state[0]) || !(state[0] >= 0 && state[0] < kNumCells)) {
      throw Error("CliffWalking-v1: there is no cell " + format_number(state[0]) +
                  "; expected 0 to 47");
    }
    cell_ = static_cast<int>(state[0]);
    return true;
  }
  void save(StateWriter& out) const override { out.write(cell_, facing_, falls_, reward_); }
  bool load(StateReader& in) override {
    int cell = 0;
    in.read(cell, facing_, falls_, reward_);
    if (cell < 0 || cell >= kNumCells) throw Error::failure("saved state is off the board");
    cell_ = cell;
    return true;
  }

 private:
  static int moved(int cell, int direction) {
    const int row = cell / kColumns, column = cell % kColumns;
    switch (direction) {
      case kUp: return row > 0 ? cell - kColumns : cell;
      case kRight: return column + 1 < kColumns ? cell + 1 : cell;
      case kDown: return row + 1 < kRows ? cell + kColumns : cell;
      default: return column > 0 ? cell - 1 : cell;
    }
  }

  static Transition outcome_of(int cell, int direction, double probability) {
    const int next = moved(cell, direction);
    if (is_cliff(next)) return {probability, kStart, kFallReward, false};
    return {probability, next, kStepReward, next == kGoal};
  }

  /// The exact model, which both step() and transitions() use.
  Outcomes outcomes_of(int cell, int action) const {
    if (!params_.slippery) return {{{outcome_of(cell, action, 1)}}, 1};
    constexpr double kThird = 1.0 / 3;
    return {{{outcome_of(cell, (action + 3) % 4, kThird), outcome_of(cell, action, kThird),
              outcome_of(cell, (action + 1) % 4, kThird)}},
            3};
  }

  static Point center_of(int cell) {
    return {static_cast<float>(cell % kColumns) + 0.5f,
            static_cast<float>(kRows - cell / kColumns) - 0.5f};
  }

  /// A dark drop with a jagged edge.
  static void draw_cliff(Canvas& canvas) {
    canvas.rectangle({1, 0}, {kColumns - 1, 0.86f}, palette::kInk);
    for (int column = 1; column + 1 < kColumns; ++column) {
      const float x = static_cast<float>(column);
      const Point teeth[5] = {{x, 0.84f}, {x, 1}, {x + 0.35f, 0.9f}, {x + 0.7f, 0.99f},
                              {x + 1, 0.84f}};
      canvas.polygon(teeth, 5, palette::kInk);
      canvas.line({x + 0.25f, 0.62f}, {x + 0.4f, 0.2f}, 0.04f, {84, 100, 108});
      canvas.line({x + 0.65f, 0.75f}, {x + 0.75f, 0.4f}, 0.04f, {84, 100, 108});
    }
  }

  Params params_;
  EnvSpec spec_;
  int cell_ = kStart;
  int facing_ = kUp;
  int falls_ = 0;     // in this episode
  float reward_ = 0;  // of the last step
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<CliffWalking>("built-in"); }

}  // namespace tern::cliff_walking
