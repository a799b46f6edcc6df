// DeepSea-v0: dive from the top left of a board to the treasure in its bottom right corner, where
// every step to the right costs a little and only going right every time pays.
//
//   observation        range
//   board NxN          1 where the diver is, else 0; row 0 on top; all 0 once the bottom is passed
//
// Actions: 0 and 1; in each cell one of them means right and the other left, and which one differs
// from cell to cell. Each step goes down a row and a column to that side, the border columns hold.
// Reward: -0.01 / N for each step to the right, +1 for the one in the bottom right corner. Terminates
// after N steps. The best return is 0.99; a random diver finds the treasure with probability 2^-N.
// What the actions mean is fixed by `mapping_seed`; with `mapping=level` the level chooses it anew.
//
// Reference: bsuite's deep_sea, deterministic (Osband et al. 2020; Osband et al. 2019).

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "envs/grid/board_pieces.h"
#include "envs/grid/tabular.h"
#include "envs/registry/registry.h"

namespace tern::deep_sea {
namespace {

constexpr double kMoveCost = 0.01, kTreasure = 1;
constexpr std::uint64_t kNumLevels = 1'000'000;

struct DeepSeaParams {
  int size = 10;
  std::string mapping = "seed";
  std::int64_t mapping_seed = 0;

  template <class V>
  void visit(V& v) {
    v("size", size, "rows, columns and steps of an episode", in_range(2, 100));
    v("mapping", mapping, "what chooses which action means right: mapping_seed, or the level",
      one_of({"seed", "level"}));
    v("mapping_seed", mapping_seed, "of what the actions mean", at_least(0));
  }
};

EnvSpec make_spec(const DeepSeaParams& params) {
  EnvSpec spec;
  spec.id = "DeepSea-v0";
  spec.family = "grid";
  spec.summary = "dive for a treasure that only a long straight way leads to";
  spec.reference = "bsuite deep_sea";
  spec.obs.image("board", params.size, params.size, 1, 0, 1);
  spec.action = ActionSpace::discrete({"0", "1"});
  spec.reward_threshold = 0.98;
  spec.reward_terms = {"moves", "treasure"};
  spec.metrics = {"success"};
  spec.state_fields = {"row", "column"};
  spec.num_levels = params.mapping == "level" ? kNumLevels : 0;
  spec.frames_per_second = 8;
  spec.turn_based = true;
  return spec;
}

class DeepSea final : public Env {
 public:
  using Params = DeepSeaParams;

  explicit DeepSea(const Params& params)
      : params_(params), size_(params.size), spec_(make_spec(params)),
        right_(static_cast<std::size_t>(size_ * size_)) {
    choose_mapping(static_cast<std::uint64_t>(params.mapping_seed));
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    if (spec_.num_levels > 0 && ctx.level != mapping_) choose_mapping(ctx.level);
    row_ = column_ = 0;
    move_reward_ = treasure_ = 0;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    const Transition outcome = outcome_of(row_ * size_ + column_, action.discrete());
    const bool goes_right = action.discrete() == right_[cell()];
    treasure_ = goes_right && is_corner() ? static_cast<float>(kTreasure) : 0;
    move_reward_ = goes_right ? static_cast<float>(-kMoveCost / size_) : 0;
    row_ = outcome.next_state / size_;
    column_ = outcome.next_state % size_;
    observe(obs);
    StepResult result;
    result.reward = static_cast<float>(outcome.reward);
    result.terminated = outcome.terminated;
    return result;
  }

