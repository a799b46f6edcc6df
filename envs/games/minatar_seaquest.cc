// MinAtar-Seaquest-v0 and -v1: shoot fish and submarines, pick divers up, come up for air.
//
//   observation 10x10x10   1 where
//   0 front, 1 back        the player's submarine is; only its front can be hit
//   2 own bullet           a bullet of the player is
//   3 trail                a fish, submarine or diver comes from: the cell behind it
//   4 enemy bullet, 5 fish, 6 enemy sub, 9 diver
//   7 oxygen               row 9, from the left: a tenth of the oxygen for each cell, rounded down
//   8 divers on board      row 9, from column 8 to the left: one cell each
//
// Actions: noop, left, up, right, down, fire (-v0 and -v1: all six). Row 0 is the surface, 8 the
// lowest row of the water; fish, submarines and divers live in rows 1 to 8.
// A frame, in this order:
//   1. When the enemy timer is 0 it starts again, at the spawn interval (20), and an enemy comes: a
//      submarine with probability 1/3, else a fish; in a row of 1 to 8, all alike; in column 0
//      going right or in column 9 going left, each with 1/2. It stays away if a fish or submarine
//      is in that row that goes the other way. When the diver timer is 0 it starts again, at 30,
//      and a diver comes in the same way, without exception.
//   2. The player moves a cell, staying inside, and looks to the side that it last moved to; or it
//      fires, a bullet from its front, and can fire again in the 5th frame from then.
//   3. Own bullets go a cell ahead; off the board they are gone; each takes with it the first fish,
//      else the first submarine, that came and is in its cell: +1.
//   4. Divers: one at the player's front comes on board if there are fewer than 6. Else, every 6th
//      frame, it moves a cell, off the board it is gone, and again may come on board.
//   5. Enemy submarines: contact; every (move interval + 1)th frame they move a cell, the interval
//      being 5 at first; off the board they are gone; contact again, or else the first own bullet
//      in its cell takes it: +1. Every 11th frame it shoots a bullet ahead (in the frame it is hit
//      too).
//   6. Enemy bullets: contact, go a cell ahead, off the board they are gone, contact.
//   7. Fish, as submarines, but they do not shoot.
//   8. With no oxygen left the episode ends. Under water a unit of oxygen is used, of 200. Coming
//      to the surface without a diver ends the episode, else fills the oxygen up and a diver
//      leaves; with 6 divers all leave, and the reward is +1 for each tenth of the oxygen that was
//      left, rounded down. Each time the spawn interval shrinks by 1, down to 1, and every second
//      time the move interval too, down to 2 (not with `difficulty_ramping=false`).
// Contact of the player's front with a submarine, bullet or fish ends the episode; the frame is
// played out. Things of a kind are gone through from the last that came to the first.
// One oddity of the reference is kept: surfacing with 6 divers leaves -1 on board, not 0. So the
// next diver does not count, and coming up again without one is not the end, but makes it -2.
// Start: player in row 0, column 5, looking left; oxygen 200; no time limit. Reward terms:
// enemies, surfacing. Metric: ramp, how often it became harder.
//
// There is no documented state vector: the number of things varies. Reference: MinAtar's Seaquest;
// what differs: envs/games/minatar.h.

#include <algorithm>

#include "envs/games/minatar.h"
#include "envs/games/minatar_list.h"
#include "envs/games/minatar_picture.h"
#include "envs/games/number_state.h"
#include "envs/registry/registry.h"

