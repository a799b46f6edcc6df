// FlappyBird-v1: flap through the gaps of the pipes.
//
//   observation          unit     range
//   0 height             screen   0 to 1, of the bird's centre above the ground
//   1 velocity           of max   -1 to 1, upwards; 1 is 10 px a frame
//   2 pipe distance      screen   from the beak to the next pipe; inside it below 0
//   3 gap height         screen   0 to 1, of the middle of that pipe's gap
//   4 gap height after   screen   0 to 1, the same of the pipe after it
//
// The unit of lengths is the height of the screen. Below they are in pixels, the screen 404 high,
// all times in frames; everything is a whole number. The bird is a box 34 long and 24 high, a pipe
// is 52 wide and reaches from the ground to the gap and from the gap beyond the screen; the left
// edges of two pipes are `spacing` (144) apart.
//
// Actions: 0 glide, 1 flap. A frame:
// 1. A flap sets the velocity to 9 upwards; else it falls by 1, but never below -10.
// 2. The bird moves by its velocity. At the top of the screen it stops: height 392, velocity 0.
// 3. The pipes come nearer by `speed` (4). A pipe whose right edge is now no further than the tail
//    is passed: reward 1, and the next pipe is the one to look at.
// 4. The bird lies on the ground (height 12 or less), or its box and a pipe overlap (touching edges
//    do not): the episode terminates. Reward 0, or the 1 of a pipe passed in this very frame.
// Limit: 10000 frames (`max_steps`).
//
// Start: height 202, velocity 0, the first pipe 200 px away. `level` chooses all gaps: each equally
// likely anywhere at least 60 px from ground and top that a bird can reach in time from the gap
// before (from the start): the middles differ by at most what a bird falls from rest, or climbs
// flapping in each frame, whichever is less, between two pipes, plus half of what the gap is higher
// than 70. So levels can be flown through; the tests search for the way.
//
// Metric: pipes, the number of pipes passed.
// Keys: space (or up, or W) flaps; held down, again once the bird has slowed to 5 px a frame.
//
// Reference: Flappy Bird (Dong Nguyen, 2013), with the numbers of its common clones at 30 frames a
// second. Differs from them: heights count upwards, the bird cannot fly above the screen, boxes
// collide and not drawn shapes, a pipe counts when it is behind the bird, gaps keep within reach.

#include <algorithm>
#include <cmath>
#include <string>

#include "envs/games/number_state.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::flappy_bird {
namespace {

constexpr int kScreen = 404;
constexpr int kBirdLength = 34, kBirdHeight = 24, kHalfHeight = kBirdHeight / 2;
constexpr int kLowest = kHalfHeight, kHighest = kScreen - kHalfHeight;
constexpr int kPipeWidth = 52;
constexpr int kPassed = -(kPipeWidth + kBirdLength);  // distance of a pipe behind the bird
constexpr int kMargin = 60;                           // from a gap to the ground, and to the top
constexpr int kFlapVelocity = 9, kMaxFall = 10;
constexpr int kFirstDistance = 200, kStartHeight = 202;
constexpr int kMaxSpacing = 400;
constexpr int kNoGap = 0;
constexpr int kMaxPipes = 999'999'999;
constexpr std::uint64_t kNumLevels = 1'000'000;

struct FlappyBirdParams {
  int gap = 100;
  int speed = 4;
  int spacing = 144;
  int max_steps = 10'000;

  template <class V>
  void visit(V& v) {
    v("gap", gap, "px, height of the gaps", in_range(80, 200));
    v("speed", speed, "px a frame, of the pipes", in_range(2, 8));
    v("spacing", spacing, "px, from one pipe to the next", in_range(144, kMaxSpacing));
    v("max_steps", max_steps, "time limit of an episode", at_least(1));
  }
};

struct State {
  int height = kStartHeight;
  int velocity = 0;
  int distance = kFirstDistance;  // from the beak to the left edge of the next pipe
  int gap = kStartHeight;         // middles of gaps: of the next pipe,
  int gap_after = kStartHeight;   // of the one after it,
  int gap_before = kNoGap;        // and of the one passed last, for the picture
  int pipes = 0;

