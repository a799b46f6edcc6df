// Pong-v1: two paddles, a ball, and the first to have 21 points.
//
//   observation           unit      range
//   0 ball x              court/2   -1 to 1, from the opponent's side to the agent's
//   1 ball y              court/2   -1 to 1, upwards
//   2 ball velocity x     of max    -1 to 1, to the agent; 1 is 6 px a frame
//   3 ball velocity y     of max    -1 to 1, upwards
//   4 agent's paddle      court/2   -1 to 1, its middle, upwards
//   5 opponent's paddle   court/2   -1 to 1
//   6 agent's points      of all    0 to 1, of the `points` that win
//   7 opponent's points   of all    0 to 1
//
// The court is 160 px wide and 120 high, x and y from its middle; the ball is 4 px across, the
// paddles are 18 px high, the agent's on the right. A paddle's face is where the middle of a ball
// that touches it is: 70 px from the middle of the court. Times are in frames, 30 a second.
//
// Actions: 0 stay, 1 up, 2 down: the agent's paddle moves by 3 px, inside the court. A frame:
// 1. The agent's paddle moves; then the opponent's, by at most 3 px times `opponent` (0.5), towards
//    the height of the ball when the ball comes to it, else towards the middle.
// 2. The ball moves by its velocity; floor and ceiling (58 px from the middle) reflect it.
// 3. If it passed a paddle's face on its way out, at a height no more than 11 px (half the paddle
//    and half the ball) from the paddle's middle, it is struck: it is at the face, at the height
//    where it met it, and leaves with 5 % more speed (not above 6 px a frame) at an angle of 55 deg
//    times that distance / 11, up from above the middle, down from below.
// 4. If its middle is 80 px or more from the court's, that is a point for the other side: reward +1
//    for the agent's point, -1 for the opponent's. With 21 points (`points`) of either the episode
//    terminates and the ball stays at the edge; else the next serve follows at once.
// Limit: 20000 frames (`max_steps`).
//
// A serve: from the middle of the court, at a height anywhere within 40 px of the middle, with 3 px
// a frame (`speed`), at an angle anywhere within 40 deg, to whoever lost the point; the first to
// either side. `level` chooses all serves. The opponent draws nothing: a level and the actions are
// the whole game.
// Start: both paddles in the middle, no points.
//
// Metrics: success, 1 if the agent has all its points; points won; points lost.
// Keys: up and down, or W and S.
//
// Reference: Pong (Atari 1972), with the scoring, the side and the three moves that matter of ALE's
// Pong. The numbers are our own.

#include <algorithm>
#include <cmath>
#include <string>

#include "core/trig.h"
#include "envs/games/number_state.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::pong {
namespace {

constexpr double kHalfWidth = 80, kHalfHeight = 60;
constexpr double kHalfBall = 2, kHalfPaddle = 9;
constexpr double kFace = 70;  // of a paddle: where the middle of a ball that touches it is
constexpr double kWall = kHalfHeight - kHalfBall;
constexpr double kPaddleReach = kHalfHeight - kHalfPaddle;
constexpr double kContact = kHalfPaddle + kHalfBall;
constexpr double kPaddleSpeed = 3;  // px a frame
constexpr double kMaxSpeed = 6, kSpeedUp = 1.05;
constexpr double kDegree = 3.14159265358979323846 / 180;
constexpr double kMaxBounceAngle = 55 * kDegree, kMaxServeAngle = 40 * kDegree;
constexpr double kMaxServeHeight = 40;
constexpr int kUp = 1, kDown = 2;
constexpr int kMaxPoints = 99;
constexpr std::uint64_t kNumLevels = 1'000'000;

struct PongParams {
  double opponent = 0.5;
  double speed = 3;
  int points = 21;
  int max_steps = 20'000;

