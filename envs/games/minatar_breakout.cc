// MinAtar-Breakout-v0 and -v1: keep the ball in play with a paddle and break bricks.
//
//   observation 10x10x4    1 where
//   0 paddle               the paddle is, always in row 9
//   1 ball                 the ball is
//   2 trail                the ball was a frame ago
//   3 brick                a brick is, in rows 1 to 3
//
// Actions: noop, left, right (-v0: all six, see envs/games/minatar.h).
// A frame: the paddle moves a cell, staying inside; then the ball goes one cell along its diagonal.
//   - It would leave by a side: it stays in its column and turns round sideways. Then, of these the
//     first that holds for the cell where it is going:
//   - above the board: it stays in the top row and turns downwards;
//   - a brick: the brick breaks and the ball turns round vertically, staying in its row (but in its
//     new column). If the ball met a brick in the frame before too, it flies on through this one,
//     which remains;
//   - the bottom row: if no brick is left, all 30 come back. Then, if the ball came from right
//     above the paddle it turns upwards; if the paddle is in the cell where it is going, it turns
//     round both ways (back to where it came from, unless a wall had turned it); it stays in its
//     row, as for a brick. Else the episode terminates.
// Reward: +1 for each brick. Start: ball in row 3 in the left or right corner, each with
// probability 1/2, flying down and inwards; paddle in column 4. No time limit.
//
// Reference: MinAtar's Breakout; what differs: envs/games/minatar.h.

#include <algorithm>

#include "envs/games/minatar.h"
#include "envs/games/minatar_picture.h"
#include "envs/games/number_state.h"
#include "envs/registry/registry.h"

namespace tern::minatar::breakout {
namespace {

enum Channel : int { kPaddle, kBall, kTrail, kBrick, kNumChannels };
constexpr int kBrickRows = 3, kFirstBrickRow = 1;
constexpr unsigned kFullRow = (1u << kSide) - 1;
constexpr int kStartRow = 3, kStartPaddle = 4;

Facts facts() {
  return {"Breakout", "break bricks with a ball, and do not let it fall past the paddle",
          {"paddle", "ball", "trail", "brick"}, {kNoop, kLeft, kRight}, 8};
}

struct State {
  int paddle = kStartPaddle;
  int ball_row = kStartRow, ball_column = 0;
  int goes_right = 1, goes_down = 1;
  int trail_row = kStartRow, trail_column = 0;
  int has_met_brick = 0;  // in the last frame
  unsigned bricks[kBrickRows] = {kFullRow, kFullRow, kFullRow};  // bit i: column i
  int last_move = kNoop;
  int is_over = 0;

  template <class V>
  void visit(V& v) {
    v("paddle", paddle, 0, kLast);
    v("ball row", ball_row, 0, kLast);
    v("ball column", ball_column, 0, kLast);
    v("ball goes right", goes_right, 0, 1);
    v("ball goes down", goes_down, 0, 1);
    v("trail row", trail_row, 0, kLast);
    v("trail column", trail_column, 0, kLast);
    v("has met brick", has_met_brick, 0, 1);
    for (int i = 0; i < kBrickRows; ++i) {
      v("bricks of row " + std::to_string(kFirstBrickRow + i), bricks[i], 0, kFullRow);
    }
    v("last move", last_move, 0, kNumMoves - 1);
    v("is over", is_over, 0, 1);
  }
  std::string conflict() const {
    return ball_row == kLast && is_over == 0 ? "the ball is in row 9 and the game goes on" : "";
  }
};

class Breakout final : public number_state::NumberStateEnv<State> {
 public:
  using Params = CommonParams;

  explicit Breakout(const Params& params)
      : NumberStateEnv(make_spec(facts(), params)), controls_(facts(), params) {
    spec_.state_fields = number_state::names<State>();
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    state_ = State();
    if (ctx.rng.below(2) == 1) {
      state_.ball_column = state_.trail_column = kLast;
      state_.goes_right = 0;
    }
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    State& s = state_;
    s.last_move = controls_.executed(action.discrete(), s.last_move, rng);
    const int push = (s.last_move == kRight ? 1 : 0) - (s.last_move == kLeft ? 1 : 0);
    s.paddle = std::clamp(s.paddle + push, 0, kLast);
    StepResult result;
    result.reward = fly() ? 1.0f : 0.0f;
    result.terminated = s.is_over != 0;
    observe(obs);
    return result;
  }

  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = controls_.chosen(keys, /*may_fire=*/false);
    return true;
  }