namespace tern::minatar::seaquest {
namespace {

enum Channel : int {
  kFront, kBack, kOwnBullet, kTrail, kEnemyBullet, kFish, kEnemySub, kOxygen, kOnBoard, kDiver,
  kNumChannels
};
constexpr int kFirstRow = 1, kLastRow = 8;  // of the water
constexpr int kFullOxygen = 200, kGaugeCells = 10, kGaugeRow = 9, kMostDivers = 6;
constexpr int kSpawnInterval = 20, kDiverInterval = 30, kReload = 5;
constexpr int kMoveInterval = 5, kLeastMoveInterval = 2, kDiverPause = 5, kShotPause = 10;
// None lives longer than 66 frames, ten cells at one move in six, and at most one comes each frame.
constexpr int kMostEnemies = 72, kMostBullets = 128, kMostOwnBullets = 16, kMostFreeDivers = 16;

Facts facts() {
  return {"Seaquest", "shoot what swims, rescue divers, come up for air",
          {"front", "back", "own bullet", "trail", "enemy bullet", "fish", "enemy sub", "oxygen",
           "divers on board", "diver"},
          {kNoop, kLeft, kUp, kRight, kDown, kFire}, 12};
}

/// What goes left or right.
struct Bullet {
  int row = kFirstRow, column = 0, goes_right = 0;

  void go() { column += ahead(goes_right); }
  bool is_off() const { return column < 0 || column > kLast; }

  template <class V>
  void visit(V& v, const std::string& name) {
    v(name + " row", row, 0, kLastRow);
    v(name + " column", column, 0, kLast);
    v(name + " goes right", goes_right, 0, 1);
  }
};

/// What does so now and then: a fish, an enemy submarine (which shoots), a diver.
struct Swimmer : Bullet {
  int move_timer = 0, shot_timer = 0;

  template <class V>
  void visit(V& v, const std::string& name) {
    Bullet::visit(v, name);
    v(name + " move timer", move_timer, 0, kMoveInterval);
    v(name + " shot timer", shot_timer, 0, kShotPause);
  }
};

using Enemies = ShortList<Swimmer, kMostEnemies>;

struct State {
  int row = 0, column = 5, looks_right = 0;
  int oxygen = kFullOxygen, on_board = 0, is_up = 1;
  int reload = 0;
  Enemies fish = {}, subs = {};
  ShortList<Swimmer, kMostFreeDivers> divers = {};
  ShortList<Bullet, kMostOwnBullets> own_bullets = {};
  ShortList<Bullet, kMostBullets> enemy_bullets = {};
  int enemy_timer = kSpawnInterval, spawn_interval = kSpawnInterval;
  int diver_timer = kDiverInterval;
  int move_interval = kMoveInterval;
  int ramp = 0;
  int last_move = kNoop;
  int is_over = 0;
  int shot_down = 0, air_bonus = 0;  // parts of the last reward

  template <class V>
  void visit(V& v) {
    v("row", row, 0, kLastRow);
    v("column", column, 0, kLast);
    v("looks right", looks_right, 0, 1);
    v("oxygen", oxygen, -1, kFullOxygen);
    v("divers on board", on_board, -kMaxTimer, kMostDivers);
    v("is up", is_up, 0, 1);
    v("reload", reload, 0, kReload);
    fish.visit(v, "fish");
    subs.visit(v, "sub");
    divers.visit(v, "diver");
    own_bullets.visit(v, "own bullet");
    enemy_bullets.visit(v, "enemy bullet");
    v("enemy timer", enemy_timer, 0, kSpawnInterval);
    v("spawn interval", spawn_interval, 1, kSpawnInterval);
    v("diver timer", diver_timer, 0, kDiverInterval);
    v("move interval", move_interval, kLeastMoveInterval, kMoveInterval);
    v("ramp", ramp, 0, kMaxTimer);
    v("last move", last_move, 0, kNumMoves - 1);
    v("is over", is_over, 0, 1);
    v("enemies shot", shot_down, 0, kMaxTimer);
    v("air bonus", air_bonus, 0, kGaugeCells);
  }
  std::string conflict() const {
    return column == (looks_right != 0 ? 0 : kLast) ? "the back of the submarine is off the board"
                                                    : "";
  }
};

class Seaquest final : public number_state::NumberStateEnv<State> {
 public:
  using Params = RampingParams;

