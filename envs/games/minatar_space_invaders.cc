// MinAtar-SpaceInvaders-v0 and -v1: shoot the aliens before they land.
//
//   observation 10x10x6    1 where
//   0 cannon               the cannon is, always in row 9
//   1 alien                an alien is
//   2 alien going left     an alien is, while all go left
//   3 alien going right    an alien is, while all go right
//   4 own bullet           a bullet of the cannon is
//   5 alien bullet         a bullet of an alien is
//
// Actions: noop, left, right, fire (-v0: all six, see envs/games/minatar.h).
// A frame, in this order:
//   1. The cannon moves a cell, staying inside, or fires: a bullet starts in the cell above it. It
//      can fire again in the 5th frame from then.
//   2. Own bullets go up a cell, alien bullets down, and off the board they are gone. An alien
//      bullet or an alien where the cannon is ends the episode.
//   3. When the move timer is 0 it starts again, at the number of aliens or the alien interval
//      (12), whichever is less, and the aliens move: a cell sideways, or, if one of them has no
//      room there, they turn round and come down a row. If one then comes below the bottom (those
//      reappear on top in the last observation) or is where the cannon is, the episode ends.
//   4. When the shot timer is 0 it starts again, at 10, and an alien shoots: the lowest of the
//      column nearest to the cannon, the left one of two equally near. The bullet starts in its
//      cell.
//   5. An alien and an own bullet in one cell are both gone: +1.
//   6. The timers count down. If no alien is left a new wave stands in rows 0 to 3, columns 2 to 7;
//      the alien interval shrinks by 1, down to 6 (with `difficulty_ramping=false` it does not).
//      The direction, timers and bullets stay.
// Reward: +1 for an alien. Start: cannon in column 5, a wave going left. No time limit. Metric:
// ramp, how often the interval shrank.
//
// Reference: MinAtar's Space Invaders; what differs: envs/games/minatar.h.

#include <algorithm>

#include "envs/games/minatar.h"
#include "envs/games/minatar_picture.h"
#include "envs/games/number_state.h"
#include "envs/registry/registry.h"

namespace tern::minatar::space_invaders {
namespace {

enum Channel : int {
  kCannon, kAlien, kAlienLeft, kAlienRight, kOwnBullet, kAlienBullet, kNumChannels
};
constexpr int kReload = 5, kAlienInterval = 12, kLeastInterval = 6, kShotInterval = 10;
constexpr int kStartColumn = 5, kWaveRows = 4;
constexpr std::uint16_t kWave = 0b0011111100;  // columns 2 to 7
constexpr std::uint16_t kFullRow = (1u << kSide) - 1;
constexpr std::uint16_t kLeftEdge = 1u << 0, kRightEdge = 1u << kLast;

Facts facts() {
  return {"SpaceInvaders", "shoot the aliens before they land or hit the cannon",
          {"cannon", "alien", "alien going left", "alien going right", "own bullet",
           "alien bullet"},
          {kNoop, kLeft, kRight, kFire}, 12};
}

/// One kind of thing on the whole board; bit i of a row: column i.
struct Board {
  std::uint16_t rows[kSide] = {};

  /// Everything one row down, the bottom row to the top.
  void roll_down() { std::rotate(rows, rows + kLast, rows + kSide); }
  /// Everything one row up, the top row to the bottom.
  void roll_up() { std::rotate(rows, rows + 1, rows + kSide); }
  std::uint16_t columns() const {
    std::uint16_t all = 0;
    for (const std::uint16_t row : rows) all |= row;
    return all;
  }
  int count() const {
    int sum = 0;
    for (const std::uint16_t row : rows) sum += __builtin_popcount(row);
    return sum;
  }
  bool has(int row, int column) const { return (rows[row] >> column & 1) != 0; }

  template <class V>
  void visit(V& v, const std::string& name) {
    for (int row = 0; row < kSide; ++row) {
      v(name + " of row " + std::to_string(row), rows[row], 0, kFullRow);
    }
  }
};

struct State {
  int cannon = kStartColumn, reload = 0;
  Board aliens = {{kWave, kWave, kWave, kWave}};
  Board own_bullets = {}, alien_bullets = {};
  int goes_right = 0;
  int move_timer = kAlienInterval, alien_interval = kAlienInterval;
  int shot_timer = kShotInterval;
  int ramp = 0;
  int last_move = kNoop;
  int is_over = 0;

