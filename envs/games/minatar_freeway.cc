// MinAtar-Freeway-v0 and -v1: bring a chicken across a road of eight lanes.
//
//   observation 10x10x7    1 where
//   0 chicken              the chicken is, always in column 4
//   1 car                  a car is
//   2 .. 6 pause 1 .. 5    a car comes from: the cell behind it, in the channel of its pause
//
// Actions: noop, up, down (-v0: all six, see envs/games/minatar.h).
// Each of the rows 1 to 8 is a lane with one car, which goes left or right and leaves by one side
// to come back by the other. A car waits for `pause` frames, 1 to 5, between two frames in which
// it moves (the reference calls this its speed: the channel speed k is our pause k).
// A frame, in this order:
//   1. If the chicken has rested, up or down moves it a cell, staying inside; it then rests for 3
//      frames, this one included. (A push at the edge makes it rest too.)
//   2. In row 0: +1, the chicken is back in row 9, and each car gets a new pause and direction, all
//      alike, from where it is.
//   3. A car in the chicken's cell, before or after it moves, sends the chicken back to row 9.
// Reward: +1 for a crossing. Start: chicken in row 9, resting for 3 frames; all cars in column 0,
// with pauses and directions as after a crossing, and a whole pause before their first move.
// Truncated after 2501 frames: the reference, whose time limit is called 2500, counts the 0th too
// and then terminates; here it is a time limit as all are.
//
// Reference: MinAtar's Freeway; what else differs: envs/games/minatar.h.

#include <algorithm>

#include "envs/games/minatar.h"
#include "envs/games/minatar_picture.h"
#include "envs/games/number_state.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::minatar::freeway {
namespace {

enum Channel : int { kChicken, kCar, kPause1, kNumChannels = kPause1 + 5 };
constexpr int kLanes = 8, kFirstLaneRow = 1;
constexpr int kColumn = 4;  // of the chicken
constexpr int kRest = 3, kMaxPause = 5, kFrames = 2501;

Facts facts() {
  return {"Freeway", "cross a road of eight lanes, again and again",
          {"chicken", "car", "pause 1", "pause 2", "pause 3", "pause 4", "pause 5"},
          {kNoop, kUp, kDown}, 15};
}

struct Car {
  int column = 0, goes_right = 1, pause = 1, timer = 1;
};

struct State {
  int row = kLast, rest = kRest;
  Car cars[kLanes];
  int last_move = kNoop;

  template <class V>
  void visit(V& v) {
    v("row", row, 1, kLast);
    v("rest", rest, 0, kRest);
    for (int i = 0; i < kLanes; ++i) {
      const std::string name = "car " + std::to_string(kFirstLaneRow + i);
      v(name + " column", cars[i].column, 0, kLast);
      v(name + " goes right", cars[i].goes_right, 0, 1);
      v(name + " pause", cars[i].pause, 1, kMaxPause);
      v(name + " timer", cars[i].timer, 0, kMaxPause);
    }
    v("last move", last_move, 0, kNumMoves - 1);
  }
};

/// Columns beyond one side come back by the other.
int wrapped(int column) { return column < 0 ? kLast : column > kLast ? 0 : column; }

class Freeway final : public number_state::NumberStateEnv<State> {
 public:
  using Params = CommonParams;

  explicit Freeway(const Params& params)
      : NumberStateEnv(make_spec(facts(), params)), controls_(facts(), params) {
    spec_.state_fields = number_state::names<State>();
    spec_.max_episode_steps = kFrames;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    state_ = State();
    mood_ = kCalm;
    renew_traffic(ctx.rng);
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    State& s = state_;
    mood_ = kCalm;
    s.last_move = controls_.executed(action.discrete(), s.last_move, rng);
    if (s.rest == 0 && (s.last_move == kUp || s.last_move == kDown)) {
      s.rest = kRest;
      s.row = s.last_move == kUp ? s.row - 1 : std::min(s.row + 1, kLast);
    }
    StepResult result;
    if (s.row == 0) {
      result.reward = 1;
      send_back(kHappy);
      renew_traffic(rng);
    }
    drive();
    if (s.rest > 0) --s.rest;
    observe(obs);
    return result;
  }

  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = controls_.chosen(keys, /*may_fire=*/false);
    return true;
  }

 protected:
  void on_restored() override { mood_ = kCalm; }

 private:
  enum Mood { kCalm, kHappy, kHit };  // for the picture: what the last frame brought

  void send_back(Mood mood) {
    state_.row = kLast;
    mood_ = mood;
  }

  void renew_traffic(Rng& rng) {
    for (Car& car : state_.cars) {
      car.pause = 1 + static_cast<int>(rng.below(kMaxPause));
      car.goes_right = static_cast<int>(rng.below(2));
      car.timer = car.pause;
    }
  }