  explicit Seaquest(const Params& params)
      : NumberStateEnv(make_spec(facts(), params.common)), controls_(facts(), params.common),
        ramps_(params.difficulty_ramping) {
    spec_.reward_terms = {"enemies", "surfacing"};
    spec_.metrics = {"ramp"};
  }

  void reset(ResetContext&, ObsRow obs) override {
    state_ = State();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    State& s = state_;
    s.last_move = controls_.executed(action.discrete(), s.last_move, rng);
    s.shot_down = s.air_bonus = 0;
    spawn(rng);
    move_player();
    move_own_bullets();
    move_divers();
    move_enemies(s.subs, /*shoot=*/true);
    move_enemy_bullets();
    move_enemies(s.fish, /*shoot=*/false);
    if (s.enemy_timer > 0) --s.enemy_timer;
    if (s.diver_timer > 0) --s.diver_timer;
    if (s.reload > 0) --s.reload;
    breathe();
    observe(obs);
    StepResult result;
    result.reward = static_cast<float>(s.shot_down + s.air_bonus);
    result.terminated = s.is_over != 0;
    return result;
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(state_.shot_down);
    terms[1] = static_cast<float>(state_.air_bonus);
  }
  void metrics(FloatRow values) const override { values[0] = static_cast<float>(state_.ramp); }
  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = controls_.chosen(keys, /*may_fire=*/state_.reload == 0);
    return true;
  }

 private:
  static Swimmer newcomer(Rng& rng, int move_timer) {
    Swimmer swimmer;
    swimmer.row = kFirstRow + static_cast<int>(rng.below(kLastRow - kFirstRow + 1));
    swimmer.goes_right = static_cast<int>(rng.below(2));
    swimmer.column = swimmer.goes_right != 0 ? 0 : kLast;
    swimmer.move_timer = move_timer;
    return swimmer;
  }

  void spawn(Rng& rng) {
    State& s = state_;
    if (s.enemy_timer == 0) {
      s.enemy_timer = s.spawn_interval;
      Swimmer enemy = newcomer(rng, s.move_interval);
      const bool is_sub = rng.below(3) == 0;
      if (!meets_oncoming(s.fish, enemy) && !meets_oncoming(s.subs, enemy)) {
        if (is_sub) enemy.shot_timer = kShotPause;
        (is_sub ? s.subs : s.fish).add(enemy);
      }
    }
    if (s.diver_timer == 0) {
      s.diver_timer = kDiverInterval;
      s.divers.add(newcomer(rng, kDiverPause));
    }
  }

  static bool meets_oncoming(const Enemies& enemies, const Swimmer& enemy) {
    return std::any_of(enemies.begin(), enemies.end(), [&](const Swimmer& other) {
      return other.row == enemy.row && other.goes_right != enemy.goes_right;
    });
  }

  void move_player() {
    State& s = state_;
    switch (s.last_move) {
      case kLeft:
        s.column = std::max(s.column - 1, 0);
        s.looks_right = 0;
        break;
      case kRight:
        s.column = std::min(s.column + 1, kLast);
        s.looks_right = 1;
        break;
      case kUp: s.row = std::max(s.row - 1, 0); break;
      case kDown: s.row = std::min(s.row + 1, kLastRow); break;
      case kFire:
        if (s.reload > 0) break;
        s.own_bullets.add({s.row, s.column, s.looks_right});
        s.reload = kReload;
        break;
      default: break;
    }
  }

  bool is_at_front(const Bullet& thing) const {
    return thing.row == state_.row && thing.column == state_.column;
  }

  /// Takes the first of `targets` in the cell of `thing` away; whether there is one.
  template <class List>
  static bool take_first(List& targets, const Bullet& thing) {
    for (int i = 0; i < targets.size(); ++i) {
      if (targets[i].row != thing.row || targets[i].column != thing.column) continue;
      targets.remove(i);
      return true;
    }
    return false;
  }

