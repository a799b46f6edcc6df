// LunarLander-v3 and LunarLanderContinuous-v3: land a rocket between two flags, softly and upright.
//
//   observation             unit        usual range; what it is
//   0 x position            10 m        +-2.5; from the middle of the pad, +-1 at the view's sides
//   1 y position            6.67 m      +-2.5; of the hull above where it stands on the pad
//   2 x velocity            5 m/s       +-10
//   3 y velocity            7.5 m/s     +-10
//   4 angle                 rad         +-2 pi; 0 upright, grows counter-clockwise
//   5 angular velocity      2.5 rad/s   +-10
//   6 right leg contact                 0 or 1
//   7 left leg contact                  0 or 1
//
// Actions: 0 none, 1 left (a side engine pushes to the left and turns counter-clockwise), 2 main
// engine, 3 right. Continuous: two numbers, clamped to [-1, 1]. `main`: above 0 the main engine
// burns, with 50 % of its power at 0 and 100 % at 1. `lateral`: beyond 0.5 to either side a side
// engine pushes there, with as much of its power. Thrust and where it attacks vary at random.
// Reward: how much a potential has grown, of -100 times the distance (of 0 and 1 above, as a plane)
// and the speed (of 2 and 3), -100 times the tilt, and 10 for each leg on the ground; minus 0.3 for
// a step of the main engine at full power and 0.03 for a side engine's. In their place -100 for a
// step in which the hull touches the ground or |x| reaches 1, and 100 for one after which all
// sleeps: nothing has moved for half a second. Both terminate. Limit: 1000 steps.
// Start: at the top of the view, with a push; the observation is of one step later. The ground
// beside the pad and the push are the level's (a million of them); all other chance is the random
// stream's. Wind (`enable_wind`): until a leg touches, a force along x and a torque, both slow
// functions tanh(sin(0.02 t) + sin(0.01 pi t)) of a time that starts at random.
//
// Reference: Gymnasium's LunarLander-v3, all numbers its own. Differs from it: the ground and the
// push are chosen by the level; wind and turbulence beyond their recommended ranges are refused;
// Box2D is 2.4 and not 2.3, so episodes agree in distribution and not step by step. What mattered
// there is how limits of the legs' joints are solved: left to 2.4, a lander without engines
// returned -150 on average and not -132, with OldLimits -144. With kLowVelocityIterations too it is
// -131. State vector: place and motion of hull and legs and the times of wind and turbulence.
// Setting it starts a fresh world on the same ground: what Box2D remembers besides (impulses of the
// last step to start its solver from, how long bodies have been at rest) starts anew, so the future
// is the same to within the solver's accuracy, not to the last bit.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/trig.h"
#include "envs/physics/lander_bodies.h"
#include "envs/physics/lander_picture.h"
#include "envs/registry/registry.h"

namespace tern::lunar_lander {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kFramesPerSecond = 50;
constexpr double kStartForce = 1000;            // N, for one step, along each axis
constexpr double kLegDown = 18 / kLanderScale;  // the hull stands so high
constexpr double kMainCost = 0.30, kSideCost = 0.03;
constexpr int kFirstWind = -9999, kWinds = 2 * 9999;  // times at which wind may start
constexpr std::uint64_t kNumLevels = 1'000'000;

struct LanderParams {
  double gravity = -10.0;
  bool enable_wind = false;
  double wind_power = 15.0;
  double turbulence_power = 1.5;
  template <class V>
  void visit(V& v) {
    v("gravity", gravity, "m/s^2, upwards", in_open_range(-12, 0));
    v("enable_wind", enable_wind, "whether wind pushes and turns the lander");
    v("wind_power", wind_power, "N, the strongest wind", in_range(0, 20));
    v("turbulence_power", turbulence_power, "N m, the strongest turn", in_range(0, 2));
  }
};

/// What the engines do in a step, as a share of their power.
struct Throttle {
  double main = 0;    // 0, or 0.5 to 1
  double side = 0;    // 0, or 0.5 to 1
  int direction = 0;  // -1 pushes left, 1 right
};

enum Term { kDistance, kSpeed, kTilt, kLegs, kMain, kSide, kCrash, kLanding, kNumTerms };
constexpr std::size_t kNumPotentials = 4;  // the first so many terms are growths of potentials

EnvSpec make_spec(bool is_continuous) {
  EnvSpec spec;
  spec.id = is_continuous ? "LunarLanderContinuous-v3" : "LunarLander-v3";
  spec.family = "physics";
  spec.summary = is_continuous ? "land a rocket between two flags with engines that throttle"
                               : "land a rocket between two flags, softly and upright";
  spec.reference =
      is_continuous ? "Gymnasium LunarLander-v3, continuous" : "Gymnasium LunarLander-v3";
  const auto usual = [&](const char* name, double limit, const char* unit) {
    Field field;
    field.name = name;
    field.shape = {1};
    field.low = -limit;
    field.high = limit;
    field.unit = unit;
    field.advisory = true;
    spec.obs.add(field);
  };
  usual("x position", 2.5, "10 m");
  usual("y position", 2.5, "6.67 m");
  usual("x velocity", 10, "5 m/s");
  usual("y velocity", 10, "7.5 m/s");
  usual("angle", 2 * kPi, "rad");
  usual("angular velocity", 10, "2.5 rad/s");
  spec.obs.scalar("right leg contact", 0, 1).scalar("left leg contact", 0, 1);
  spec.action = is_continuous ? ActionSpace::box({ActionSpace::real("main", -1, 1),
                                                  ActionSpace::real("lateral", -1, 1)})
                              : ActionSpace::discrete({"none", "left", "main", "right"});
  spec.max_episode_steps = 1000;
  spec.reward_threshold = 200;
  spec.reward_terms = {"distance",    "speed",       "tilt",  "leg contact",
                       "main engine", "side engine", "crash", "landing"};
  spec.metrics = {"success"};
  for (const std::string body : {"hull", "right leg", "left leg"}) {
    for (const char* field : {"x", "y", "angle", "x_dot", "y_dot", "angle_dot"}) {
      spec.state_fields.push_back(body + " " + field);
    }
  }
  spec.state_fields.push_back("wind time");
  spec.state_fields.push_back("turbulence time");
  spec.num_levels = kNumLevels;
  spec.frames_per_second = static_cast<int>(kFramesPerSecond);
  return spec;
}

/// tanh(sin(2 k t) + sin(pi k t)) with k = 0.01, which never repeats.
double gust(int time) {
  return std::tanh(sincos(0.02 * time).sin + sincos(kPi * 0.01 * time).sin);
}

template <bool kIsContinuous>
class LunarLander final : public Env {
 public:
  using Params = LanderParams;