  template <class V>
  void visit(V& v) {
    v("opponent", opponent, "skill: the share of the agent's speed that the opponent moves with",
      in_range(0, 1));
    v("speed", speed, "px a frame, of a serve", in_range(1, kMaxSpeed));
    v("points", points, "who has so many wins", in_range(1, kMaxPoints));
    v("max_steps", max_steps, "time limit of an episode", at_least(1));
  }
};

struct State {
  double ball_x = 0, ball_y = 0;
  double velocity_x = 1, velocity_y = 0;  // a game that never began can be saved and loaded
  double agent = 0, opponent = 0;  // heights of the paddles
  int won = 0, lost = 0;           // points

  template <class V>
  void visit(V& v) {
    v("ball x", ball_x, -kHalfWidth, kHalfWidth);
    v("ball y", ball_y, -kWall, kWall);
    v("ball velocity x", velocity_x, -kMaxSpeed, kMaxSpeed);
    v("ball velocity y", velocity_y, -kMaxSpeed, kMaxSpeed);
    v("agent's paddle", agent, -kPaddleReach, kPaddleReach);
    v("opponent's paddle", opponent, -kPaddleReach, kPaddleReach);
    v("agent's points", won, 0, kMaxPoints);
    v("opponent's points", lost, 0, kMaxPoints);
  }
};

EnvSpec make_spec(const PongParams& params) {
  EnvSpec spec;
  spec.id = "Pong-v1";
  spec.family = "games";
  spec.summary = "two paddles, a ball, and the first to have 21 points";
  spec.reference = "Pong (Atari 1972), scoring of ALE's Pong";
  for (const char* name : {"ball x", "ball y"}) spec.obs.scalar(name, -1, 1, "court/2");
  for (const char* name : {"ball velocity x", "ball velocity y"}) {
    spec.obs.scalar(name, -1, 1, "of max");
  }
  for (const char* name : {"agent's paddle", "opponent's paddle"}) {
    spec.obs.scalar(name, -1, 1, "court/2");
  }
  for (const char* name : {"agent's points", "opponent's points"}) {
    spec.obs.scalar(name, 0, 1, "of all");
  }
  spec.action = ActionSpace::discrete({"stay", "up", "down"});
  spec.max_episode_steps = params.max_steps;
  spec.metrics = {"success", "points won", "points lost"};
  spec.state_fields = number_state::names<State>();
  spec.num_levels = kNumLevels;
  return spec;
}

/// Where the ball is after floor and ceiling, and whether they turned it round.
struct Reflected {
  double y;
  bool is_turned;
};
Reflected reflected(double y) {
  if (y > kWall) return {2 * kWall - y, true};
  if (y < -kWall) return {-2 * kWall - y, true};
  return {y, false};
}

class Pong final : public number_state::NumberStateEnv<State> {
 public:
  using Params = PongParams;

  explicit Pong(const Params& params)
      : NumberStateEnv(make_spec(params)),
        opponent_speed_(kPaddleSpeed * params.opponent),
        serve_speed_(params.speed),
        points_(params.points),
        point_share_(1.0f / static_cast<float>(params.points)) {}

  void reset(ResetContext& ctx, ObsRow obs) override {
    rng_ = Rng(ctx.level, "pong");
    state_ = State();
    serve(/*to_agent=*/rng_.below(2) == 1);
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    State& s = state_;
    const int choice = action.discrete();
    const double push = choice == kUp ? kPaddleSpeed : choice == kDown ? -kPaddleSpeed : 0;
    s.agent = std::clamp(s.agent + push, -kPaddleReach, kPaddleReach);
    const double aim = s.velocity_x < 0 ? s.ball_y : 0;
    const double way = std::clamp(aim - s.opponent, -opponent_speed_, opponent_speed_);
    s.opponent = std::clamp(s.opponent + way, -kPaddleReach, kPaddleReach);
    fly();

    StepResult result;
    if (std::fabs(s.ball_x) >= kHalfWidth) {
      const bool is_won = s.ball_x < 0;
      ++(is_won ? s.won : s.lost);
      result.reward = is_won ? 1.0f : -1.0f;
      result.terminated = is_over(s);
      if (result.terminated) {
        s.ball_x = is_won ? -kHalfWidth : kHalfWidth;
      } else {
        serve(/*to_agent=*/!is_won);
      }
    }
    observe(obs);
    return result;
  }