  void move_own_bullets() {
    State& s = state_;
    for (int i = s.own_bullets.size() - 1; i >= 0; --i) {
      Bullet& bullet = s.own_bullets[i];
      bullet.go();
      if (bullet.is_off()) {
        s.own_bullets.remove(i);
      } else if (take_first(s.fish, bullet) || take_first(s.subs, bullet)) {
        ++s.shot_down;
        s.own_bullets.remove(i);
      }
    }
  }

  void move_divers() {
    State& s = state_;
    for (int i = s.divers.size() - 1; i >= 0; --i) {
      Swimmer& diver = s.divers[i];
      bool is_met = is_at_front(diver) && s.on_board < kMostDivers;
      if (!is_met && diver.move_timer-- == 0) {
        diver.move_timer = kDiverPause;
        diver.go();
        is_met = is_at_front(diver) && s.on_board < kMostDivers;
      }
      if (is_met) ++s.on_board;
      if (is_met || diver.is_off()) s.divers.remove(i);
    }
  }

  void move_enemies(Enemies& enemies, bool shoot) {
    State& s = state_;
    for (int i = enemies.size() - 1; i >= 0; --i) {
      Swimmer& enemy = enemies[i];
      bool is_gone = false;
      if (is_at_front(enemy)) s.is_over = 1;
      if (enemy.move_timer-- == 0) {
        enemy.move_timer = s.move_interval;
        enemy.go();
        is_gone = enemy.is_off();
        if (is_at_front(enemy)) {
          s.is_over = 1;
        } else if (!is_gone && take_first(s.own_bullets, enemy)) {
          ++s.shot_down;
          is_gone = true;
        }
      }
      if (shoot && enemy.shot_timer-- == 0) {
        enemy.shot_timer = kShotPause;
        s.enemy_bullets.add({enemy.row, enemy.column, enemy.goes_right});
      }
      if (is_gone) enemies.remove(i);
    }
  }

  void move_enemy_bullets() {
    State& s = state_;
    for (int i = s.enemy_bullets.size() - 1; i >= 0; --i) {
      Bullet& bullet = s.enemy_bullets[i];
      if (is_at_front(bullet)) s.is_over = 1;
      bullet.go();
      if (is_at_front(bullet)) s.is_over = 1;
      if (bullet.is_off()) s.enemy_bullets.remove(i);
    }
  }

  void breathe() {
    State& s = state_;
    if (s.oxygen <= 0) s.is_over = 1;
    if (s.row > 0) {
      --s.oxygen;
      s.is_up = 0;
    } else if (s.is_up == 0) {
      if (s.on_board == 0) {
        s.is_over = 1;
      } else {
        surface();
      }
    }
  }

  void surface() {
    State& s = state_;
    s.is_up = 1;
    if (s.on_board == kMostDivers) {
      s.air_bonus = s.oxygen * kGaugeCells / kFullOxygen;
      s.on_board = 0;
    }
    --s.on_board;
    s.oxygen = kFullOxygen;
    if (!ramps_ || (s.spawn_interval == 1 && s.move_interval == kLeastMoveInterval)) return;
    if (s.ramp % 2 == 1 && s.move_interval > kLeastMoveInterval) --s.move_interval;
    if (s.spawn_interval > 1) --s.spawn_interval;
    ++s.ramp;
  }

  int back_column() const { return state_.column - ahead(state_.looks_right); }
  int oxygen_cells() const { return std::max(state_.oxygen, 0) * kGaugeCells / kFullOxygen; }