  template <class V>
  void visit(V& v) {
    v("cannon", cannon, 0, kLast);
    v("reload", reload, 0, kReload);
    aliens.visit(v, "aliens");
    own_bullets.visit(v, "own bullets");
    alien_bullets.visit(v, "alien bullets");
    v("goes right", goes_right, 0, 1);
    v("move timer", move_timer, 0, kAlienInterval);
    v("alien interval", alien_interval, kLeastInterval, kAlienInterval);
    v("shot timer", shot_timer, 0, kShotInterval);
    v("ramp", ramp, 0, kAlienInterval - kLeastInterval);
    v("last move", last_move, 0, kNumMoves - 1);
    v("is over", is_over, 0, 1);
  }
  std::string conflict() const { return aliens.columns() == 0 ? "there is no alien" : ""; }
};

class SpaceInvaders final : public number_state::NumberStateEnv<State> {
 public:
  using Params = RampingParams;

  explicit SpaceInvaders(const Params& params)
      : NumberStateEnv(make_spec(facts(), params.common)), controls_(facts(), params.common),
        ramps_(params.difficulty_ramping) {
    spec_.state_fields = number_state::names<State>();
    spec_.metrics = {"ramp"};
  }

  void reset(ResetContext&, ObsRow obs) override {
    state_ = State();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    State& s = state_;
    s.last_move = controls_.executed(action.discrete(), s.last_move, rng);
    const bool fires = s.last_move == kFire && s.reload == 0;
    if (s.last_move == kLeft) s.cannon = std::max(s.cannon - 1, 0);
    if (s.last_move == kRight) s.cannon = std::min(s.cannon + 1, kLast);

    move_bullets(fires);
    if (s.alien_bullets.has(kLast, s.cannon) || s.aliens.has(kLast, s.cannon)) s.is_over = 1;
    if (s.move_timer == 0) move_aliens();
    if (s.shot_timer == 0) shoot_back();
    StepResult result;
    result.reward = static_cast<float>(kill());

    if (s.reload > 0) --s.reload;
    --s.move_timer;
    --s.shot_timer;
    if (s.aliens.columns() == 0) start_wave();
    result.terminated = s.is_over != 0;
    observe(obs);
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = static_cast<float>(state_.ramp); }
  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = controls_.chosen(keys, /*may_fire=*/state_.reload == 0);
    return true;
  }

 private:
  void move_bullets(bool fires) {
    State& s = state_;
    s.own_bullets.rows[0] = 0;
    s.own_bullets.roll_up();
    s.alien_bullets.rows[kLast] = 0;
    s.alien_bullets.roll_down();
    if (!fires) return;
    s.own_bullets.rows[kLast - 1] |= static_cast<std::uint16_t>(1u << s.cannon);
    s.reload = kReload;
  }

  void move_aliens() {
    State& s = state_;
    s.move_timer = std::min(s.aliens.count(), s.alien_interval);
    if ((s.aliens.columns() & (s.goes_right != 0 ? kRightEdge : kLeftEdge)) != 0) {
      s.goes_right ^= 1;
      if (s.aliens.rows[kLast] != 0) s.is_over = 1;
      s.aliens.roll_down();
    } else {
      for (std::uint16_t& row : s.aliens.rows) {
        row = static_cast<std::uint16_t>(s.goes_right != 0 ? row << 1 : row >> 1);
      }
    }
    if (s.aliens.has(kLast, s.cannon)) s.is_over = 1;
  }

  void shoot_back() {
    State& s = state_;
    s.shot_timer = kShotInterval;
    const int column = nearest_column();
    int row = kLast;
    while (!s.aliens.has(row, column)) --row;
    s.alien_bullets.rows[row] |= static_cast<std::uint16_t>(1u << column);
  }

  /// The one with aliens in it nearest to the cannon. There is always one.
  int nearest_column() const {
    const unsigned columns = state_.aliens.columns();
    for (int distance = 0;; ++distance) {
      for (const int column : {state_.cannon - distance, state_.cannon + distance}) {
        if (column >= 0 && (columns >> column & 1) != 0) return column;
      }
    }
  }

  /// Takes hit aliens and the bullets that hit them off the board; how many.
  int kill() {
    int killed = 0;
    for (int row = 0; row < kSide; ++row) {
      const std::uint16_t hit = state_.aliens.rows[row] & state_.own_bullets.rows[row];
      if (hit == 0) continue;
      state_.aliens.rows[row] ^= hit;
      state_.own_bullets.rows[row] ^= hit;
      killed += __builtin_popcount(hit);
    }
    return killed;
  }

  void start_wave() {
    State& s = state_;
    if (ramps_ && s.alien_interval > kLeastInterval) {
      --s.alien_interval;
      ++s.ramp;
    }
    std::fill(s.aliens.rows, s.aliens.rows + kWaveRows, kWave);
  }