  void metrics(FloatRow values) const override {
    values[0] = state_.won >= points_ ? 1 : 0;
    values[1] = static_cast<float>(state_.won);
    values[2] = static_cast<float>(state_.lost);
  }

  void draw(Canvas& canvas) const override;

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const bool up = keys[Key::kUp] || keys[Key::kW], down = keys[Key::kDown] || keys[Key::kS];
    action.discrete() = up == down ? 0 : up ? kUp : kDown;
    return true;
  }

  void save(StateWriter& out) const override {
    out.write(rng_);
    NumberStateEnv::save(out);
  }
  bool load(StateReader& in) override {
    in.read(rng_);
    return NumberStateEnv::load(in);
  }

 protected:
  std::string conflict(const State& s) const override {
    if (s.won > points_ || s.lost > points_ || (s.won == points_ && s.lost == points_)) {
      return std::to_string(s.won) + " points to " + std::to_string(s.lost) +
             "; expected at most " + std::to_string(points_) + ", and of one side only";
    }
    if (s.velocity_x == 0) return "the ball's velocity x is 0; expected that it flies to a side";
    return "";
  }

 private:
  bool is_over(const State& s) const { return s.won >= points_ || s.lost >= points_; }

  void serve(bool to_agent) {
    State& s = state_;
    s.ball_x = 0;
    s.ball_y = rng_.uniform(-kMaxServeHeight, kMaxServeHeight);
    const SinCos angle = sincos(rng_.uniform(-kMaxServeAngle, kMaxServeAngle));
    s.velocity_x = (to_agent ? serve_speed_ : -serve_speed_) * angle.cos;
    s.velocity_y = serve_speed_ * angle.sin;
  }

  void fly() {
    State& s = state_;
    const double x = s.ball_x + s.velocity_x, y = s.ball_y + s.velocity_y;
    const double face = s.velocity_x > 0 ? kFace : -kFace;
    const bool was_inside = std::fabs(s.ball_x) < kFace;
    if (was_inside && std::fabs(x) >= kFace) {
      const double part = (face - s.ball_x) / s.velocity_x;
      const double met = reflected(s.ball_y + part * s.velocity_y).y;
      const double off = met - (face > 0 ? s.agent : s.opponent);
      if (std::fabs(off) <= kContact) return strike(face, met, off);
    }
    const Reflected at = reflected(y);
    s.ball_x = x;
    s.ball_y = at.y;
    if (at.is_turned) s.velocity_y = -s.velocity_y;
  }

  void strike(double face, double met, double off) {
    State& s = state_;
    const double speed = std::sqrt(s.velocity_x * s.velocity_x + s.velocity_y * s.velocity_y);
    const double faster = std::min(kSpeedUp * speed, kMaxSpeed);
    const SinCos angle = sincos(kMaxBounceAngle * off / kContact);
    s.ball_x = face;
    s.ball_y = met;
    s.velocity_x = (face > 0 ? -faster : faster) * angle.cos;
    s.velocity_y = faster * angle.sin;
  }

  void observe(ObsRow obs) const {
    const auto scaled = [](double value, double full) {
      return static_cast<float>(value * (1 / full));
    };
    float* const out = obs.floats().data();
    out[0] = scaled(state_.ball_x, kHalfWidth);
    out[1] = scaled(state_.ball_y, kHalfHeight);
    out[2] = scaled(state_.velocity_x, kMaxSpeed);
    out[3] = scaled(state_.velocity_y, kMaxSpeed);
    out[4] = scaled(state_.agent, kHalfHeight);
    out[5] = scaled(state_.opponent, kHalfHeight);
    out[6] = static_cast<float>(state_.won) * point_share_;
    out[7] = static_cast<float>(state_.lost) * point_share_;
  }

  std::string letters() const;

  double opponent_speed_, serve_speed_;
  int points_;
  float point_share_;
  Rng rng_{0, "pong"};  // of the level: the serves to come
};

// The picture; in letters 20 x 16 cells of 8 px, walls included.
constexpr int kCell = 8, kColumns = 20, kRows = 16;
constexpr double kTop = kRows * kCell / 2;

