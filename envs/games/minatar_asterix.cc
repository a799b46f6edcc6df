// MinAtar-Asterix-v0 and -v1: pick up gold and keep away from the enemies that cross the board.
//
//   observation 10x10x4    1 where
//   0 player               the player is
//   1 enemy                an enemy is
//   2 trail                an enemy or gold comes from: the cell behind it
//   3 gold                 gold is
//
// Actions: noop, left, up, right, down (-v0: all six, see envs/games/minatar.h). The player stays
// in rows 1 to 8. Each of these rows is a lane that holds at most one thing, an enemy or gold.
// A frame, in this order:
//   1. When the spawn timer is 0, a free lane, all alike, gets a thing: gold with probability 1/3,
//      else an enemy; in column 0 going right or in column 9 going left, each with 1/2. Nothing
//      happens if no lane is free. The timer starts again, at the spawn interval (10).
//   2. The player moves a cell.
//   3. Contact: gold where the player is, is taken; an enemy there ends the episode.
//   4. When the move timer is 0, all things go a cell ahead, beyond the board they are gone, there
//      is contact again, and the timer starts again, at the move interval (5).
//   5. Both timers count down. So does the ramp timer; the frame after it passed below 0, every 102
//      frames, the spawn interval shrinks by 1 and, every second time, so does the move interval,
//      each down to 1. Once both are 1, and with `difficulty_ramping=false`, nothing changes.
// Reward: +1 for gold. Terminates on contact with an enemy. Start: player in row 5, column 5, no
// things. No time limit. Metric: ramp, how often it became harder.
//
// Reference: MinAtar's Asterix; what differs: envs/games/minatar.h.

#include <algorithm>

#include "envs/games/minatar.h"
#include "envs/games/minatar_picture.h"
#include "envs/games/number_state.h"
#include "envs/registry/registry.h"

namespace tern::minatar::asterix {
namespace {

enum Channel : int { kPlayer, kEnemy, kTrail, kGold, kNumChannels };
enum Thing : int { kNothing, kEnemyThing, kGoldThing };
constexpr int kLanes = 8, kFirstLaneRow = 1, kLastLaneRow = kFirstLaneRow + kLanes - 1;
constexpr int kSpawnInterval = 10, kMoveInterval = 5, kRampInterval = 100;

Facts facts() {
  return {"Asterix", "collect gold and dodge the enemies that cross the board",
          {"player", "enemy", "trail", "gold"}, {kNoop, kLeft, kUp, kRight, kDown}, 12};
}

struct Lane {
  int thing = kNothing, column = 0, goes_right = 0;
};

struct State {
  int row = 5, column = 5;
  Lane lanes[kLanes];
  int spawn_timer = kSpawnInterval, spawn_interval = kSpawnInterval;
  int move_timer = kMoveInterval, move_interval = kMoveInterval;
  int ramp_timer = kRampInterval, ramp = 0;
  int last_move = kNoop;
  int is_over = 0;

  template <class V>
  void visit(V& v) {
    v("row", row, kFirstLaneRow, kLastLaneRow);
    v("column", column, 0, kLast);
    for (int i = 0; i < kLanes; ++i) {
      const std::string name = "lane " + std::to_string(kFirstLaneRow + i);
      v(name + " thing", lanes[i].thing, kNothing, kGoldThing);
      v(name + " column", lanes[i].column, 0, kLast);
      v(name + " goes right", lanes[i].goes_right, 0, 1);
    }
    v("spawn timer", spawn_timer, 0, kSpawnInterval);
    v("spawn interval", spawn_interval, 1, kSpawnInterval);
    v("move timer", move_timer, 0, kMoveInterval);
    v("move interval", move_interval, 1, kMoveInterval);
    v("ramp timer", ramp_timer, -1, kRampInterval);
    v("ramp", ramp, 0, kMaxTimer);
    v("last move", last_move, 0, kNumMoves - 1);
    v("is over", is_over, 0, 1);
  }
};

class Asterix final : public number_state::NumberStateEnv<State> {
 public:
  using Params = RampingParams;

  explicit Asterix(const Params& params)
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
    if (s.spawn_timer == 0) {
      spawn(rng);
      s.spawn_timer = s.spawn_interval;
    }
    move_player(s.last_move);
    bool has_gold = touch();
    if (s.move_timer == 0) {
      s.move_timer = s.move_interval;
      move_things();
      has_gold |= touch();
    }
    --s.spawn_timer;
    --s.move_timer;
    if (ramps_) ramp();
    observe(obs);
    StepResult result;
    result.reward = has_gold ? 1.0f : 0.0f;
    result.terminated = s.is_over != 0;
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = static_cast<float>(state_.ramp); }
  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = controls_.chosen(keys, /*may_fire=*/false);
    return true;
  }

 private:
  void spawn(Rng& rng) {
    std::uint32_t free = 0;
    for (const Lane& lane : state_.lanes) free += lane.thing == kNothing ? 1 : 0;
    if (free == 0) return;
    std::uint32_t nth = rng.below(free);
    for (Lane& lane : state_.lanes) {
      if (lane.thing != kNothing || nth-- != 0) continue;
      lane.thing = rng.below(3) == 0 ? kGoldThing : kEnemyThing;
      lane.goes_right = static_cast<int>(rng.below(2));
      lane.column = lane.goes_right != 0 ? 0 : kLast;
      return;
    }
  }

  void move_player(int move) {
    State& s = state_;
    switch (move) {
      case kLeft: s.column = std::max(s.column - 1, 0); break;
      case kRight: s.column = std::min(s.column + 1, kLast); break;
      case kUp: s.row = std::max(s.row - 1, kFirstLaneRow); break;
      case kDown: s.row = std::min(s.row + 1, kLastLaneRow); break;
      default: break;
    }
  }

