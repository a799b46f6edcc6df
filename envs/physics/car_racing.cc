// CarRacing-v3: drive a car round a closed road as fast as it can be kept on it, from pixels.
//
//   observation   shape      range
//   pixels        96x96x3    [0, 255]   RGB, the car looking up; below it a bar: the score, then
//                                       columns for the speed (white) and the four wheels (blue),
//                                       rows for the steering (green) and the turning (red)
//
// Actions, `continuous`: steering in [-1, 1] (right is positive), gas in [0, 1], brake in [0, 1].
// Otherwise: 0 nothing, 1 right, 2 left (0.6 of the steering), 3 gas (0.2), 4 brake (0.8). The car is
// described in envs/physics/car_dynamics.h, the road in envs/physics/race_track.h.
// Reward: -0.1 a step, 1000/N for each of the N tiles that a wheel touches for the first time; -100
// in place of both for leaving the field (|x| or |y| > 333.3).
// Start: at rest on point 0 of the road; the env is stepped once, and what that visits is paid with
// the first step. Ends when all tiles are visited, when tile 0 is visited for the first time after
// more than `lap_complete_percent` of the tiles, or off the field. Limit: 1000 steps of 0.02 s.
// `level` chooses the road. With `domain_randomize` each episode draws colours of its own.
//
// State: the hull's place, angle and velocities, the gas, and of each wheel its angle and how fast it
// rolls. Setting it puts the car there; which tiles it touches comes out with the next step.
//
// As Gymnasium's CarRacing-v3. There as here the car's rear wheels stand on tile 0 at the start, so
// that a lap means all tiles, whatever `lap_complete_percent` says, unless that is less than what
// the start visits. Differs: Box2D is 2.4 in place of 2.3, which changes nothing that the tests see;
// the picture is painted small, where the reference paints 1000x800 pixels and shrinks them: edges
// differ, as do the digits of the score.
//
// Keys: the arrows steer, accelerate (up) and brake (down).

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "envs/physics/car_pixels.h"
#include "envs/physics/race_picture.h"
#include "envs/registry/registry.h"

namespace tern::car_racing {
namespace {

constexpr double kStepSeconds = 1.0 / 50;
constexpr int kVelocityIterations = 180, kPositionIterations = 60;
constexpr double kTilesReward = 1000;  // of all together
constexpr double kStepReward = -0.1;
constexpr double kOffFieldReward = -100;
constexpr std::uint64_t kNumLevels = 1'000'000;
constexpr double kDiscreteSteer = 0.6, kDiscreteGas = 0.2, kDiscreteBrake = 0.8;
enum Choice : std::int32_t { kNothing, kRight, kLeft, kGas, kBrake };

struct CarRacingParams {
  bool continuous = true;
  bool domain_randomize = false;
  double lap_complete_percent = 0.95;
  template <class V>
  void visit(V& v) {
    v("continuous", continuous, "steering, gas and brake as real numbers; false: five actions");
    v("domain_randomize", domain_randomize, "other colours of road and grass in each episode");
    v("lap_complete_percent", lap_complete_percent,
      "part of the tiles after which tile 0, if it was not visited before, ends the lap",
      in_range(0, 1));
  }
};

EnvSpec make_spec(const CarRacingParams& params) {
  EnvSpec spec;
  spec.id = "CarRacing-v3";
  spec.family = "physics";
  spec.summary = "drive a powerful car round a winding road, from pixels";
  spec.reference = "Gymnasium CarRacing-v3";
  spec.obs = ObsSpace(DType::kUint8).image("pixels", CarPixels::kSide, CarPixels::kSide, 3, 0, 255);
  spec.action = params.continuous
                    ? ActionSpace::box({ActionSpace::real("steering", -1, 1),
                                        ActionSpace::real("gas", 0, 1),
                                        ActionSpace::real("brake", 0, 1)})
                    : ActionSpace::discrete({"nothing", "right", "left", "gas", "brake"});
  spec.max_episode_steps = 1000;
  spec.reward_threshold = 900;
  spec.reward_terms = {"tiles", "time", "off the field"};
  spec.metrics = {"success", "tiles visited"};
  spec.state_fields = {"x", "y", "angle", "x velocity", "y velocity", "angular velocity", "gas"};
  for (const char* wheel : {"front left", "front right", "rear left", "rear right"}) {
    spec.state_fields.push_back(std::string(wheel) + " angle");
    spec.state_fields.push_back(std::string(wheel) + " speed");
  }
  spec.num_levels = kNumLevels;
  spec.frames_per_second = 50;
  return spec;
}

/// The road as bodies: sees which tiles the car touches.
class Road final : public b2ContactListener {
 public:
  /// Puts the tiles of `track` into `world`, which reports to this from then on.
  void build(b2World& world, const RaceTrack& track) {
    touched_.reserve(RaceTrack::kMaxTiles);
    visited_.reserve(RaceTrack::kMaxTiles);
    touched_.assign(track.size(), 0);
    visited_.assign(track.size(), 0);
    num_visited_ = 0;
    last_visited_ = 0;
    b2BodyDef ground;
    b2Body* body = world.CreateBody(&ground);
    for (std::size_t i = 0; i < track.size(); ++i) {
      const RoadEdge &front = track.edge(i), &rear = track.edge(track.before(i));
      b2Vec2 corners[4];
      int count = 0;
      for (const Point& p : {front.left, front.right, rear.right, rear.left}) {
        corners[count++] = {p.x, p.y};
      }
      b2PolygonShape shape;
      shape.Set(corners, count);
      b2FixtureDef tile;
      tile.shape = &shape;
      tile.isSensor = true;
      tile.userData.pointer = i;
      body->CreateFixture(&tile);
    }
    world.SetContactListener(this);
  }