  explicit LunarLander(const Params& params) : params_(params) {}

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec(kIsContinuous);
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    ground_ = moon_ground(ctx.level);
    bodies_.start(ground_, params_.gravity);
    Rng start(ctx.level, "lunar lander push");
    const double x = start.uniform(-kStartForce, kStartForce);
    const double y = start.uniform(-kStartForce, kStartForce);
    bodies_.lander().ApplyForceToCenter({static_cast<float>(x), static_cast<float>(y)}, true);
    wind_time_ = kFirstWind + static_cast<int>(ctx.rng.below(kWinds));
    turbulence_time_ = kFirstWind + static_cast<int>(ctx.rng.below(kWinds));
    advance({}, ctx.rng);
    forget_rewards();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const Throttle throttle = throttle_of(action);
    advance(throttle, rng);
    observe(obs);
    StepResult result;
    result.reward = static_cast<float>(judge(throttle));
    result.terminated = terms_[kCrash] != 0 || terms_[kLanding] != 0;
    return result;
  }

  void reward_terms(FloatRow terms) const override {
    for (std::size_t i = 0; i < kNumTerms; ++i) terms[i] = static_cast<float>(terms_[i]);
  }
  void metrics(FloatRow values) const override { values[0] = terms_[kLanding] > 0 ? 1 : 0; }

