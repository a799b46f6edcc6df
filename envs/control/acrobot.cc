// Acrobot-v1: two links hang from a hinge; a motor between them must swing the tip up.
//
//   observation                  unit    range
//   0 cos(first angle)                   [-1, 1]
//   1 sin(first angle)                   [-1, 1]
//   2 cos(second angle)                  [-1, 1]
//   3 sin(second angle)                  [-1, 1]
//   4 first angular velocity     rad/s   [-4 pi, 4 pi]
//   5 second angular velocity    rad/s   [-9 pi, 9 pi]
//
// The first angle is 0 where the link hangs down, the second is relative to the first link; both
// grow counter-clockwise. Actions: a torque of -1, 0 or 1 N m on the joint between the links.
// Reward: -1 a step, 0 on the one that arrives. Ends when the tip is more than 1 m above the hinge:
// -cos(first) - cos(first + second) > 1. Start: angles and velocities uniform in [-0.1, 0.1),
// rounded to float32. Limit: 500 steps.
//
// Dynamics: Sutton and Barto's book, as Gymnasium's Acrobot-v1 (`nips_dynamics` for those of
// Sutton 1996): one Runge-Kutta step of order 4 of 0.2 s, then the angles are brought to [-pi, pi]
// and the velocities clamped. State in float64. Differs from it: sine and cosine are our own (last
// bit); no noise on the torque.

#include "core/trig.h"
#include "envs/control/ranges.h"
#include "envs/lane_env.h"
#include "envs/registry/registry.h"

namespace tern::acrobot {
namespace {

constexpr double kTimeStep = 0.2;                // s
constexpr double kMass1 = 1.0, kMass2 = 1.0;     // kg
constexpr double kLength1 = 1.0;                 // m
constexpr double kCentre1 = 0.5, kCentre2 = 0.5; // m, from a link's upper end to its centre of mass
constexpr double kInertia = 1.0;                 // kg m^2, of each link
constexpr double kGravity = 9.8;                 // m/s^2
constexpr double kMaxSpeed1 = 4 * kPi;           // rad/s
constexpr double kMaxSpeed2 = 9 * kPi;           // rad/s
constexpr double kGoalHeight = 1.0;              // m, above the hinge

struct AcrobotParams {
  double torque = 1;
  bool nips_dynamics = false;
  template <class V>
  void visit(V& v) {
    v("torque", torque, "N m, of the motor", in_range(0, 10));
    v("nips_dynamics", nips_dynamics, "equations of Sutton 1996 in place of the book's");
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Acrobot-v1";
  spec.family = "control";
  spec.summary = "swing the tip of two links up with a motor between them";
  spec.reference = "Gymnasium Acrobot-v1";
  spec.obs.scalar("cos(first angle)", -1, 1)
      .scalar("sin(first angle)", -1, 1)
      .scalar("cos(second angle)", -1, 1)
      .scalar("sin(second angle)", -1, 1)
      .scalar("first angular velocity", -kMaxSpeed1, kMaxSpeed1, "rad/s")
      .scalar("second angular velocity", -kMaxSpeed2, kMaxSpeed2, "rad/s");
  spec.action = ActionSpace::discrete({"clockwise", "nothing", "counter-clockwise"});
  spec.max_episode_steps = 500;
  spec.reward_threshold = -100;
  spec.state_fields = {"theta1", "theta2", "theta1_dot", "theta2_dot"};
  spec.metrics = {"success"};
  spec.frames_per_second = 15;
  return spec;
}

struct AcrobotState {
  double theta1 = 0, theta2 = 0, speed1 = 0, speed2 = 0;
  double torque = 0;  // of the last step
  template <class V>
  void visit(V&& v) {
    v(theta1);
    v(theta2);
    v(speed1);
    v(speed2);
    v(torque);
  }
};

/// The angles' and velocities' rates of change.
struct Rates {
  double theta1, theta2, speed1, speed2;
};

/// `s` after `time` s at the given rates; only angles and velocities.
inline AcrobotState moved(const AcrobotState& s, const Rates& rates, double time) {
  AcrobotState next;
  next.theta1 = s.theta1 + time * rates.theta1;
  next.theta2 = s.theta2 + time * rates.theta2;
  next.speed1 = s.speed1 + time * rates.speed1;
  next.speed2 = s.speed2 + time * rates.speed2;
  return next;
}

/// Sutton and Barto, "Reinforcement Learning", example "Acrobot"; d1, d2, phi1, phi2 as there.
/// turning_share: 1, or 0 for the paper's equations, in which it is missing what the first link's
/// turning does to the second.
inline Rates rates_of(const AcrobotState& s, double torque, double turning_share) {
  const SinCos second = sincos(s.theta2);
  const double d1 = kMass1 * kCentre1 * kCentre1 +
                    kMass2 * (kLength1 * kLength1 + kCentre2 * kCentre2 +
                              2 * kLength1 * kCentre2 * second.cos) +
                    kInertia + kInertia;
  const double d2 =
      kMass2 * (kCentre2 * kCentre2 + kLength1 * kCentre2 * second.cos) + kInertia;
  const double phi2 =
      kMass2 * kCentre2 * kGravity * sincos(s.theta1 + s.theta2 - kPi / 2).cos;
  const double phi1 =
      -kMass2 * kLength1 * kCentre2 * s.speed2 * s.speed2 * second.sin -
      2 * kMass2 * kLength1 * kCentre2 * s.speed2 * s.speed1 * second.sin +
      (kMass1 * kCentre1 + kMass2 * kLength1) * kGravity * sincos(s.theta1 - kPi / 2).cos + phi2;
  const double turning =
      turning_share * (kMass2 * kLength1 * kCentre2 * s.speed1 * s.speed1 * second.sin);
  const double acceleration2 =
      (torque + d2 / d1 * phi1 - turning - phi2) /
      (kMass2 * kCentre2 * kCentre2 + kInertia - d2 * d2 / d1);
  const double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {s.speed1, s.speed2, acceleration1, acceleration2};
}

class Acrobot final : public LaneEnv<Acrobot, AcrobotState, AcrobotParams> {
 public:
  using LaneEnv::LaneEnv;
  using Action = std::int32_t;
  static constexpr std::size_t kObsSize = 6;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  static AcrobotState start(const AcrobotParams&, Rng& rng) {
    AcrobotState s;
    for (double* value : {&s.theta1, &s.theta2, &s.speed1, &s.speed2}) {
      *value = static_cast<double>(static_cast<float>(rng.uniform(-0.1, 0.1)));
    }
    return s;
  }