  void move_things() {
    for (Lane& lane : state_.lanes) {
      if (lane.thing == kNothing) continue;
      lane.column += ahead(lane.goes_right);
      if (lane.column < 0 || lane.column > kLast) lane = Lane();
    }
  }

  /// Meets what is where the player is; true for gold.
  bool touch() {
    Lane& lane = state_.lanes[state_.row - kFirstLaneRow];
    if (lane.thing == kNothing || lane.column != state_.column) return false;
    if (lane.thing == kEnemyThing) {
      state_.is_over = 1;
      return false;
    }
    lane = Lane();
    return true;
  }

  void ramp() {
    State& s = state_;
    if (s.spawn_interval == 1 && s.move_interval == 1) return;
    if (s.ramp_timer >= 0) {
      --s.ramp_timer;
      return;
    }
    if (s.ramp % 2 == 1 && s.move_interval > 1) --s.move_interval;
    if (s.spawn_interval > 1) --s.spawn_interval;
    ++s.ramp;
    s.ramp_timer = kRampInterval;
  }

  void observe(ObsRow obs) const {
    Image<kNumChannels> image(obs);
    image.mark(state_.row, state_.column, kPlayer);
    for (int i = 0; i < kLanes; ++i) {
      const Lane& lane = state_.lanes[i];
      if (lane.thing == kNothing) continue;
      const int row = kFirstLaneRow + i;
      image.mark(row, lane.column, lane.thing == kGoldThing ? kGold : kEnemy);
      image.mark_inside(row, lane.column - ahead(lane.goes_right), kTrail);
    }
  }

  Controls controls_;
  bool ramps_;
};

/// A helmet with two wings, for the player; seen from the front.
void draw_player(Canvas& canvas, Point at, Color color) {
  for (const float side : {-1.0f, 1.0f}) {
    const Point wing[3] = {{at.x + side * 0.12f, at.y + 0.1f},
                           {at.x + side * 0.42f, at.y + 0.44f},
                           {at.x + side * 0.3f, at.y - 0.02f}};
    canvas.polygon(wing, 3, palette::kAgentLight);
  }
  canvas.circle(at, 0.3f, color);
  canvas.circle({at.x - 0.11f, at.y - 0.02f}, 0.06f, palette::kBackground);
  canvas.circle({at.x + 0.11f, at.y - 0.02f}, 0.06f, palette::kBackground);
}

void draw_enemy(Canvas& canvas, Point at, int goes_right) {
  const float x = static_cast<float>(ahead(goes_right));
  const Point spear[3] = {{at.x + x * 0.48f, at.y}, {at.x + x * 0.1f, at.y + 0.26f},
                          {at.x + x * 0.1f, at.y - 0.26f}};
  canvas.polygon(spear, 3, palette::kDanger);
  canvas.circle(at, 0.27f, palette::kDanger);
  canvas.line({at.x - 0.14f, at.y + 0.16f}, {at.x + x * 0.16f, at.y + 0.04f}, 0.07f,
              palette::kInk);
  canvas.circle({at.x + x * 0.1f, at.y - 0.02f}, 0.06f, palette::kInk);
}

/// A coin.
void draw_gold(Canvas& canvas, Point at) {
  canvas.circle(at, 0.3f, {176, 116, 0});
  canvas.circle(at, 0.24f, palette::kItem);
  canvas.line({at.x, at.y - 0.12f}, {at.x, at.y + 0.12f}, 0.08f, {255, 236, 190});
}

void Asterix::draw(Canvas& canvas) const {
  const State& s = state_;
  begin_board(canvas, palette::kBackground);
  canvas.rectangle({0, 0}, {kSide, kSide}, palette::kMuted);
  Letters letters(' ');
  for (int i = 0; i < kLanes; ++i) {
    const int row = kFirstLaneRow + i;
    const Point low = {0, center(row, 0).y - 0.5f};
    canvas.rectangle(low, {kSide, low.y + 1},
                     i % 2 == 0 ? palette::kFloor : palette::kBackground);
    letters.put_row(row, (1u << kSide) - 1, '.');
  }
  for (int i = 0; i < kLanes; ++i) {
    const Lane& lane = s.lanes[i];
    if (lane.thing == kNothing) continue;
    const int row = kFirstLaneRow + i, from = lane.column - ahead(lane.goes_right);
    const Point at = center(row, lane.column);
    const bool is_gold = lane.thing == kGoldThing;
    draw_trail(canvas, center(row, from), at, 0.24f, is_gold ? palette::kItem : palette::kDanger);
    if (is_gold) {
      draw_gold(canvas, at);
    } else {
      draw_enemy(canvas, at, lane.goes_right);
    }
    letters.put(row, from, '-');
    letters.put(row, lane.column, is_gold ? '$' : lane.goes_right != 0 ? '>' : '<');
  }
  const Point at = center(s.row, s.column);
  if (s.is_over != 0) draw_burst(canvas, at, 0.49f, palette::kItem);
  draw_player(canvas, at, s.is_over != 0 ? palette::kDanger : palette::kAgent);
  letters.put(s.row, s.column, s.is_over != 0 ? 'x' : '@');
  letters.show(canvas);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Asterix>("built-in");
  registry.add_alias("MinAtar-Asterix-v0", "MinAtar-Asterix-v1",
                     {{"actions", "all", "MinAtar-Asterix-v0"}});
}

}  // namespace tern::minatar::asterix