  void observe(ObsRow obs) const {
    Image<kNumChannels> image(obs);
    const State& s = state_;
    image.mark(kLast, s.cannon, kCannon);
    const int direction = s.goes_right != 0 ? kAlienRight : kAlienLeft;
    for (int row = 0; row < kSide; ++row) {
      for (unsigned columns = s.aliens.rows[row]; columns != 0; columns &= columns - 1) {
        image.mark(row, __builtin_ctz(columns), kAlien);
        image.mark(row, __builtin_ctz(columns), direction);
      }
      image.mark_bits(row, s.own_bullets.rows[row], kOwnBullet);
      image.mark_bits(row, s.alien_bullets.rows[row], kAlienBullet);
    }
  }

  Controls controls_;
  bool ramps_;
};

/// Leans to where it goes.
void draw_alien(Canvas& canvas, Point at, int goes_right) {
  constexpr Color kSkin{98, 214, 160};
  const float lean = 0.06f * static_cast<float>(ahead(goes_right));
  for (const float side : {-1.0f, 1.0f}) {
    canvas.capsule({at.x + side * 0.2f, at.y - 0.05f}, {at.x + side * 0.3f - lean, at.y - 0.32f},
                   0.06f, kSkin);
    canvas.capsule({at.x + side * 0.12f, at.y + 0.15f}, {at.x + side * 0.2f + lean, at.y + 0.36f},
                   0.045f, kSkin);
  }
  canvas.capsule({at.x - 0.14f, at.y}, {at.x + 0.14f, at.y}, 0.22f, kSkin);
  for (const float side : {-1.0f, 1.0f}) {
    canvas.circle({at.x + side * 0.13f + lean, at.y + 0.03f}, 0.07f, palette::kInk);
  }
}

void draw_cannon(Canvas& canvas, Point at, Color color) {
  canvas.rectangle({at.x - 0.44f, at.y - 0.42f}, {at.x + 0.44f, at.y - 0.08f}, color);
  canvas.capsule({at.x - 0.2f, at.y - 0.06f}, {at.x + 0.2f, at.y - 0.06f}, 0.14f, color);
  canvas.capsule({at.x, at.y}, {at.x, at.y + 0.32f}, 0.09f, color);
}

void SpaceInvaders::draw(Canvas& canvas) const {
  const State& s = state_;
  begin_board(canvas, {24, 32, 37});
  for (int i = 0; i < 36; ++i) {  // stars
    const float x = static_cast<float>(i * 37 % 100) / 10;
    const float y = 1.2f + static_cast<float>(i * 53 % 88) / 10;
    canvas.circle({x, y}, i % 5 == 0 ? 0.05f : 0.03f, {144, 155, 160, 110});
  }
  canvas.rectangle({0, 0}, {kSide, 0.08f}, palette::kMuted);
  Letters letters;
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const Point at = center(row, column);
      if (s.aliens.has(row, column)) draw_alien(canvas, at, s.goes_right);
      if (s.own_bullets.has(row, column)) {
        draw_trail(canvas, {at.x, at.y - 0.7f}, at, 0.12f, palette::kAgentLight);
        canvas.capsule({at.x, at.y - 0.05f}, {at.x, at.y + 0.25f}, 0.09f, {210, 236, 250});
      }
      if (s.alien_bullets.has(row, column)) {
        draw_trail(canvas, {at.x, at.y + 0.7f}, at, 0.14f, palette::kDanger);
        canvas.circle({at.x, at.y - 0.1f}, 0.15f, palette::kItem);
      }
    }
    letters.put_row(row, s.aliens.rows[row], s.goes_right != 0 ? 'R' : 'L');
    letters.put_row(row, s.own_bullets.rows[row], '|');
    letters.put_row(row, s.alien_bullets.rows[row], '!');
  }
  const Point at = center(kLast, s.cannon);
  if (s.is_over != 0) draw_burst(canvas, at, 0.49f, palette::kItem);
  draw_cannon(canvas, at, s.is_over != 0 ? palette::kDanger : palette::kAgentLight);
  letters.put(kLast, s.cannon, s.is_over != 0 ? 'x' : '@');
  letters.show(canvas);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<SpaceInvaders>("built-in");
  registry.add_alias("MinAtar-SpaceInvaders-v0", "MinAtar-SpaceInvaders-v1",
                     {{"actions", "all", "MinAtar-SpaceInvaders-v0"}});
}

}  // namespace tern::minatar::space_invaders
