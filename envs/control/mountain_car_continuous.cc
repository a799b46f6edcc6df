// MountainCarContinuous-v0: MountainCar with a throttle, where pushing costs.
//
//   observation   unit      range
//   0 position    m         [-1.2, 0.6]
//   1 velocity    m/step    [-0.07, 0.07]
//
// Action: the throttle in [-1, 1]; the force is clamped to that, its cost is not.
// Reward: -0.1 throttle^2 a step, and 100 for arriving.
// Start: position uniform in [-0.6, -0.4), at rest. Ends at position >= 0.45 with a velocity of at
// least `goal_velocity`. Limit: 999 steps.
//
// As Gymnasium's MountainCarContinuous-v0: a step is computed in float64, whether it arrives
// included, and its result kept as float32. (With NumPy 2 the reference does part of the step in
// float32 too, about 1e-6 away.) Differs from it: the cosine is our own (last bit).

#include "core/trig.h"
#include "envs/control/mountain_car_picture.h"
#include "envs/control/ranges.h"
#include "envs/lane_env.h"
#include "envs/registry/registry.h"

namespace tern::mountain_car_continuous {
namespace {

constexpr double kMinPosition = -1.2;  // m
constexpr double kMaxPosition = 0.6;   // m
constexpr double kMaxSpeed = 0.07;     // m/step
constexpr double kGoal = 0.45;         // m
constexpr double kGoalReward = 100;
constexpr double kThrottleCost = 0.1;

struct MountainCarContinuousParams {
  double power = 0.0015;
  double gravity = 0.0025;
  double goal_velocity = 0;
  template <class V>
  void visit(V& v) {
    v("power", power, "m/step^2, of the full throttle", in_range(0, 0.01));
    v("gravity", gravity, "m/step^2, what the steepest slope takes", in_range(0, 0.01));
    v("goal_velocity", goal_velocity, "m/step, needed at the flag", in_range(0, kMaxSpeed));
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "MountainCarContinuous-v0";
  spec.family = "control";
  spec.summary = "swing a weak car up a hill with as little throttle as needed";
  spec.reference = "Gymnasium MountainCarContinuous-v0";
  spec.obs.scalar("position", kMinPosition, kMaxPosition, "m")
      .scalar("velocity", -kMaxSpeed, kMaxSpeed, "m/step");
  spec.action = ActionSpace::box({ActionSpace::real("throttle", -1, 1)});
  spec.max_episode_steps = 999;
  spec.reward_threshold = 90;
  spec.reward_terms = {"goal", "throttle"};
  spec.state_fields = {"position", "velocity"};
  spec.metrics = {"success"};
  spec.frames_per_second = 30;
  return spec;
}

struct MountainCarContinuousState {
  double position = 0, velocity = 0;
  double goal_reward = 0, throttle_reward = 0;  // of the last step
  template <class V>
  void visit(V&& v) {
    v(position);
    v(velocity);
    v(goal_reward);
    v(throttle_reward);
  }
};

class MountainCarContinuous final
    : public LaneEnv<MountainCarContinuous, MountainCarContinuousState,
                     MountainCarContinuousParams> {
 public:
  using LaneEnv::LaneEnv;
  using Action = float;
  static constexpr std::size_t kObsSize = 2;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  static State start(const Params&, Rng& rng) {
    State s;
    s.position = rng.uniform(-0.6, -0.4);
    return s;
  }

  static LaneStep advance(const Params& params, Action action, State& s) {
    const double throttle = static_cast<double>(action);
    const double push = clamped(throttle, 1) * params.power;
    const double pull = params.gravity * sincos(3 * s.position).cos;
    const double fast = clamped(s.velocity + (push - pull), kMaxSpeed);
    const double position = clamped(s.position + fast, kMinPosition, kMaxPosition);
    // At the wall nothing moves to the left.
    const double velocity = clamped(fast, position > kMinPosition ? -kMaxSpeed : 0, kMaxSpeed);

    const bool has_arrived = both_reach_zero(position - kGoal, velocity - params.goal_velocity);
    s.goal_reward = has_arrived ? kGoalReward : 0;
    s.throttle_reward = -(throttle * throttle * kThrottleCost);
    s.position = static_cast<double>(static_cast<float>(position));
    s.velocity = static_cast<double>(static_cast<float>(velocity));
    return {s.goal_reward + s.throttle_reward, has_arrived};
  }

  static void observe(const State& s, float* obs) {
    obs[0] = static_cast<float>(s.position);
    obs[1] = static_cast<float>(s.velocity);
  }

  void reward_terms(FloatRow terms) const override {
    const State s = state();
    terms[0] = static_cast<float>(s.goal_reward);
    terms[1] = static_cast<float>(s.throttle_reward);
  }
  void metrics(FloatRow values) const override {
    values[0] = state().goal_reward > 0 ? 1.0f : 0.0f;
  }

  void draw(Canvas& canvas) const override { draw_mountain_car(canvas, state().position, kGoal); }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action[0] = (keys[Key::kRight] ? 1.0f : 0.0f) - (keys[Key::kLeft] ? 1.0f : 0.0f);
    return true;
  }
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<MountainCarContinuous>("built-in");
}

}  // namespace tern::mountain_car_continuous