  /// States are row * size + column; a last row below the board holds the ends.
  bool transitions(TransitionTable& table) const override {
    list_outcomes(
        size_ * (size_ + 1), 2,
        [this](int state, int action) {
          const bool is_over = state >= size_ * size_;
          return Outcomes{
              {{is_over ? Transition{1, state, 0, true} : outcome_of(state, action)}}, 1};
        },
        table);
    table.initial[0] = 1;
    return true;
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = move_reward_;
    terms[1] = treasure_;
  }
  void metrics(FloatRow values) const override { values[0] = treasure_ > 0 ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    const float n = static_cast<float>(size_);
    canvas.set_view({0, 0}, {n, n}, palette::kBackground);
    canvas.surround({0, 0}, {n, n}, palette::kInk);
    std::string letters;
    for (int row = 0; row < size_; ++row) {
      // Water gets darker with depth; only cells that can be reached are water.
      const float depth = static_cast<float>(row) / n;
      const Color water{shade(190, 20, depth), shade(225, 82, depth), shade(243, 130, depth)};
      canvas.rectangle({0, n - static_cast<float>(row) - 1}, {n, n - static_cast<float>(row)},
                       palette::kFloor);
      canvas.rectangle({0, n - static_cast<float>(row) - 1},
                       {static_cast<float>(row + 1), n - static_cast<float>(row)}, water);
      for (int column = 0; column < size_; ++column) {
        const bool is_goal = row == size_ - 1 && column == size_ - 1;
        letters += row == row_ && column == column_ ? '@' : is_goal ? 'G' : column > row ? ' ' : '.';
        letters += ' ';
      }
    }
    draw_chest(canvas, {n - 0.5f, 0.4f});
    const bool is_over = row_ >= size_;
    const Point at{static_cast<float>(column_) + 0.5f,
                   n - static_cast<float>(std::min(row_, size_ - 1)) - (is_over ? 0.8f : 0.5f)};
    canvas.circle(at, 0.3f, treasure_ > 0 ? palette::kGoal : palette::kAccent);
    canvas.circle({at.x, at.y + 0.05f}, 0.15f, palette::kBackground);
    canvas.circle({at.x + 0.3f, at.y + 0.3f}, 0.06f, palette::kBackground);
    canvas.circle({at.x + 0.22f, at.y + 0.42f}, 0.04f, palette::kBackground);
    write_letters(canvas, size_, size_, letters);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    const int right = right_[row_ < size_ ? cell() : 0];
    action.discrete() = keys[Key::kRight] ? right : 1 - right;
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(row_), static_cast<double>(column_)};
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    for (const double value : state) {
      if (value == std::floor(value) && value >= 0 && value < size_) continue;
      throw Error("DeepSea-v0: there is no row or column " + format_number(value) +
                  "; expected 0 to " + std::to_string(size_ - 1));
    }
    row_ = static_cast<int>(state[0]);
    column_ = static_cast<int>(state[1]);
    move_reward_ = treasure_ = 0;
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(mapping_, row_, column_, move_reward_, treasure_);
  }
  bool load(StateReader& in) override {
    std::uint64_t mapping = 0;
    int row = 0, column = 0;
    in.read(mapping, row, column, move_reward_, treasure_);
    if (row < 0 || row > size_ || column < 0 || column >= size_) {
      throw Error::failure("saved state is outside the sea");
    }
    if (mapping != mapping_) choose_mapping(mapping);
    row_ = row;
    column_ = column;
    return true;
  }

 private:
  static std::uint8_t shade(int top, int bottom, float depth) {
    return static_cast<std::uint8_t>(static_cast<float>(top) +
                                     static_cast<float>(bottom - top) * depth);
  }

  static void draw_chest(Canvas& canvas, Point at) {
    canvas.rectangle({at.x - 0.34f, at.y - 0.3f}, {at.x + 0.34f, at.y + 0.06f}, palette::kItem);
    canvas.capsule({at.x - 0.24f, at.y + 0.1f}, {at.x + 0.24f, at.y + 0.1f}, 0.11f, palette::kItem);
    canvas.rectangle({at.x - 0.34f, at.y + 0.02f}, {at.x + 0.34f, at.y + 0.06f}, palette::kInk);
    canvas.circle({at.x, at.y - 0.03f}, 0.07f, palette::kInk);
  }

  void choose_mapping(std::uint64_t seed) {
    mapping_ = seed;
    Rng rng(seed, "deep sea");
    for (std::uint8_t& action : right_) action = rng.chance(0.5) ? 1 : 0;
  }

  std::size_t cell() const { return static_cast<std::size_t>(row_ * size_ + column_); }
  bool is_corner() const { return row_ == size_ - 1 && column_ == size_ - 1; }

  Transition outcome_of(int state, int action) const {
    const int row = state / size_, column = state % size_;
    const bool goes_right = action == right_[static_cast<std::size_t>(state)];
    double reward = goes_right ? -kMoveCost / size_ : 0;
    if (goes_right && row == size_ - 1 && column == size_ - 1) reward += kTreasure;
    const int next = std::clamp(column + (goes_right ? 1 : -1), 0, size_ - 1);
    return {1, (row + 1) * size_ + next, reward, row == size_ - 1};
  }

  void observe(ObsRow obs) const {
    std::fill(obs.floats().begin(), obs.floats().end(), 0.0f);
    if (row_ < size_) obs[cell()] = 1;
  }

  Params params_;
  int size_;
  EnvSpec spec_;
  std::vector<std::uint8_t> right_;  // for each cell the action that means right
  std::uint64_t mapping_ = 0;        // what `right_` was made from
  int row_ = 0, column_ = 0;
  float move_reward_ = 0, treasure_ = 0;  // of the last step
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<DeepSea>("built-in"); }

}  // namespace tern::deep_sea
