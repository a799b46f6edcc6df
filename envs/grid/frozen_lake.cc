// FrozenLake-v1: cross a frozen lake from S to G without falling into a hole; the ice is slippery.
//
//   observation            range
//   0 cell (categorical)   row * columns + column, row 0 on top
//   1.. holes              generated maps only: 1 where a cell is a hole, else 0
//
// Actions: 0 left, 1 down, 2 right, 3 up; a move against the border stays. Where the ice is
// slippery, each action goes where it says with probability 1/3 and to either side with 1/3.
// Reward: 1 for reaching the goal, else 0. Terminates on a hole and on the goal.
// Start: one of the S cells, each equally likely.
// Limit: 25 steps for each cell of the longer side: 100 on 4x4 and 200 on 8x8, as the reference.
//
// Reference: Gymnasium's FrozenLake-v1; transitions() is its table P, also in the order of the
// outcomes. Differs from it: generated maps are chosen by `level`, are the same for the same level,
// and show their holes; the limit of maps that are written out grows with them.

#include <algorithm>
#include <cmath>

#include "envs/grid/board_pieces.h"
#include "envs/grid/lake_map.h"
#include "envs/grid/tabular.h"
#include "envs/registry/registry.h"

namespace tern::frozen_lake {
namespace {

constexpr int kLeft = 0, kDown = 1, kRight = 2, kUp = 3, kNumActions = 4;
constexpr double kStraight = 1.0 / 3;            // probability of going where the action says
constexpr double kAside = (1.0 - kStraight) / 2;  // and to each side of that
constexpr int kGeneratedSize = 8;
constexpr std::uint64_t kNumLevels = 1'000'000;

struct LakeParams {
  std::string map = "4x4";
  bool slippery = true;
  int size = 0;

  template <class V>
  void visit(V& v) {
    v("map", map, "4x4, 8x8, generated (chosen by the level), or rows: SFFF/FHFH/FFFH/HFFG");
    v("slippery", slippery, "whether two of three moves go astray");
    v("size", size, "rows and columns of a generated map; 0: 8", in_range(0, kMaxLakeSide));
  }