  void BeginContact(b2Contact* contact) override { touch(*contact, +1); }
  void EndContact(b2Contact* contact) override { touch(*contact, -1); }

  /// The tiles that a wheel was on.
  const std::vector<std::uint8_t>& visited() const { return visited_; }
  /// Those that any part of the car was on.
  const std::vector<std::uint8_t>& touched() const { return touched_; }
  std::size_t num_visited() const { return num_visited_; }
  /// How many tiles were visited when tile 0 was; 0: it was not.
  std::size_t visited_with_tile_0() const { return last_visited_; }

 private:
  void touch(b2Contact& contact, int change) {
    b2Fixture *tile = contact.GetFixtureA(), *other = contact.GetFixtureB();
    if (!tile->IsSensor()) std::swap(tile, other);
    if (!tile->IsSensor()) return;
    const std::size_t i = tile->GetUserData().pointer;
    touched_[i] = 1;
    auto* wheel = reinterpret_cast<Wheel*>(other->GetBody()->GetUserData().pointer);
    if (wheel == nullptr) return;  // the hull is no tyre
    wheel->tiles += change;
    if (change < 0 || visited_[i]) return;
    visited_[i] = 1;
    ++num_visited_;
    if (i == 0) last_visited_ = num_visited_;
  }

  std::vector<std::uint8_t> touched_, visited_;
  std::size_t num_visited_ = 0, last_visited_ = 0;
};

class CarRacing final : public Env {
 public:
  using Params = CarRacingParams;

  explicit CarRacing(const CarRacingParams& params) : params_(params), spec_(make_spec(params)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    Rng rng(ctx.level, "car racing");
    track_.generate(rng);
    if (params_.domain_randomize) draw_colors(ctx.rng);
    world_.emplace(b2Vec2(0, 0));
    road_.build(*world_, track_);
    const TrackPoint& start = track_.points().front();
    car_.build(*world_, {static_cast<float>(start.x), static_cast<float>(start.y)},
               static_cast<float>(start.heading));
    steps_ = 0;
    paid_tiles_ = 0;
    has_lapped_ = is_off_field_ = false;
    advance();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    control(action);
    advance();
    observe(obs);

    const std::size_t new_tiles = road_.num_visited() - paid_tiles_;
    paid_tiles_ = road_.num_visited();
    tiles_reward_ = kTilesReward * part_of_road(new_tiles);
    time_reward_ = kStepReward;
    off_field_reward_ = 0;
    const b2Vec2 place = car_.hull().GetPosition();
    has_lapped_ = road_.num_visited() == track_.size() || has_closed_lap();
    is_off_field_ = std::fabs(static_cast<double>(place.x)) > RaceTrack::kField ||
                    std::fabs(static_cast<double>(place.y)) > RaceTrack::kField;
    if (is_off_field_) {
      tiles_reward_ = time_reward_ = 0;
      off_field_reward_ = kOffFieldReward;
    }
    StepResult result;
    result.reward = static_cast<float>(tiles_reward_ + time_reward_ + off_field_reward_);
    result.terminated = has_lapped_ || is_off_field_;
    return result;
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(tiles_reward_);
    terms[1] = static_cast<float>(time_reward_);
    terms[2] = static_cast<float>(off_field_reward_);
  }

  void metrics(FloatRow values) const override {
    values[0] = has_lapped_ && !is_off_field_ ? 1 : 0;
    values[1] = static_cast<float>(visited_part());
  }