  void observe(ObsRow obs) const {
    Image<kNumChannels> image(obs);
    const State& s = state_;
    image.mark(s.row, s.column, kFront);
    image.mark(s.row, back_column(), kBack);
    for (int i = 0; i < oxygen_cells(); ++i) image.mark(kGaugeRow, i, kOxygen);
    for (int i = 0; i < s.on_board; ++i) image.mark(kGaugeRow, kLast - 1 - i, kOnBoard);
    const auto mark_all = [&image](const auto& things, Channel channel) {
      for (const auto& thing : things) image.mark(thing.row, thing.column, channel);
    };
    const auto mark_trails = [&image](const auto& things) {
      for (const Swimmer& thing : things) {
        image.mark_inside(thing.row, thing.column - ahead(thing.goes_right), kTrail);
      }
    };
    mark_all(s.own_bullets, kOwnBullet);
    mark_all(s.enemy_bullets, kEnemyBullet);
    mark_all(s.fish, kFish);
    mark_all(s.subs, kEnemySub);
    mark_all(s.divers, kDiver);
    mark_trails(s.fish);
    mark_trails(s.subs);
    mark_trails(s.divers);
  }

  Controls controls_;
  bool ramps_;
};

void draw_fish(Canvas& canvas, Point at, float x) {
  const Point tail[3] = {{at.x - x * 0.1f, at.y}, {at.x - x * 0.44f, at.y + 0.26f},
                         {at.x - x * 0.44f, at.y - 0.26f}};
  canvas.polygon(tail, 3, palette::kAccent);
  canvas.capsule({at.x - x * 0.04f, at.y}, {at.x + x * 0.18f, at.y}, 0.22f, palette::kAccent);
  canvas.circle({at.x + x * 0.2f, at.y + 0.06f}, 0.06f, palette::kInk);
}

void draw_sub(Canvas& canvas, Point at, float x, Color color) {
  canvas.rectangle({at.x - 0.14f, at.y + 0.1f}, {at.x + 0.1f, at.y + 0.36f}, color);
  canvas.capsule({at.x - 0.22f, at.y - 0.06f}, {at.x + 0.22f, at.y - 0.06f}, 0.24f, color);
  canvas.circle({at.x + x * 0.2f, at.y - 0.04f}, 0.1f, palette::kBackground);
}

void draw_diver(Canvas& canvas, Point at, float x, float scale) {
  const auto point = [&](float dx, float dy) {
    return Point{at.x + x * scale * dx, at.y + scale * dy};
  };
  canvas.capsule(point(-0.4f, -0.14f), point(-0.08f, -0.04f), scale * 0.08f, palette::kInk);
  canvas.capsule(point(-0.12f, -0.02f), point(0.1f, 0.04f), scale * 0.13f, palette::kItem);
  canvas.circle(point(0.28f, 0.1f), scale * 0.14f, {240, 200, 160});
}

void Seaquest::draw(Canvas& canvas) const {
  constexpr Color kSky{226, 240, 247}, kWater{160, 208, 230}, kSeabed{38, 50, 56};
  const State& s = state_;
  begin_board(canvas, palette::kBackground);
  canvas.rectangle({0, 0}, {kSide, kSide}, kWater);
  canvas.rectangle({0, 9}, {kSide, kSide}, kSky);
  for (int i = 0; i < kSide; ++i) {  // waves
    canvas.circle({static_cast<float>(i) + 0.5f, 9.2f}, 0.5f, kSky);
  }
  for (int band = 0; band < 4; ++band) {  // the deeper, the darker
    canvas.rectangle({0, 1}, {kSide, 7 - 1.5f * static_cast<float>(band)}, {0, 94, 150, 26});
  }
  canvas.rectangle({0, 0}, {kSide, 1}, kSeabed);

  Letters letters;
  letters.put_row(0, (1u << kSide) - 1, '~');
  letters.put_row(kGaugeRow, (1u << kSide) - 1, ' ');
  const auto each = [&letters](const auto& things, char right, char left, const auto& draw) {
    for (const auto& thing : things) {
      letters.put(thing.row, thing.column, thing.goes_right != 0 ? right : left);
      draw(center(thing.row, thing.column), static_cast<float>(ahead(thing.goes_right)));
    }
  };
  const auto with_trail = [&](const auto& things, Color color) {
    for (const auto& thing : things) {
      letters.put(thing.row, thing.column - ahead(thing.goes_right), '-');
      draw_trail(canvas, center(thing.row, thing.column - ahead(thing.goes_right)),
                 center(thing.row, thing.column), 0.2f, color);
    }
  };
  with_trail(s.divers, palette::kItem);
  with_trail(s.fish, palette::kAccent);
  with_trail(s.subs, palette::kDanger);
  each(s.divers, 'D', 'd', [&](Point at, float x) { draw_diver(canvas, at, x, 1); });
  each(s.fish, 'F', 'f', [&](Point at, float x) { draw_fish(canvas, at, x); });
  each(s.subs, 'S', 's', [&](Point at, float x) { draw_sub(canvas, at, x, palette::kDanger); });
  each(s.own_bullets, '*', '*', [&](Point at, float x) {
    canvas.capsule({at.x - x * 0.2f, at.y}, {at.x + x * 0.2f, at.y}, 0.09f, palette::kInk);
  });
  each(s.enemy_bullets, 'o', 'o', [&](Point at, float) {
    canvas.circle(at, 0.2f, palette::kDanger);
    canvas.circle(at, 0.1f, palette::kItem);
  });

  const Color hull = s.is_over != 0 ? palette::kDanger : palette::kAgent;
  const float x = static_cast<float>(ahead(s.looks_right));
  const Point front = center(s.row, s.column), back = center(s.row, back_column());
  if (s.is_over != 0) draw_burst(canvas, front, 0.49f, palette::kItem);
  const float middle = (front.x + back.x) / 2;
  canvas.rectangle({middle - 0.2f, front.y}, {middle + 0.2f, front.y + 0.42f}, hull);
  canvas.capsule({back.x - x * 0.1f, back.y - 0.04f}, {front.x + x * 0.14f, front.y - 0.04f}, 0.28f,
                 hull);
  canvas.line({back.x - x * 0.4f, back.y - 0.3f}, {back.x - x * 0.4f, back.y + 0.24f}, 0.1f, hull);
  canvas.circle({front.x + x * 0.12f, front.y}, 0.13f, palette::kBackground);
  letters.put(s.row, back_column(), '=');
  letters.put(s.row, s.column, s.is_over != 0 ? 'x' : s.looks_right != 0 ? '>' : '<');

  // The gauge: oxygen as a bar, divers on board as people above it.
  const float left = 0.15f, full = kSide - 0.3f;
  const float level = static_cast<float>(std::max(s.oxygen, 0)) / kFullOxygen;
  canvas.rectangle({left, 0.12f}, {left + full, 0.36f}, {84, 100, 108});
  canvas.rectangle({left, 0.12f}, {left + full * level, 0.36f},
                   level > 0.25f ? palette::kAgentLight : palette::kDanger);
  canvas.text({left, 0.5f}, 0.36f, "oxygen", palette::kBackground);
  for (int i = 0; i < kMostDivers; ++i) {
    const Point at = {9.5f - 0.7f * static_cast<float>(i), 0.66f};
    if (i < s.on_board) {
      draw_diver(canvas, at, 1, 0.8f);
    } else {
      canvas.circle(at, 0.1f, {84, 100, 108});
    }
  }
  letters.put_row(kGaugeRow, (1u << oxygen_cells()) - 1, '%');
  for (int i = 0; i < s.on_board; ++i) letters.put(kGaugeRow, kLast - 1 - i, 'D');
  letters.show(canvas);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Seaquest>("built-in");
  registry.add_alias("MinAtar-Seaquest-v0", "MinAtar-Seaquest-v1",
                     {{"actions", "all", "MinAtar-Seaquest-v0"}});
}

}  // namespace tern::minatar::seaquest