  template <class V>
  void visit(V& v) {
    v("height", height, kLowest, kHighest);
    v("velocity", velocity, -kMaxFall, kFlapVelocity);
    v("pipe distance", distance, kPassed + 1, kMaxSpacing);
    v("gap height", gap, 0, kScreen);
    v("gap height after", gap_after, 0, kScreen);
    v("gap height before", gap_before, 0, kScreen);
    v("pipes passed", pipes, 0, kMaxPipes);
  }
};

EnvSpec make_spec(const FlappyBirdParams& params) {
  EnvSpec spec;
  spec.id = "FlappyBird-v1";
  spec.family = "games";
  spec.summary = "flap through the gaps of the pipes";
  spec.reference = "Flappy Bird (Nguyen 2013), numbers of its clones";
  const std::string unit = "screen";
  spec.obs.scalar("height", 0, 1, unit)
      .scalar("velocity", -1, 1, "of max")
      .scalar("pipe distance", static_cast<double>(kPassed) / kScreen, 1, unit)
      .scalar("gap height", 0, 1, unit)
      .scalar("gap height after", 0, 1, unit);
  spec.action = ActionSpace::discrete({"glide", "flap"});
  spec.max_episode_steps = params.max_steps;
  spec.metrics = {"pipes"};
  spec.state_fields = number_state::names<State>();
  spec.num_levels = kNumLevels;
  return spec;
}

/// How far a bird gets, up as well as down, between two pipes.
int reach(const FlappyBirdParams& params) {
  const int frames = (params.spacing + kPassed) / params.speed;
  int fall = 0;
  for (int i = 1; i <= frames; ++i) fall += std::min(i, kMaxFall);
  return std::min(fall, kFlapVelocity * frames) + std::max(params.gap - 70, 0) / 2;
}

class FlappyBird final : public number_state::NumberStateEnv<State> {
 public:
  using Params = FlappyBirdParams;

  explicit FlappyBird(const Params& params)
      : NumberStateEnv(make_spec(params)),
        gap_(params.gap),
        speed_(params.speed),
        spacing_(params.spacing),
        reach_(reach(params)),
        lowest_gap_(kMargin + (params.gap + 1) / 2),
        highest_gap_(kScreen - kMargin - (params.gap + 1) / 2) {}

  void reset(ResetContext& ctx, ObsRow obs) override {
    rng_ = Rng(ctx.level, "flappy bird");
    state_ = State();
    state_.gap = gap_near(kStartHeight);
    state_.gap_after = gap_near(state_.gap);
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    State& s = state_;
    s.velocity = action.discrete() == 1 ? kFlapVelocity : std::max(s.velocity - 1, -kMaxFall);
    s.height += s.velocity;
    if (s.height >= kHighest) {
      s.height = kHighest;
      s.velocity = 0;
    }
    s.height = std::max(s.height, kLowest);
    s.distance -= speed_;
    StepResult result;
    if (s.distance <= kPassed) {
      pass_pipe();
      result.reward = 1;
    }
    result.terminated = has_crashed();
    observe(obs);
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = static_cast<float>(state_.pipes); }

  void draw(Canvas& canvas) const override;

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr int kSlow = 5;
    const bool wants = keys[Key::kSpace] || keys[Key::kUp] || keys[Key::kW];
    action.discrete() = wants && state_.velocity <= kSlow ? 1 : 0;
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
    for (const int gap : {s.gap, s.gap_after, s.gap_before == kNoGap ? s.gap : s.gap_before}) {
      if (gap >= lowest_gap_ && gap <= highest_gap_) continue;
      return "the middle of a gap is at " + std::to_string(gap) + "; expected " +
             std::to_string(lowest_gap_) + " to " + std::to_string(highest_gap_);
    }
    const int furthest = std::max(kFirstDistance, spacing_ + kPassed);
    if (s.distance > furthest) {
      return "the next pipe is " + std::to_string(s.distance) + " px away; expected at most " +
             std::to_string(furthest);
    }
    return "";
  }

 private:
  int gap_near(int before) {
    const int low = std::max(lowest_gap_, before - reach_);
    const int high = std::min(highest_gap_, before + reach_);
    return low + static_cast<int>(rng_.below(static_cast<std::uint32_t>(high - low + 1)));
  }

  void pass_pipe() {
    State& s = state_;
    s.distance += spacing_;
    s.gap_before = s.gap;
    s.gap = s.gap_after;
    s.gap_after = gap_near(s.gap);
    ++s.pipes;
  }

  bool has_crashed() const {
    const State& s = state_;
    const bool is_inside = s.distance < 0;
    const int off = 2 * std::abs(s.height - s.gap);
    return s.height <= kLowest || (is_inside && off + kBirdHeight > gap_);
  }

  void observe(ObsRow obs) const {
    constexpr float kScale = 1.0f / kScreen;
    float* const out = obs.floats().data();
    out[0] = static_cast<float>(state_.height) * kScale;
    out[1] = static_cast<float>(state_.velocity) * (1.0f / kMaxFall);
    out[2] = static_cast<float>(state_.distance) * kScale;
    out[3] = static_cast<float>(state_.gap) * kScale;
    out[4] = static_cast<float>(state_.gap_after) * kScale;
  }