  void draw(Canvas& canvas) const override { draw_race(canvas, scene()); }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const float right = (keys[Key::kRight] ? 1.0f : 0.0f) - (keys[Key::kLeft] ? 1.0f : 0.0f);
    if (params_.continuous) {
      action[0] = right;
      action[1] = keys[Key::kUp] ? 1.0f : 0.0f;
      action[2] = keys[Key::kDown] ? 0.8f : 0.0f;  // does not block the wheels
    } else {
      action.discrete() = right > 0           ? kRight
                          : right < 0         ? kLeft
                          : keys[Key::kUp]    ? kGas
                          : keys[Key::kDown]  ? kBrake
                                              : kNothing;
    }
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    if (!world_) return false;
    const b2Body& hull = car_.hull();
    state = {hull.GetPosition().x,       hull.GetPosition().y,       hull.GetAngle(),
             hull.GetLinearVelocity().x, hull.GetLinearVelocity().y, hull.GetAngularVelocity(),
             car_.wheel(2).gas};
    for (int i = 0; i < Car::kWheels; ++i) {
      state.push_back(car_.wheel(i).body->GetAngle());
      state.push_back(car_.wheel(i).omega);
    }
    return true;
  }

  bool set_state(ConstDoubleRow state) override {
    if (!world_) throw Error(spec_.id + ": the state was set before the first reset");
    check_state(state);
    const auto value = [state](std::size_t i) { return static_cast<float>(state[i]); };
    b2Body& hull = car_.hull();
    hull.SetTransform({value(0), value(1)}, value(2));
    hull.SetLinearVelocity({value(3), value(4)});
    hull.SetAngularVelocity(value(5));
    for (int i = 0; i < Car::kWheels; ++i) {
      const std::size_t first = 7 + 2 * static_cast<std::size_t>(i);
      Wheel& wheel = car_.wheel(i);
      const b2Vec2 place = hull.GetWorldPoint(wheel.joint->GetLocalAnchorA());
      wheel.body->SetTransform(place, value(first));
      wheel.body->SetLinearVelocity(hull.GetLinearVelocityFromWorldPoint(place));
      wheel.body->SetAngularVelocity(value(5));
      wheel.omega = state[first + 1];
      wheel.gas = i < 2 ? 0 : state[6];
    }
    return true;
  }

 private:
  void check_state(ConstDoubleRow state) const {
    if (state.size() != spec_.state_fields.size()) {
      throw Error(spec_.id + ": the state has " + std::to_string(state.size()) +
                  " numbers; expected " + std::to_string(spec_.state_fields.size()));
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (std::fabs(state[i]) <= 1e6) continue;
      throw Error(spec_.id + ": state field '" + spec_.state_fields[i] + "' is " +
                  format_number(state[i]) + "; expected a number from -1e6 to 1e6");
    }
  }

  void draw_colors(Rng& rng) {
    const auto channel = [&rng] { return static_cast<std::uint8_t>(rng.uniform(0, 210)); };
    colors_.road = {channel(), channel(), channel()};
    colors_.field = colors_.grass = {channel(), channel(), channel()};
    std::uint8_t* const channels[3] = {&colors_.grass.r, &colors_.grass.g, &colors_.grass.b};
    *channels[rng.below(3)] += 20;
  }

  void control(ActionRow action) {
    if (params_.continuous) {
      car_.steer(-static_cast<double>(action[0]));
      car_.gas(static_cast<double>(action[1]));
      car_.brake(static_cast<double>(action[2]));
      return;
    }
    const std::int32_t choice = action.discrete();
    car_.steer(choice == kLeft ? kDiscreteSteer : choice == kRight ? -kDiscreteSteer : 0);
    car_.gas(choice == kGas ? kDiscreteGas : 0);
    car_.brake(choice == kBrake ? kDiscreteBrake : 0);
  }

  void advance() {
    car_.step(kStepSeconds);
    world_->Step(static_cast<float>(kStepSeconds), kVelocityIterations, kPositionIterations);
    ++steps_;
  }

  /// Tile 0 was reached for the first time late enough.
  bool has_closed_lap() const {
    return part_of_road(road_.visited_with_tile_0()) > params_.lap_complete_percent;
  }

  double part_of_road(std::size_t tiles) const {
    return static_cast<double>(tiles) / static_cast<double>(track_.size());
  }
  double visited_part() const { return part_of_road(road_.num_visited()); }

  /// What was earned before the present step's cost of time, as the reference shows it.
  double shown_score() const {
    return kTilesReward * visited_part() + kStepReward * std::max(steps_ - 2, 0);
  }

  RaceScene scene() const {
    return {track_,          car_,
            colors_,         road_.touched(),
            road_.visited(), steps_ * kStepSeconds,
            shown_score(),   visited_part()};
  }
  void observe(ObsRow obs) { pixels_.draw(scene(), obs.bytes()); }

  CarRacingParams params_;
  EnvSpec spec_;
  RaceTrack track_;
  RaceColors colors_;
  Road road_;
  std::optional<b2World> world_;  // a fresh one at every reset; holds the bodies of road_ and car_
  Car car_;
  CarPixels pixels_;
  int steps_ = 0;  // of the env, the one at reset included
  std::size_t paid_tiles_ = 0;
  double tiles_reward_ = 0, time_reward_ = 0, off_field_reward_ = 0;  // of the last step
  bool has_lapped_ = false, is_off_field_ = false;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<CarRacing>("built-in");
}

}  // namespace tern::car_racing
