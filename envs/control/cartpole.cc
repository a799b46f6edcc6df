// CartPole-v1: push a cart left or right so that the pole on it stays upright.
//
//   observation        unit    range
//   0 cart position    m       the episode ends beyond +-2.4; space +-4.8
//   1 cart velocity    m/s     unbounded
//   2 pole angle       rad     the episode ends beyond +-12 deg; space +-24 deg
//   3 pole velocity    rad/s   unbounded
//
// Actions: 0 pushes left, 1 right, with 10 N. Reward: 1 a step, also on the one that ends.
// Start: each of the four uniform in [-0.05, 0.05). Limit: 500 steps.
//
// Dynamics: Barto, Sutton and Anderson 1983 with Florian's (2007) frictionless equations, as
// Gymnasium's CartPole-v1: explicit Euler, 0.02 s, state in float64. Exactly 2.4 m is still inside.
// Differs from it: sine and cosine are our own (last bit), the limits are compared in the same way.

#include "core/trig.h"
#include "envs/registry.h"

namespace tern {
namespace {

constexpr double kGravity = 9.8;          // m/s^2
constexpr double kCartMass = 1.0;         // kg
constexpr double kPoleMass = 0.1;         // kg
constexpr double kTotalMass = kCartMass + kPoleMass;
constexpr double kHalfLength = 0.5;       // m, from the hinge to the pole's centre of mass
constexpr double kPoleMoment = kPoleMass * kHalfLength;  // kg m
constexpr double kForce = 10.0;           // N
constexpr double kTimeStep = 0.02;        // s
constexpr double kMaxPosition = 2.4;      // m
constexpr double kMaxAngle = 12 * 2 * 3.14159265358979323846 / 360;  // rad

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

class CartPole final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    for (double* value : {&x_, &x_dot_, &theta_, &theta_dot_}) {
      *value = ctx.rng.uniform(-0.05, 0.05);
    }
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    const double force = action.discrete() == 1 ? kForce : -kForce;
    const SinCos pole = sincos(theta_);
    const double push =
        (force + kPoleMoment * theta_dot_ * theta_dot_ * pole.sin) / kTotalMass;
    const double theta_acc =
        (kGravity * pole.sin - pole.cos * push) /
        (kHalfLength * (4.0 / 3.0 - kPoleMass * pole.cos * pole.cos / kTotalMass));
    const double x_acc = push - kPoleMoment * theta_acc * pole.cos / kTotalMass;
    x_ += kTimeStep * x_dot_;
    x_dot_ += kTimeStep * x_acc;
    theta_ += kTimeStep * theta_dot_;
    theta_dot_ += kTimeStep * theta_acc;
    observe(obs);

    StepResult result;
    result.reward = 1;
    result.terminated =
        x_ < -kMaxPosition || x_ > kMaxPosition || theta_ < -kMaxAngle || theta_ > kMaxAngle;
    return result;
  }

  void draw(Canvas& canvas) const override {
    canvas.set_view({-2.6f, -0.7f}, {2.6f, 1.5f}, palette::kBackground);
    canvas.line({-2.6f, 0}, {2.6f, 0}, 0.02f, palette::kMuted);
    for (const float edge : {-2.4f, 2.4f}) {
      canvas.line({edge, -0.12f}, {edge, 0.12f}, 0.03f, palette::kDanger);
    }
    canvas.push({static_cast<float>(x_), 0}, /*angle=*/0);
    canvas.rectangle({-0.25f, -0.15f}, {0.25f, 0.15f}, palette::kInk);
    canvas.circle({-0.15f, -0.18f}, 0.07f, palette::kMuted);
    canvas.circle({0.15f, -0.18f}, 0.07f, palette::kMuted);
    canvas.push({0, 0.1f}, static_cast<float>(-theta_));
    canvas.capsule({0, 0}, {0, static_cast<float>(2 * kHalfLength)}, 0.05f, palette::kItem);
    canvas.pop();
    canvas.circle({0, 0.1f}, 0.05f, palette::kAgent);
    canvas.pop();
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = keys[Key::kRight] ? 1 : 0;
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    state = {x_, x_dot_, theta_, theta_dot_};
    return true;
  }
  bool set_state(DoubleRow state) override {
    x_ = state[0];
    x_dot_ = state[1];
    theta_ = state[2];
    theta_dot_ = state[3];
    return true;
  }
  void save(StateWriter& out) const override { out.write(x_, x_dot_, theta_, theta_dot_); }
  bool load(StateReader& in) override {
    in.read(x_, x_dot_, theta_, theta_dot_);
    return true;
  }

 private:
  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(x_);
    obs[1] = static_cast<float>(x_dot_);
    obs[2] = static_cast<float>(theta_);
    obs[3] = static_cast<float>(theta_dot_);
  }

  double x_ = 0, x_dot_ = 0, theta_ = 0, theta_dot_ = 0;
};

}  // namespace

void add_cartpole(EnvRegistry& registry) { registry.add<CartPole>("built-in"); }

}  // namespace tern