  void draw_pipe(Canvas& canvas, int distance, int gap) const;
  void draw_bird(Canvas& canvas) const;
  std::string letters() const;

  int gap_, speed_, spacing_, reach_;
  int lowest_gap_, highest_gap_;
  Rng rng_{0, "flappy bird"};  // of the level: the gaps to come
};

// The picture: the bird's centre at x = 0; no pipe appears or vanishes inside it. In letters it is
// 15 x 18 cells.
constexpr int kCell = 24, kColumns = 15, kRows = 18;
constexpr float kLeftEdge = -150, kRightEdge = kLeftEdge + kColumns * kCell;
constexpr float kBottom = kScreen - kRows * kCell;
constexpr float kBeak = kBirdLength / 2;

/// Far behind all: they drift at a quarter of the pipes' speed, and come and go in the haze at the
/// sides.
void draw_clouds(Canvas& canvas, double flown) {
  constexpr float kHalf = 40, kHaze = 50, kWay = kRightEdge - kLeftEdge - 2 * kHalf;
  for (const Point start : {Point{30, 335}, {150, 255}, {95, 165}, {225, 105}}) {
    const auto along =
        static_cast<float>(std::fmod(flown / 4 + static_cast<double>(start.x), kWay));
    const Point at = {kRightEdge - kHalf - along, start.y};
    const float white = std::min({1.0f, along / kHaze, (kWay - along) / kHaze});
    const auto mixed = [&](std::uint8_t sky) {
      return static_cast<std::uint8_t>(sky + 0.8f * white * static_cast<float>(255 - sky));
    };
    const Color color{mixed(palette::kIce.r), mixed(palette::kIce.g), mixed(palette::kIce.b)};
    canvas.capsule({at.x - 24, at.y}, {at.x + 26, at.y}, 12, color);
    canvas.circle({at.x - 6, at.y + 12}, 17, color);
    canvas.circle({at.x + 16, at.y + 8}, 12, color);
  }
}

/// Grass whose blades go by with the pipes.
void draw_ground(Canvas& canvas, double flown) {
  constexpr Color kTurf{118, 176, 108}, kSoil{222, 210, 176};
  canvas.rectangle({kLeftEdge, kBottom}, {kRightEdge, 0}, kSoil);
  for (float x = kLeftEdge - static_cast<float>(std::fmod(flown, 24)); x < kRightEdge; x += 24) {
    const auto inside = [](float at) { return std::clamp(at, kLeftEdge, kRightEdge); };
    const Point blade[4] = {
        {inside(x), -12}, {inside(x + 12), -12}, {inside(x + 18), 0}, {inside(x + 6), 0}};
    canvas.polygon(blade, 4, kTurf);
  }
  canvas.line({kLeftEdge, -12}, {kRightEdge, -12}, 2, kTurf);
  canvas.line({kLeftEdge, 0}, {kRightEdge, 0}, 3, palette::kInk);
}

void FlappyBird::draw(Canvas& canvas) const {
  const float top = kScreen;
  const int d = state_.distance;
  const double flown = static_cast<double>(state_.pipes) * spacing_ + (kFirstDistance - d);
  canvas.set_view({kLeftEdge, kBottom}, {kRightEdge, top}, palette::kBackground);
  canvas.surround({kLeftEdge, kBottom}, {kRightEdge, top}, palette::kInk);
  canvas.rectangle({kLeftEdge, kBottom}, {kRightEdge, top}, palette::kIce);
  draw_clouds(canvas, flown);
  if (state_.gap_before != kNoGap) draw_pipe(canvas, d - spacing_, state_.gap_before);
  draw_pipe(canvas, d, state_.gap);
  draw_pipe(canvas, d + spacing_, state_.gap_after);
  draw_ground(canvas, flown);
  draw_bird(canvas);
  const std::string pipes = std::to_string(state_.pipes);
  const Point at = {(kLeftEdge + kRightEdge) / 2, top - 56};
  for (const float shift : {-1.5f, 1.5f}) {  // a rim, to be read before pipes too
    canvas.text({at.x + shift, at.y - 1.5f}, 40, pipes, palette::kInk, Align::kCenter);
    canvas.text({at.x + shift, at.y + 1.5f}, 40, pipes, palette::kInk, Align::kCenter);
  }
  canvas.text(at, 40, pipes, palette::kBackground, Align::kCenter);
  canvas.push({kLeftEdge, kBottom}, 0, kCell);
  write_letters(canvas, kRows, kColumns, letters());
  canvas.pop();
}

