// Catch-v0: move a paddle so that the falling ball lands on it.
//
//   observation    range
//   board 10x5     1 where the ball or the paddle is, else 0; the paddle is in the bottom row
//
// Actions: 0 left, 1 stay, 2 right; the paddle stays inside. Each step the paddle moves, then the
// ball falls one row. Reward: when the ball reaches the bottom row, after 9 steps, +1 if the paddle
// is there and -1 if not, and the episode terminates; else 0.
// Start: ball in the top row, its column uniform; paddle in the middle. The best mean return is 1,
// since no ball is more than two columns away.
//
// Reference: bsuite's catch (Osband et al. 2020).

#include <algorithm>
#include <cmath>

#include "envs/registry/registry.h"

namespace tern::catch_game {
namespace {

constexpr int kRows = 10, kColumns = 5;
constexpr int kMiddle = kColumns / 2;

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Catch-v0";
  spec.family = "grid";
  spec.summary = "catch the falling ball with the paddle";
  spec.reference = "bsuite catch";
  spec.obs.image("board", kRows, kColumns, 1, 0, 1);
  spec.action = ActionSpace::discrete({"left", "stay", "right"});
  spec.reward_threshold = 0.99;
  spec.metrics = {"success"};
  spec.state_fields = {"ball row", "ball column", "paddle column"};
  spec.frames_per_second = 8;
  return spec;
}

class Catch final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    ball_row_ = 0;
    ball_column_ = static_cast<int>(ctx.rng.below(kColumns));
    paddle_ = kMiddle;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    paddle_ = std::clamp(paddle_ + action.discrete() - 1, 0, kColumns - 1);
    ball_row_ = std::min(ball_row_ + 1, kRows - 1);
    observe(obs);
    StepResult result;
    if (ball_row_ == kRows - 1) {
      result.terminated = true;
      result.reward = is_caught() ? 1.0f : -1.0f;
    }
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = is_caught() ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    constexpr Color kClear{0, 0, 0, 0};
    static constexpr CellStyle kStripes[] = {{palette::kFloor}, {{241, 241, 236}}};
    static constexpr CellStyle kLetters[] = {{kClear, '.'}, {kClear, 'o'}, {kClear, '='}};
    canvas.set_view({0, 0}, {kColumns, kRows}, palette::kBackground);
    canvas.surround({0, 0}, {kColumns, kRows}, palette::kInk);
    std::uint8_t kinds[kRows * kColumns];
    for (int i = 0; i < kRows * kColumns; ++i) kinds[i] = i % kColumns % 2;
    canvas.cells({0, kRows}, 1, kRows, kColumns, kinds, kStripes, 2);

    const float x = static_cast<float>(paddle_);
    canvas.capsule({x + 0.2f, 0.22f}, {x + 0.8f, 0.22f}, 0.16f, palette::kAgent);
    const bool is_missed = ball_row_ == kRows - 1 && !is_caught();
    canvas.circle({static_cast<float>(ball_column_) + 0.5f,
                   static_cast<float>(kRows - ball_row_) - (is_caught() ? 0.34f : 0.5f)},
                  0.3f, is_missed ? palette::kDanger : palette::kItem);

    // Seen on text canvases, invisible in pictures.
    std::fill(kinds, kinds + kRows * kColumns, std::uint8_t{0});
    kinds[(kRows - 1) * kColumns + paddle_] = 2;
    kinds[ball_row_ * kColumns + ball_column_] = 1;
    canvas.cells({0, kRows}, 1, kRows, kColumns, kinds, kLetters, 3);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = 1 + (keys[Key::kRight] ? 1 : 0) - (keys[Key::kLeft] ? 1 : 0);
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(ball_row_), static_cast<double>(ball_column_),
             static_cast<double>(paddle_)};
    return true;
  }
  bool set_state(ConstDoubleRow state) override { return place(state[0], state[1], state[2]); }
  void save(StateWriter& out) const override { out.write(ball_row_, ball_column_, paddle_); }
  bool load(StateReader& in) override {
    int row = 0, column = 0, paddle = 0;
    in.read(row, column, paddle);
    return place(row, column, paddle);
  }

 private:
  bool is_caught() const { return ball_row_ == kRows - 1 && ball_column_ == paddle_; }

  bool place(double row, double column, double paddle) {
    const auto is_index = [](double value, int count) {
      return value >= 0 && value < count && value == std::floor(value);
    };
    if (!is_index(row, kRows) || !is_index(column, kColumns) || !is_index(paddle, kColumns)) {
      throw Error("Catch-v0: ball at row " + format_number(row) + ", column " +
                  format_number(column) + " and paddle at column " + format_number(paddle) +
                  " are not on the board; expected rows 0 to 9 and columns 0 to 4");
    }
    ball_row_ = static_cast<int>(row);
    ball_column_ = static_cast<int>(column);
    paddle_ = static_cast<int>(paddle);
    return true;
  }

  void observe(ObsRow obs) const {
    std::fill(obs.floats().begin(), obs.floats().end(), 0.0f);
    obs[static_cast<std::size_t>((kRows - 1) * kColumns + paddle_)] = 1;
    obs[static_cast<std::size_t>(ball_row_ * kColumns + ball_column_)] = 1;
  }

  int ball_row_ = 0, ball_column_ = 0, paddle_ = kMiddle;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Catch>("built-in"); }

}  // namespace tern::catch_game