 private:
  /// Moves the ball; whether it broke a brick.
  bool fly() {
    State& s = state_;
    s.trail_row = s.ball_row;
    s.trail_column = s.ball_column;
    int row = s.ball_row + ahead(s.goes_down), column = s.ball_column + ahead(s.goes_right);
    if (column < 0 || column > kLast) {
      column = s.ball_column;
      s.goes_right ^= 1;
    }
    const auto turn_back = [&] {
      row = s.ball_row;
      s.goes_down ^= 1;
    };
    bool meets_brick = false, breaks = false;
    if (row < 0) {
      turn_back();
    } else if (has_brick(row, column)) {
      meets_brick = true;
      breaks = s.has_met_brick == 0;
      if (breaks) {
        s.bricks[row - kFirstBrickRow] &= ~(1u << column);
        turn_back();
      }
    } else if (row == kLast) {
      if ((s.bricks[0] | s.bricks[1] | s.bricks[2]) == 0) {
        for (unsigned& bricks : s.bricks) bricks = kFullRow;
      }
      const bool is_below = s.ball_column == s.paddle, is_beside = column == s.paddle;
      if (is_beside && !is_below) s.goes_right ^= 1;
      if (is_below || is_beside) {
        turn_back();
      } else {
        s.is_over = 1;
      }
    }
    s.has_met_brick = meets_brick ? 1 : 0;
    s.ball_row = row;
    s.ball_column = column;
    return breaks;
  }

  bool has_brick(int row, int column) const {
    const auto i = static_cast<unsigned>(row - kFirstBrickRow);
    return i < kBrickRows && (state_.bricks[i] >> column & 1) != 0;
  }

  void observe(ObsRow obs) const {
    Image<kNumChannels> image(obs);
    image.mark(kLast, state_.paddle, kPaddle);
    image.mark(state_.ball_row, state_.ball_column, kBall);
    image.mark(state_.trail_row, state_.trail_column, kTrail);
    for (int i = 0; i < kBrickRows; ++i) {
      image.mark_row(kFirstBrickRow + i, state_.bricks[i], kBrick);
    }
  }

  Controls controls_;
};

void Breakout::draw(Canvas& canvas) const {
  constexpr Color kRowColors[kBrickRows] = {palette::kAccent, palette::kItem, palette::kGoal};
  const State& s = state_;
  begin_board(canvas, palette::kBackground);
  canvas.rectangle({0, 0}, {kSide, 1}, palette::kFloor);
  Letters letters;
  for (int i = 0; i < kBrickRows; ++i) {
    for (int column = 0; column < kSide; ++column) {
      if ((s.bricks[i] >> column & 1) == 0) continue;
      const Point at = center(kFirstBrickRow + i, column);
      canvas.rectangle({at.x - 0.46f, at.y - 0.42f}, {at.x + 0.46f, at.y + 0.42f}, kRowColors[i]);
      canvas.rectangle({at.x - 0.46f, at.y + 0.26f}, {at.x + 0.46f, at.y + 0.42f},
                       {255, 255, 255, 90});
    }
    letters.put_row(kFirstBrickRow + i, s.bricks[i], '#');
  }
  const Point ball = center(s.ball_row, s.ball_column);
  draw_trail(canvas, center(s.trail_row, s.trail_column), ball, 0.24f, palette::kInk);
  const Point paddle = center(kLast, s.paddle);
  canvas.capsule({paddle.x - 0.28f, paddle.y + 0.2f}, {paddle.x + 0.28f, paddle.y + 0.2f}, 0.2f,
                 palette::kAgent);
  if (s.is_over != 0) draw_burst(canvas, ball, 0.46f, palette::kItem);
  canvas.circle(ball, 0.28f, s.is_over != 0 ? palette::kDanger : palette::kInk);

  letters.put(s.trail_row, s.trail_column, '*');
  letters.put(kLast, s.paddle, '=');
  letters.put(s.ball_row, s.ball_column, s.is_over != 0 ? 'x' : 'o');
  letters.show(canvas);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Breakout>("built-in");
  registry.add_alias("MinAtar-Breakout-v0", "MinAtar-Breakout-v1",
                     {{"actions", "all", "MinAtar-Breakout-v0"}});
}

}  // namespace tern::minatar::breakout