  void drive() {
    for (int i = 0; i < kLanes; ++i) {
      Car& car = state_.cars[i];
      const bool shares_lane = state_.row == kFirstLaneRow + i;
      if (shares_lane && car.column == kColumn) send_back(kHit);
      if (car.timer > 0) {
        --car.timer;
        continue;
      }
      car.timer = car.pause;
      car.column = wrapped(car.column + ahead(car.goes_right));
      if (shares_lane && car.column == kColumn) send_back(kHit);
    }
  }

  void observe(ObsRow obs) const {
    Image<kNumChannels> image(obs);
    image.mark(state_.row, kColumn, kChicken);
    for (int i = 0; i < kLanes; ++i) {
      const Car& car = state_.cars[i];
      image.mark(kFirstLaneRow + i, car.column, kCar);
      image.mark(kFirstLaneRow + i, wrapped(car.column - ahead(car.goes_right)),
                 kPause1 + car.pause - 1);
    }
  }

  Controls controls_;
  Mood mood_ = kCalm;
};

/// Seen from above; faster cars have hotter colours.
void draw_car(Canvas& canvas, Point at, const Car& car) {
  constexpr Color kBodies[kMaxPause] = {palette::kDanger, palette::kItem, palette::kAccent,
                                        palette::kGoal, palette::kAgentLight};
  const float x = static_cast<float>(ahead(car.goes_right));
  const Point back = {at.x - x * 0.9f, at.y};
  draw_trail(canvas, back, at, 0.2f, kBodies[car.pause - 1]);
  for (const float wheel : {-0.24f, 0.24f}) {
    canvas.rectangle({at.x + wheel - 0.1f, at.y - 0.34f}, {at.x + wheel + 0.1f, at.y + 0.34f},
                     {16, 22, 25});
  }
  canvas.capsule({at.x - 0.2f, at.y}, {at.x + 0.2f, at.y}, 0.26f, kBodies[car.pause - 1]);
  canvas.rectangle({at.x + x * 0.14f - 0.07f, at.y - 0.2f},
                   {at.x + x * 0.14f + 0.07f, at.y + 0.2f}, {38, 50, 56, 200});
  for (const float lamp : {-0.15f, 0.15f}) {
    canvas.circle({at.x + x * 0.41f, at.y + lamp}, 0.06f, {255, 246, 214});
  }
}

void draw_chicken(Canvas& canvas, Point at, Color color) {
  const Point beak[3] = {{at.x - 0.1f, at.y + 0.26f}, {at.x + 0.1f, at.y + 0.26f},
                         {at.x, at.y + 0.47f}};
  canvas.polygon(beak, 3, palette::kItem);
  canvas.circle({at.x, at.y - 0.08f}, 0.31f, color);
  canvas.circle({at.x, at.y + 0.18f}, 0.18f, color);
  canvas.capsule({at.x, at.y + 0.1f}, {at.x, at.y + 0.2f}, 0.05f, palette::kDanger);
  for (const float side : {-1.0f, 1.0f}) {
    canvas.capsule({at.x + side * 0.26f, at.y + 0.02f}, {at.x + side * 0.3f, at.y - 0.2f}, 0.07f,
                   palette::kMuted);
  }
}

void Freeway::draw(Canvas& canvas) const {
  constexpr Color kRoad{74, 88, 95};
  begin_board(canvas, palette::kBackground);
  canvas.rectangle({0, 0}, {kSide, kSide}, {206, 228, 206});
  canvas.rectangle({0, 1}, {kSide, kLast}, kRoad);
  for (int line = 2; line < kLast; ++line) {
    for (int dash = 0; dash < kSide; ++dash) {
      const float x = static_cast<float>(dash) + 0.25f, y = static_cast<float>(line);
      canvas.line({x, y}, {x + 0.5f, y}, 0.04f, palette::kMuted);
    }
  }
  const float middle = kColumn + 0.5f;  // the chicken's way
  canvas.rectangle({middle - 0.5f, 0}, {middle + 0.5f, kSide}, {255, 255, 255, 40});
  draw_flag(canvas, center(0, kColumn + 1));
  Letters letters;
  for (int i = 0; i < kLanes; ++i) {
    const Car& car = state_.cars[i];
    const int row = kFirstLaneRow + i;
    draw_car(canvas, center(row, car.column), car);
    letters.put(row, wrapped(car.column - ahead(car.goes_right)),
                static_cast<char>('0' + car.pause));
    letters.put(row, car.column, car.goes_right != 0 ? '>' : '<');
  }
  const Point at = center(state_.row, kColumn);
  if (mood_ != kCalm) {
    draw_burst(canvas, at, 0.49f, mood_ == kHit ? palette::kDanger : palette::kGoal);
  }
  draw_chicken(canvas, at, {255, 255, 255});
  letters.put(state_.row, kColumn, '@');
  letters.show(canvas);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Freeway>("built-in");
  registry.add_alias("MinAtar-Freeway-v0", "MinAtar-Freeway-v1",
                     {{"actions", "all", "MinAtar-Freeway-v0"}});
}

}  // namespace tern::minatar::freeway