void Pong::draw(Canvas& canvas) const {
  constexpr Color kCourt{30, 42, 48}, kNet{96, 112, 119}, kChalk{236, 239, 241};
  constexpr float kWide = kHalfWidth, kHigh = kHalfHeight, kRim = kTop - kHalfHeight;
  constexpr float kThick = 4;  // of a paddle, behind its face
  const auto at = [](double x, double y) {
    return Point{static_cast<float>(x), static_cast<float>(y)};
  };
  canvas.set_view({-kWide, -kHigh - kRim}, {kWide, kHigh + kRim}, palette::kBackground);
  canvas.surround({-kWide, -kHigh - kRim}, {kWide, kHigh + kRim}, kNet);
  canvas.rectangle({-kWide, -kHigh - kRim}, {kWide, kHigh + kRim}, kNet);
  canvas.rectangle({-kWide, -kHigh}, {kWide, kHigh}, kCourt);
  for (float y = -kHigh + 2; y < kHigh; y += 8) {
    canvas.rectangle({-0.8f, y}, {0.8f, y + 4}, kNet);
  }
  const auto points = [&](float x, int count, Color color) {
    canvas.text({x, kHigh - 26}, 20, std::to_string(count), color, Align::kCenter);
  };
  points(-26, state_.lost, palette::kItem);
  points(26, state_.won, palette::kAgentLight);
  const auto paddle = [&](double face, double height, Color color) {
    const double side = face > 0 ? 1 : -1, middle = face + side * (kHalfBall + kThick / 2);
    canvas.capsule(at(middle, height - kHalfPaddle + 2), at(middle, height + kHalfPaddle - 2), 2,
                   color);
  };
  paddle(-kFace, state_.opponent, palette::kItem);
  paddle(kFace, state_.agent, palette::kAgentLight);
  // Where the ball came from, fading; it is drawn inside the court.
  constexpr double kInside = kHalfWidth - kHalfBall;
  const double x = std::clamp(state_.ball_x, -kInside, kInside);
  for (int k = 4; k >= 1; --k) {
    const double from_x = x - 0.9 * k * state_.velocity_x;
    const double from_y = reflected(state_.ball_y - 0.9 * k * state_.velocity_y).y;
    if (std::fabs(from_x) > kFace) continue;
    canvas.circle(at(from_x, from_y), 2.2f - 0.35f * static_cast<float>(k),
                  {kChalk.r, kChalk.g, kChalk.b, static_cast<std::uint8_t>(110 - 22 * k)});
  }
  const Point ball = at(x, state_.ball_y);
  canvas.circle(ball, 2.4f, is_over(state_) ? palette::kDanger : kChalk);
  canvas.push({-kWide, -kTop}, 0, kCell);
  write_letters(canvas, kRows, kColumns, letters());
  canvas.pop();
}

/// o the ball, | a paddle wherever it covers the middle of a row, : the net.
std::string Pong::letters() const {
  const auto column_of = [](double x) {
    return std::clamp(static_cast<int>(std::floor((x + kHalfWidth) / kCell)), 0, kColumns - 1);
  };
  const auto row_of = [](double y) {
    return std::clamp(static_cast<int>(std::floor((kTop - y) / kCell)), 0, kRows - 1);
  };
  std::string text;
  for (int row = 0; row < kRows; ++row) {
    const double middle = kTop - (row + 0.5) * kCell;
    std::string line(2 * kColumns, ' ');
    for (std::size_t i = 0; i < line.size(); i += 2) line[i] = i == kColumns ? ':' : '.';
    if (std::fabs(state_.opponent - middle) < kHalfPaddle) line[0] = '|';
    if (std::fabs(state_.agent - middle) < kHalfPaddle) line[2 * kColumns - 2] = '|';
    text += line;
  }
  text[static_cast<std::size_t>(
      2 * (row_of(state_.ball_y) * kColumns + column_of(state_.ball_x)))] = 'o';
  return text;
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Pong>("built-in");
}

}  // namespace tern::pong
