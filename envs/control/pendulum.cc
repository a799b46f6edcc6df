// Pendulum-v1: swing a pendulum up with a motor too weak to do it in one go, and keep it there.
//
//   observation          unit    range
//   0 cos(angle)                 [-1, 1]
//   1 sin(angle)                 [-1, 1]
//   2 angular velocity   rad/s   [-8, 8]
//
// The angle is 0 upright and grows counter-clockwise. Action: a torque in [-2, 2] N m, clamped.
// Reward: -(angle^2 + 0.1 velocity^2 + 0.001 torque^2), of the state before the step, the angle
// brought to [-pi, pi) and the torque clamped; from -16.3 to 0.
// Start: angle uniform in [-pi, pi), velocity in [-1, 1). Never terminates. Limit: 200 steps.
//
// Dynamics as Gymnasium's Pendulum-v1: a thin rod of 1 kg and 1 m, semi-implicit Euler, 0.05 s,
// velocity clamped to 8 rad/s, state in float64, the angle never wrapped in the state.
// Differs from it: sine and cosine are our own (last bit).

#include <cmath>

#include "core/trig.h"
#include "envs/control/ranges.h"
#include "envs/lane_env.h"
#include "envs/registry/registry.h"

namespace tern::pendulum {
namespace {

constexpr double kMass = 1.0;       // kg
constexpr double kLength = 1.0;     // m
constexpr double kMaxTorque = 2.0;  // N m
constexpr double kMaxSpeed = 8.0;   // rad/s
constexpr double kTimeStep = 0.05;  // s

struct PendulumParams {
  double gravity = 10.0;
  template <class V>
  void visit(V& v) {
    v("gravity", gravity, "m/s^2, downwards", in_range(0, 100));
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Pendulum-v1";
  spec.family = "control";
  spec.summary = "swing a pendulum up with a weak motor and keep it there";
  spec.reference = "Gymnasium Pendulum-v1";
  spec.obs.scalar("cos(angle)", -1, 1)
      .scalar("sin(angle)", -1, 1)
      .scalar("angular velocity", -kMaxSpeed, kMaxSpeed, "rad/s");
  spec.action = ActionSpace::box({ActionSpace::real("torque", -kMaxTorque, kMaxTorque, "N m")});
  spec.max_episode_steps = 200;
  spec.reward_terms = {"angle", "velocity", "torque"};
  spec.state_fields = {"theta", "theta_dot"};
  spec.frames_per_second = 20;
  return spec;
}

struct PendulumState {
  double theta = 0, theta_dot = 0;
  double torque = 0, angle_cost = 0, velocity_cost = 0, torque_cost = 0;  // of the last step
  template <class V>
  void visit(V&& v) {
    v(theta);
    v(theta_dot);
    v(torque);
    v(angle_cost);
    v(velocity_cost);
    v(torque_cost);
  }
};

class Pendulum final : public LaneEnv<Pendulum, PendulumState, PendulumParams> {
 public:
  using LaneEnv::LaneEnv;
  using Action = float;
  static constexpr std::size_t kObsSize = 3;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  static PendulumState start(const PendulumParams&, Rng& rng) {
    PendulumState s;
    s.theta = rng.uniform(-kPi, kPi);
    s.theta_dot = rng.uniform(-1, 1);
    return s;
  }

  static LaneStep advance(const PendulumParams& params, Action action, PendulumState& s) {
    s.torque = clamped(static_cast<double>(action), kMaxTorque);
    const double angle = wrapped(s.theta);
    s.angle_cost = angle * angle;
    s.velocity_cost = 0.1 * s.theta_dot * s.theta_dot;
    s.torque_cost = 0.001 * s.torque * s.torque;

    const double theta_acc = 3 * params.gravity / (2 * kLength) * sincos(s.theta).sin +
                             3.0 / (kMass * kLength * kLength) * s.torque;
    s.theta_dot = clamped(s.theta_dot + theta_acc * kTimeStep, kMaxSpeed);
    s.theta += s.theta_dot * kTimeStep;
    return {-(s.angle_cost + s.velocity_cost + s.torque_cost), /*terminated=*/false};
  }

  static void observe(const PendulumState& s, float* obs) {
    const SinCos pole = sincos(s.theta);
    obs[0] = static_cast<float>(pole.cos);
    obs[1] = static_cast<float>(pole.sin);
    obs[2] = static_cast<float>(s.theta_dot);
  }

  void reward_terms(FloatRow terms) const override {
    const PendulumState s = state();
    terms[0] = static_cast<float>(-s.angle_cost);
    terms[1] = static_cast<float>(-s.velocity_cost);
    terms[2] = static_cast<float>(-s.torque_cost);
  }

  void draw(Canvas& canvas) const override {
    canvas.set_view({-1.35f, -1.35f}, {1.35f, 1.35f}, palette::kBackground);
    draw_dial(canvas);
    const PendulumState s = state();
    draw_torque(canvas, s.torque);
    canvas.push({0, 0}, static_cast<float>(wrapped(s.theta)));
    canvas.capsule({0, 0}, {0, static_cast<float>(kLength)}, 0.1f, palette::kItem);
    canvas.circle({0, static_cast<float>(kLength)}, 0.05f, palette::kBackground);
    canvas.pop();
    canvas.circle({0, 0}, 0.06f, palette::kInk);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const double direction = (keys[Key::kLeft] ? 1 : 0) - (keys[Key::kRight] ? 1 : 0);
    action[0] = static_cast<float>(direction * kMaxTorque);
    return true;
  }

 private:
  /// Marks every 15 degrees around the hinge, a longer one where upright is.
  static void draw_dial(Canvas& canvas) {
    for (int i = 0; i < 24; ++i) {
      canvas.push({0, 0}, static_cast<float>(i * kPi / 12));
      if (i == 0) {
        canvas.capsule({0, 1.14f}, {0, 1.28f}, 0.03f, palette::kGoal);
      } else {
        canvas.line({0, 1.18f}, {0, 1.24f}, 0.02f, palette::kMuted);
      }
      canvas.pop();
    }
  }

  /// An arrow along an arc around the hinge, as long as the torque is strong.
  static void draw_torque(Canvas& canvas, double torque) {
    constexpr float kRadius = 0.42f;
    constexpr int kSegments = 12;
    const float sweep = static_cast<float>(torque / kMaxTorque) * 1.9f;  // rad
    if (std::fabs(sweep) < 0.05f) return;
    Point last{0, kRadius};
    for (int i = 1; i <= kSegments; ++i) {
      const float angle = sweep * static_cast<float>(i) / kSegments;
      const Point next{-kRadius * std::sin(angle), kRadius * std::cos(angle)};
      canvas.capsule(last, next, 0.025f, palette::kAgent);
      last = next;
    }
    const float side = sweep > 0 ? 1.0f : -1.0f;
    canvas.push(last, sweep);
    const Point head[3] = {{-0.16f * side, 0}, {0.02f * side, 0.1f}, {0.02f * side, -0.1f}};
    canvas.polygon(head, 3, palette::kAgent);
    canvas.pop();
  }
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Pendulum>("built-in"); }

}  // namespace tern::pendulum
