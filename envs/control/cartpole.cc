// CartPole-v1: push a cart left or right so that the pole on it stays upright.
//
//   observation        unit    range
//   0 cart position    m       the episode ends beyond +-2.4; space +-4.8
//   1 cart velocity    m/s     unbounded
//   2 pole angle       rad     the episode ends beyond +-12 deg; space +-24 deg
//   3 pole velocity    rad/s   unbounded
//
// Actions: 0 pushes left, 1 right, with 10 N (`force`). Reward: 1 a step, also on the one that
// ends; with `sutton_barto_reward` 0, and -1 on the one that ends.
// Start: each of the four uniform in [-0.05, 0.05). Limit: 500 steps.
//
// Dynamics: Barto, Sutton and Anderson 1983 with Florian's (2007) frictionless equations, as
// Gymnasium's CartPole-v1: explicit Euler, 0.02 s, state in float64. Exactly 2.4 m is still inside.
// Differs from it: sine and cosine are our own (last bit), the limits are compared in the same way.

#include "core/trig.h"
#include "envs/lane_env.h"
#include "envs/registry/registry.h"

namespace tern::cartpole {
namespace {

constexpr double kCartMass = 1.0;         // kg
constexpr double kPoleMass = 0.1;         // kg
constexpr double kTotalMass = kCartMass + kPoleMass;
constexpr double kHalfLength = 0.5;       // m, from the hinge to the pole's centre of mass
constexpr double kPoleMoment = kPoleMass * kHalfLength;  // kg m
constexpr double kTimeStep = 0.02;        // s
constexpr double kMaxPosition = 2.4;      // m
constexpr double kMaxAngle = 12 * 2 * 3.14159265358979323846 / 360;  // rad

struct CartPoleParams {
  double gravity = 9.8;
  double force = 10.0;
  bool sutton_barto_reward = false;
  template <class V>
  void visit(V& v) {
    v("gravity", gravity, "m/s^2, downwards", in_range(0, 100));
    v("force", force, "N, of a push", in_range(0, 50));
    v("sutton_barto_reward", sutton_barto_reward, "0 a step and -1 for the fall, in place of 1");
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "CartPole-v1";
  spec.family = "control";
  spec.summary = "push a cart left or right so that the pole on it stays upright";
  spec.reference = "Gymnasium CartPole-v1";
  spec.obs.scalar("cart position", -2 * kMaxPosition, 2 * kMaxPosition, "m")
      .scalar("cart velocity", -kUnbounded, kUnbounded, "m/s")
      .scalar("pole angle", -2 * kMaxAngle, 2 * kMaxAngle, "rad")
      .scalar("pole velocity", -kUnbounded, kUnbounded, "rad/s");
  spec.action = ActionSpace::discrete({"left", "right"});
  spec.max_episode_steps = 500;
  spec.reward_threshold = 475;
  spec.state_fields = {"x", "x_dot", "theta", "theta_dot"};
  spec.frames_per_second = 50;
  return spec;
}

struct CartPoleState {
  double x = 0, x_dot = 0, theta = 0, theta_dot = 0;
  template <class V>
  void visit(V&& v) {
    v(x);
    v(x_dot);
    v(theta);
    v(theta_dot);
  }
};

class CartPole final : public LaneEnv<CartPole, CartPoleState, CartPoleParams> {
 public:
  using LaneEnv::LaneEnv;
  using Action = std::int32_t;
  static constexpr std::size_t kObsSize = 4;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  static CartPoleState start(const CartPoleParams&, Rng& rng) {
    CartPoleState s;
    s.visit([&](double& value) { value = rng.uniform(-0.05, 0.05); });
    return s;
  }

  static LaneStep advance(const CartPoleParams& params, Action action, CartPoleState& s) {
    const double force = action == 1 ? params.force : -params.force;
    const SinCos pole = sincos(s.theta);
    const double push =
        (force + kPoleMoment * s.theta_dot * s.theta_dot * pole.sin) / kTotalMass;
    const double theta_acc =
        (params.gravity * pole.sin - pole.cos * push) /
        (kHalfLength * (4.0 / 3.0 - kPoleMass * pole.cos * pole.cos / kTotalMass));
    const double x_acc = push - kPoleMoment * theta_acc * pole.cos / kTotalMass;
    s.x += kTimeStep * s.x_dot;
    s.x_dot += kTimeStep * x_acc;
    s.theta += kTimeStep * s.theta_dot;
    s.theta_dot += kTimeStep * theta_acc;

    const bool is_off_track = s.x < -kMaxPosition || s.x > kMaxPosition;
    const bool has_fallen = s.theta < -kMaxAngle || s.theta > kMaxAngle;
    const bool terminated = is_off_track || has_fallen;
    const double usual = params.sutton_barto_reward ? 0.0 : 1.0;
    const double last = params.sutton_barto_reward ? -1.0 : 1.0;
    return {terminated ? last : usual, terminated};
  }

  static void observe(const CartPoleState& s, float* obs) {
    obs[0] = static_cast<float>(s.x);
    obs[1] = static_cast<float>(s.x_dot);
    obs[2] = static_cast<float>(s.theta);
    obs[3] = static_cast<float>(s.theta_dot);
  }

  void draw(Canvas& canvas) const override {
    const CartPoleState s = state();
    canvas.set_view({-2.6f, -0.7f}, {2.6f, 1.5f}, palette::kBackground);
    const Rectangle shown = canvas.shown({-2.6f, -0.7f}, {2.6f, 1.5f});
    canvas.line({shown.low.x, 0}, {shown.high.x, 0}, 0.02f, palette::kMuted);
    for (const float edge : {-2.4f, 2.4f}) {
      canvas.line({edge, -0.12f}, {edge, 0.12f}, 0.03f, palette::kDanger);
    }
    canvas.push({static_cast<float>(s.x), 0}, /*angle=*/0);
    canvas.rectangle({-0.25f, -0.15f}, {0.25f, 0.15f}, palette::kInk);
    canvas.circle({-0.15f, -0.18f}, 0.07f, palette::kMuted);
    canvas.circle({0.15f, -0.18f}, 0.07f, palette::kMuted);
    canvas.push({0, 0.1f}, static_cast<float>(-s.theta));
    canvas.capsule({0, 0}, {0, static_cast<float>(2 * kHalfLength)}, 0.05f, palette::kItem);
    canvas.pop();
    canvas.circle({0, 0.1f}, 0.05f, palette::kAgent);
    canvas.pop();
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = keys[Key::kRight] ? 1 : 0;
    return true;
  }
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<CartPole>("built-in"); }

}  // namespace tern::cartpole