  bool is_generated() const { return map == "generated"; }
};

LakeMap first_map(const LakeParams& params) {
  if (params.is_generated()) {
    if (params.size == 1) throw Error("env.size: 1 is too small a lake; expected 2 to 64");
    return generate_lake_map(params.size == 0 ? kGeneratedSize : params.size, /*level=*/0);
  }
  if (params.size != 0) {
    throw Error("env.size: " + std::to_string(params.size) + " given, but env.map is '" +
                params.map + "'; expected it with env.map=generated only");
  }
  return parse_lake_map(params.map);
}

EnvSpec make_spec(const LakeParams& params, const LakeMap& map) {
  EnvSpec spec;
  spec.id = "FrozenLake-v1";
  spec.family = "grid";
  spec.summary = "cross slippery ice to the goal without falling into a hole";
  spec.reference = "Gymnasium FrozenLake-v1";
  spec.obs.categorical("cell", map.size());
  if (params.is_generated()) {
    spec.obs.vector("holes", map.size(), 0, 1);
    spec.num_levels = kNumLevels;
  }
  spec.action = ActionSpace::discrete({"left", "down", "right", "up"});
  spec.max_episode_steps = 25 * std::max(map.rows, map.columns);
  if (params.map == "4x4") spec.reward_threshold = 0.7;
  if (params.map == "8x8") spec.reward_threshold = 0.85;
  spec.metrics = {"success"};
  spec.state_fields = {"cell"};
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class FrozenLake final : public Env {
 public:
  using Params = LakeParams;

  explicit FrozenLake(const Params& params)
      : params_(params), map_(first_map(params)), spec_(make_spec(params, map_)) {
    find_starts();
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    choose_level(ctx.level);
    cell_ = starts_[starts_.size() == 1
                        ? 0
                        : ctx.rng.below(static_cast<std::uint32_t>(starts_.size()))];
    facing_ = kDown;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    facing_ = action.discrete();
    const Outcomes outcomes = outcomes_of(cell_, facing_);
    const Transition& outcome = sample(outcomes, rng);
    cell_ = outcome.next_state;
    observe(obs);
    StepResult result;
    result.reward = static_cast<float>(outcome.reward);
    result.terminated = outcome.terminated;
    return result;
  }

  bool transitions(TransitionTable& table) const override {
    list_outcomes(
        map_.size(), kNumActions,
        [this](int cell, int action) { return outcomes_of(cell, action); }, table);
    for (const int cell : starts_) {
      table.initial[static_cast<std::size_t>(cell)] = 1.0 / static_cast<double>(starts_.size());
    }
    return true;
  }

  void metrics(FloatRow values) const override { values[0] = map_.tile(cell_) == 'G' ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    const float rows = static_cast<float>(map_.rows), columns = static_cast<float>(map_.columns);
    canvas.set_view({0, 0}, {columns, rows}, palette::kBackground);
    canvas.surround({0, 0}, {columns, rows}, palette::kInk);
    draw_ice(canvas);
    for (int cell = 0; cell < map_.size(); ++cell) draw_landmark(canvas, cell);
    draw_agent(canvas);
    write_letters(canvas);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kKeys[kNumActions] = {Key::kLeft, Key::kDown, Key::kRight, Key::kUp};
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
  bool set_state(DoubleRow state) override {
    if (state[0] != std::floor(state[0]) || !(state[0] >= 0 && state[0] < map_.size())) {
      throw Error("FrozenLake-v1: there is no cell " + format_number(state[0]) +
                  "; expected 0 to " + std::to_string(map_.size() - 1));
    }
    cell_ = static_cast<int>(state[0]);
    return true;
  }
  void save(StateWriter& out) const override { out.write(level_, cell_, facing_); }
  bool load(StateReader& in) override {
    std::uint64_t level = 0;
    int cell = 0;
    in.read(level, cell, facing_);
    if (cell < 0 || cell >= map_.size()) throw Error::failure("saved state is outside the lake");
    choose_level(level);
    cell_ = cell;
    return true;
  }

 private:
  void choose_level(std::uint64_t level) {
    if (!params_.is_generated() || level == level_) return;
    map_ = generate_lake_map(map_.rows, level);
    level_ = level;
    find_starts();
  }

  void find_starts() {
    starts_.clear();
    for (int cell = 0; cell < map_.size(); ++cell) {
      if (map_.tile(cell) == 'S') starts_.push_back(cell);
    }
  }

  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(cell_);
    if (!params_.is_generated()) return;
    for (int cell = 0; cell < map_.size(); ++cell) {
      obs[1 + static_cast<std::size_t>(cell)] = map_.tile(cell) == 'H' ? 1 : 0;
    }
  }

  /// The cell next to `cell`, or itself at the border.
  int moved(int cell, int direction) const {
    const int row = cell / map_.columns, column = cell % map_.columns;
    switch (direction) {
      case kLeft: return column > 0 ? cell - 1 : cell;
      case kDown: return row + 1 < map_.rows ? cell + map_.columns : cell;
      case kRight: return column + 1 < map_.columns ? cell + 1 : cell;
      default: return row > 0 ? cell - map_.columns : cell;
    }
  }

  Transition outcome_of(int cell, int direction, double probability) const {
    const int next = moved(cell, direction);
    return {probability, next, map_.tile(next) == 'G' ? 1.0 : 0.0, map_.ends_episode(next)};
  }

  /// The exact model, which both step() and transitions() use.
  Outcomes outcomes_of(int cell, int action) const {
    if (map_.ends_episode(cell)) return {{{{1.0, cell, 0.0, true}}}, 1};
    if (!params_.slippery) return {{{outcome_of(cell, action, 1.0)}}, 1};
    return {{{outcome_of(cell, (action + 3) % 4, kAside), outcome_of(cell, action, kStraight),
              outcome_of(cell, (action + 1) % 4, kAside)}},
            3};
  }

  Point center_of(int cell) const {
    return {static_cast<float>(cell % map_.columns) + 0.5f,
            static_cast<float>(map_.rows - cell / map_.columns) - 0.5f};
  }

  void draw_ice(Canvas& canvas) const {
    static constexpr CellStyle kStyles[] = {
        {palette::kIce}, {{204, 228, 240}}, {palette::kFloor}};  // two shades, like a chess board
    std::vector<std::uint8_t> kinds;
    for (int cell = 0; cell < map_.size(); ++cell) {
      const int shade = (cell / map_.columns + cell % map_.columns) % 2;
      kinds.push_back(static_cast<std::uint8_t>(map_.tile(cell) == 'S' ? 2 : shade));
    }
    draw_board(canvas, kinds, kStyles, 3);
  }

  /// The map as letters: seen on text canvases, invisible in pictures.
  void write_letters(Canvas& canvas) const {
    constexpr Color kClear{0, 0, 0, 0};
    static constexpr CellStyle kStyles[] = {
        {kClear, '.'}, {kClear, 'H'}, {kClear, 'G'}, {kClear, 'S'}, {kClear, '@'}};
    std::vector<std::uint8_t> kinds;
    for (int cell = 0; cell < map_.size(); ++cell) {
      const std::size_t kind = std::string_view("FHGS").find(map_.tile(cell));
      kinds.push_back(static_cast<std::uint8_t>(cell == cell_ ? 4 : kind));
    }
    draw_board(canvas, kinds, kStyles, 5);
  }

  void draw_board(Canvas& canvas, const std::vector<std::uint8_t>& kinds, const CellStyle* styles,
                  std::size_t count) const {
    canvas.cells({0, static_cast<float>(map_.rows)}, 1, map_.rows, map_.columns, kinds.data(),
                 styles, count);
  }

  void draw_landmark(Canvas& canvas, int cell) const {
    const Point at = center_of(cell);
    if (map_.tile(cell) == 'H') {
      canvas.circle(at, 0.38f, palette::kAgentLight);
      canvas.circle({at.x, at.y - 0.03f}, 0.33f, palette::kInk);
    } else if (map_.tile(cell) == 'G') {
      draw_flag(canvas, at);
    }
  }

  /// The nose points where the last action did; red in a hole.
  void draw_agent(Canvas& canvas) const {
    constexpr float kAngles[kNumActions] = {2 * kQuarterTurn, -kQuarterTurn, 0, kQuarterTurn};
    const bool has_fallen = map_.tile(cell_) == 'H';
    draw_walker(canvas, center_of(cell_), kAngles[facing_ & 3],
                has_fallen ? palette::kDanger : palette::kAgent, has_fallen ? 0.75f : 1.0f);
  }

  Params params_;
  LakeMap map_;
  EnvSpec spec_;
  std::vector<int> starts_;
  std::uint64_t level_ = 0;
  int cell_ = 0;
  int facing_ = kDown;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<FrozenLake>("built-in");
  registry.add_alias("FrozenLake8x8-v1", "FrozenLake-v1", {{"map", "8x8", "FrozenLake8x8-v1"}});
}

}  // namespace tern::frozen_lake