void FlappyBird::draw_pipe(Canvas& canvas, int distance, int gap) const {
  constexpr Color kShine{255, 255, 255, 95}, kShade{0, 60, 44, 60};
  constexpr float kLip = 22, kOver = 3, kEdge = 2;
  const float left = kBeak + static_cast<float>(distance), right = left + kPipeWidth;
  const float half = static_cast<float>(gap_) / 2, middle = static_cast<float>(gap);
  const auto part = [&](float x0, float y0, float x1, float y1) {
    const float low = std::max(y0, 0.0f), high = std::min(y1, static_cast<float>(kScreen));
    x0 = std::max(x0, kLeftEdge), x1 = std::min(x1, kRightEdge);
    if (x1 <= x0 || high <= low) return;
    canvas.rectangle({x0, low}, {x1, high}, palette::kInk);
    const float in0 = std::min(x0 + kEdge, x1), in1 = std::max(x1 - kEdge, in0);
    const float bottom = y0 < 0 ? low : low + kEdge, ceiling = y1 > kScreen ? high : high - kEdge;
    canvas.rectangle({in0, bottom}, {in1, ceiling}, palette::kGoal);
    const auto stripe = [&](float from, float to, Color color) {
      from = std::clamp(from, in0, in1), to = std::clamp(to, in0, in1);
      if (to > from) canvas.rectangle({from, bottom}, {to, ceiling}, color);
    };
    stripe(left + 7, left + 13, kShine);
    stripe(right - 12, right, kShade);
  };
  part(left, -1, right, middle - half - kLip + kEdge);
  part(left, middle + half + kLip - kEdge, right, kScreen + 1);
  part(left - kOver, middle - half - kLip, right + kOver, middle - half);
  part(left - kOver, middle + half, right + kOver, middle + half + kLip);
}

void FlappyBird::draw_bird(Canvas& canvas) const {
  const float velocity = static_cast<float>(state_.velocity);
  const bool is_dead = has_crashed();
  canvas.push({0, static_cast<float>(state_.height)}, is_dead ? -0.9f : 0.07f * velocity);
  canvas.capsule({-5, 0}, {5, 0}, 13.5f, palette::kInk);
  canvas.capsule({-5, 0}, {5, 0}, 12, palette::kAgent);
  canvas.capsule({-3, -6}, {5, -6}, 5, palette::kAgentLight);
  const Point beak[3] = {{12, 3}, {22, -1}, {12, -6}};
  canvas.polygon(beak, 3, palette::kItem);
  // The wing is up after a flap and down in a fall.
  const float lift = velocity > 4 ? -7.0f : velocity > -2 ? 1.0f : 7.0f;
  canvas.capsule({-5, 1}, {-14, 1 + lift}, 5, palette::kInk);
  canvas.capsule({-5, 1}, {-14, 1 + lift}, 3.6f, palette::kBackground);
  canvas.circle({8, 5}, 5, palette::kBackground);
  if (is_dead) {
    canvas.capsule({5.5f, 2.5f}, {10.5f, 7.5f}, 1, palette::kInk);
    canvas.capsule({5.5f, 7.5f}, {10.5f, 2.5f}, 1, palette::kInk);
  } else {
    canvas.circle({9.5f, 5}, 2.3f, palette::kInk);
  }
  canvas.pop();
}

/// # a pipe, = the ground, > the bird, X a bird that crashed.
std::string FlappyBird::letters() const {
  std::string text;
  for (int row = 0; row < kRows; ++row) {
    const int height = kScreen - row * kCell - kCell / 2;  // of the cell's middle
    for (int column = 0; column < kColumns; ++column) {
      const int x = static_cast<int>(kLeftEdge) + column * kCell + kCell / 2;
      char letter = height < kCell / 2 ? '=' : '.';
      for (const int k : {-1, 0, 1}) {
        const int gap = k < 0 ? state_.gap_before : k == 0 ? state_.gap : state_.gap_after;
        const int into = x - kBirdLength / 2 - state_.distance - k * spacing_;
        if (gap == kNoGap || into < 0 || into > kPipeWidth || letter == '=') continue;
        if (2 * std::abs(height - gap) > gap_) letter = '#';
      }
      if (column == 6 && row == (kScreen - state_.height) / kCell) {
        letter = has_crashed() ? 'X' : '>';
      }
      text += letter;
      text += ' ';
    }
  }
  return text;
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<FlappyBird>("built-in");
}

}  // namespace tern::flappy_bird