  void draw(Canvas& canvas) const override { draw_lander(canvas, ground_, bodies_, flames_); }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const int lateral = (keys[Key::kRight] ? 1 : 0) - (keys[Key::kLeft] ? 1 : 0);
    const bool main = keys[Key::kUp] || keys[Key::kSpace];
    if constexpr (kIsContinuous) {
      action[0] = main ? 1.0f : -1.0f;
      action[1] = static_cast<float>(lateral);
    } else {  // one engine at a time; while the main one is held, a tap on a side still steers
      action.discrete() = lateral != 0 ? 2 + lateral : main ? 2 : 0;
    }
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    state.clear();
    for (const b2Body* body : bodies()) {
      const BodyState now = state_of(*body);
      for (const float value : {now.position.x, now.position.y, now.angle, now.velocity.x,
                                now.velocity.y, now.angular_velocity}) {
        state.push_back(static_cast<double>(value));
      }
    }
    state.push_back(wind_time_);
    state.push_back(turbulence_time_);
    return true;
  }

  bool set_state(ConstDoubleRow state) override {
    check_state(state);
    bodies_.start(ground_, params_.gravity);
    const double* value = state.data();
    for (b2Body* body : bodies()) {
      const auto next = [&] { return static_cast<float>(*value++); };
      BodyState wanted;
      wanted.position = {next(), next()};
      wanted.angle = next();
      wanted.velocity = {next(), next()};
      wanted.angular_velocity = next();
      put_body(*body, wanted);
    }
    wind_time_ = static_cast<int>(value[0]);
    turbulence_time_ = static_cast<int>(value[1]);
    bodies_.find_contacts();
    look();
    flames_ = {};
    forget_rewards();
    return true;
  }

 private:
  std::array<b2Body*, 3> bodies() const {
    return {&bodies_.lander(), &bodies_.leg(0), &bodies_.leg(1)};
  }

  void check_state(ConstDoubleRow state) const {
    const std::vector<std::string>& names = spec().state_fields;
    if (state.size() != names.size()) {
      throw Error(spec().id + ": the state has " + std::to_string(state.size()) +
                  " numbers; expected " + std::to_string(names.size()));
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (std::fabs(state[i]) <= 1e4) continue;  // not so for NaN
      throw Error(spec().id + ": the state's '" + names[i] + "' is " + format_number(state[i]) +
                  "; expected a number in [-10000, 10000]");
    }
  }

  static Throttle throttle_of(ActionRow action) {
    if constexpr (kIsContinuous) {
      const double main = std::clamp(static_cast<double>(action[0]), -1.0, 1.0);
      const double lateral = std::clamp(static_cast<double>(action[1]), -1.0, 1.0);
      const double side = std::fabs(lateral);
      return {main > 0 ? 0.5 + 0.5 * main : 0.0, side > 0.5 ? side : 0.0, lateral < 0 ? -1 : 1};
    } else {
      const int choice = action.discrete();
      return {choice == 2 ? 1.0 : 0.0, choice == 1 || choice == 3 ? 1.0 : 0.0, choice - 2};
    }
  }

  /// One step of the env with these engines.
  void advance(const Throttle& throttle, Rng& rng) {
    if (params_.enable_wind && !bodies_.leg_touches(0) && !bodies_.leg_touches(1)) {
      bodies_.blow(gust(wind_time_++) * params_.wind_power,
                   gust(turbulence_time_++) * params_.turbulence_power);
    }
    // Drawn in every step, so that the same stream gives the same noise whatever the actions are.
    const double along = rng.uniform(-1, 1), across = rng.uniform(-1, 1);
    const EngineNoise noise{along / kLanderScale, across / kLanderScale};
    if (throttle.main > 0) bodies_.burn_main(throttle.main, noise);
    if (throttle.side > 0) bodies_.burn_side(throttle.side, throttle.direction, noise);
    flames_ = {throttle.main, throttle.side, throttle.direction, along};
    bodies_.advance();
    look();
  }

  /// Sees what the env has come to.
  void look() {
    const b2Body& lander = bodies_.lander();
    const b2Vec2 at = lander.GetPosition(), velocity = lander.GetLinearVelocity();
    constexpr double kHalfWidth = kMoonWidth / 2, kHalfHeight = kMoonSky / 2;
    seen_[0] = (static_cast<double>(at.x) - kHalfWidth) / kHalfWidth;
    seen_[1] = (static_cast<double>(at.y) - (kPadHeight + kLegDown)) / kHalfHeight;
    seen_[2] = static_cast<double>(velocity.x) * kHalfWidth / kFramesPerSecond;
    seen_[3] = static_cast<double>(velocity.y) * kHalfHeight / kFramesPerSecond;
    seen_[4] = static_cast<double>(lander.GetAngle());
    seen_[5] = 20.0 * static_cast<double>(lander.GetAngularVelocity()) / kFramesPerSecond;
    for (std::size_t i = 0; i < 2; ++i) seen_[6 + i] = bodies_.leg_touches(i) ? 1 : 0;
  }
  void observe(ObsRow obs) const {
    for (std::size_t i = 0; i < seen_.size(); ++i) obs[i] = static_cast<float>(seen_[i]);
  }

  /// An episode begins: what grew before does not count.
  void forget_rewards() {
    potential_ = potentials();
    terms_ = {};
  }

  /// The parts of the potential in the order of Term.
  std::array<double, kNumPotentials> potentials() const {
    return {-100 * std::sqrt(seen_[0] * seen_[0] + seen_[1] * seen_[1]),
            -100 * std::sqrt(seen_[2] * seen_[2] + seen_[3] * seen_[3]), -100 * std::fabs(seen_[4]),
            10 * seen_[6] + 10 * seen_[7]};
  }

  /// The reward of a step, its terms in terms_.
  double judge(const Throttle& throttle) {
    const std::array<double, kNumPotentials> now = potentials();
    terms_ = {};
    if (!bodies_.lander().IsAwake()) {
      terms_[kLanding] = 100;
    } else if (bodies_.has_crashed() || std::fabs(seen_[0]) >= 1) {
      terms_[kCrash] = -100;
    } else {
      for (std::size_t i = 0; i < kNumPotentials; ++i) terms_[i] = now[i] - potential_[i];
      terms_[kMain] = -kMainCost * throttle.main;
      terms_[kSide] = -kSideCost * throttle.side;
    }
    potential_ = now;
    double reward = 0;
    for (const double term : terms_) reward += term;
    return reward;
  }

  Params params_;
  MoonGround ground_ = moon_ground(0);
  LanderBodies bodies_;
  int wind_time_ = 0, turbulence_time_ = 0;
  LanderFlames flames_;
  std::array<double, 8> seen_ = {};  // the observation in float64
  std::array<double, kNumPotentials> potential_ = {};
  std::array<double, kNumTerms> terms_ = {};  // of the last reward
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<LunarLander<false>>("built-in");
  registry.add<LunarLander<true>>("built-in");
}

}  // namespace tern::lunar_lander