  static LaneStep advance(const AcrobotParams& params, Action action, AcrobotState& s) {
    const double torque = (action - 1) * params.torque;
    const double share = params.nips_dynamics ? 0.0 : 1.0;
    const Rates k1 = rates_of(s, torque, share);
    const Rates k2 = rates_of(moved(s, k1, kTimeStep / 2), torque, share);
    const Rates k3 = rates_of(moved(s, k2, kTimeStep / 2), torque, share);
    const Rates k4 = rates_of(moved(s, k3, kTimeStep), torque, share);
    const Rates sum = {k1.theta1 + 2 * k2.theta1 + 2 * k3.theta1 + k4.theta1,
                       k1.theta2 + 2 * k2.theta2 + 2 * k3.theta2 + k4.theta2,
                       k1.speed1 + 2 * k2.speed1 + 2 * k3.speed1 + k4.speed1,
                       k1.speed2 + 2 * k2.speed2 + 2 * k3.speed2 + k4.speed2};
    const AcrobotState next = moved(s, sum, kTimeStep / 6);
    s.theta1 = wrapped_with_both_ends(next.theta1);
    s.theta2 = wrapped_with_both_ends(next.theta2);
    s.speed1 = clamped(next.speed1, kMaxSpeed1);
    s.speed2 = clamped(next.speed2, kMaxSpeed2);
    s.torque = torque;
    const bool is_up = tip_height(s) > kGoalHeight;
    return {is_up ? 0.0 : -1.0, is_up};
  }

  static void observe(const AcrobotState& s, float* obs) {
    const SinCos first = sincos(s.theta1), second = sincos(s.theta2);
    obs[0] = static_cast<float>(first.cos);
    obs[1] = static_cast<float>(first.sin);
    obs[2] = static_cast<float>(second.cos);
    obs[3] = static_cast<float>(second.sin);
    obs[4] = static_cast<float>(s.speed1);
    obs[5] = static_cast<float>(s.speed2);
  }

  void metrics(FloatRow values) const override {
    values[0] = tip_height(state()) > kGoalHeight ? 1.0f : 0.0f;
  }

  void draw(Canvas& canvas) const override {
    const AcrobotState s = state();
    const auto length = static_cast<float>(kLength1);
    canvas.set_view({-2.15f, -2.15f}, {2.15f, 2.15f}, palette::kBackground);
    const auto goal = static_cast<float>(kGoalHeight);
    const Rectangle shown = canvas.shown({-2.15f, -2.15f}, {2.15f, 2.15f});
    canvas.line({shown.low.x, goal}, {shown.high.x, goal}, 0.04f, palette::kGoal);
    canvas.push({0, 0}, static_cast<float>(s.theta1));
    canvas.capsule({0, 0}, {0, -length}, 0.13f, palette::kItem);
    canvas.push({0, -length}, static_cast<float>(s.theta2));
    canvas.capsule({0, 0}, {0, -length}, 0.13f, palette::kItem);
    canvas.circle({0, -length}, 0.06f, palette::kInk);
    canvas.pop();
    // The motor: an arrow around the joint, on the side where it pushes.
    canvas.circle({0, -length}, 0.1f, palette::kAgent);
    if (s.torque != 0) draw_torque(canvas, length, s.torque > 0 ? 1.0f : -1.0f);
    canvas.pop();
    canvas.circle({0, 0}, 0.1f, palette::kInk);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = 1 + (keys[Key::kLeft] ? 1 : 0) - (keys[Key::kRight] ? 1 : 0);
    return true;
  }

 private:
  /// Of the tip, in m above the hinge; the second link is as long as its share of the sum, 1 m.
  static double tip_height(const AcrobotState& s) {
    return -sincos(s.theta1).cos - sincos(s.theta2 + s.theta1).cos;
  }

  /// Half a turn around the joint at (0, -length), counter-clockwise for side 1.
  static void draw_torque(Canvas& canvas, float length, float side) {
    constexpr float kRadius = 0.32f;
    constexpr int kSegments = 12;
    Point last{kRadius * side, -length};
    for (int i = 1; i <= kSegments; ++i) {
      const double angle = kPi * 0.8 * i / kSegments;
      const Point next{kRadius * side * static_cast<float>(sincos(angle).cos),
                       -length + kRadius * static_cast<float>(sincos(angle).sin)};
      canvas.capsule(last, next, 0.025f, palette::kAgent);
      last = next;
    }
    const Point head[3] = {{last.x - 0.1f * side, last.y - 0.12f},
                           {last.x + 0.13f * side, last.y - 0.06f},
                           {last.x - 0.09f * side, last.y + 0.12f}};
    canvas.polygon(head, 3, palette::kAgent);
  }
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Acrobot>("built-in"); }

}  // namespace tern::acrobot
