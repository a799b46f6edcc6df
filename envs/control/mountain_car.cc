// MountainCar-v0: a car too weak to climb the hill must swing itself up.
//
//   observation   unit      range
//   0 position    m         [-1.2, 0.6]
//   1 velocity    m/step    [-0.07, 0.07]
//
// Actions: 0 pushes left, 1 coasts, 2 pushes right. Reward: -1 a step, also on the last.
// Start: position uniform in [-0.6, -0.4), at rest. Ends at position >= 0.5 with a velocity of at
// least `goal_velocity`: who rolls back over the flag has not arrived. Limit: 200 steps.
//
// Dynamics: Moore 1990, as Gymnasium's MountainCar-v0: the height is sin(3 position), one step is a
// unit of time, velocity and position are clamped in this order, and the left wall takes the
// velocity away. State in float64. Differs from it: the cosine is our own (last bit).

#include "core/trig.h"
#include "envs/control/mountain_car_picture.h"
#include "envs/control/ranges.h"
#include "envs/lane_env.h"
#include "envs/registry/registry.h"

namespace tern::mountain_car {
namespace {

constexpr double kMinPosition = -1.2;  // m
constexpr double kMaxPosition = 0.6;   // m
constexpr double kMaxSpeed = 0.07;     // m/step
constexpr double kGoal = 0.5;          // m

struct MountainCarParams {
  double force = 0.001;
  double gravity = 0.0025;
  double goal_velocity = 0;
  template <class V>
  void visit(V& v) {
    v("force", force, "m/step^2, of a push", in_range(0, 0.01));
    v("gravity", gravity, "m/step^2, what the steepest slope takes", in_range(0, 0.01));
    v("goal_velocity", goal_velocity, "m/step, needed at the flag", in_range(0, kMaxSpeed));
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "MountainCar-v0";
  spec.family = "control";
  spec.summary = "swing a weak car up a hill";
  spec.reference = "Gymnasium MountainCar-v0";
  spec.obs.scalar("position", kMinPosition, kMaxPosition, "m")
      .scalar("velocity", -kMaxSpeed, kMaxSpeed, "m/step");
  spec.action = ActionSpace::discrete({"left", "coast", "right"});
  spec.max_episode_steps = 200;
  spec.reward_threshold = -110;
  spec.state_fields = {"position", "velocity"};
  spec.metrics = {"success"};
  spec.frames_per_second = 30;
  return spec;
}

struct MountainCarState {
  double position = 0, velocity = 0;
  template <class V>
  void visit(V&& v) {
    v(position);
    v(velocity);
  }
};

class MountainCar final : public LaneEnv<MountainCar, MountainCarState, MountainCarParams> {
 public:
  using LaneEnv::LaneEnv;
  using Action = std::int32_t;
  static constexpr std::size_t kObsSize = 2;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }

  static MountainCarState start(const MountainCarParams&, Rng& rng) {
    MountainCarState s;
    s.position = rng.uniform(-0.6, -0.4);
    return s;
  }

  static LaneStep advance(const MountainCarParams& params, Action action, MountainCarState& s) {
    const double push = (action - 1) * params.force;
    const double pull = sincos(3 * s.position).cos * -params.gravity;
    const double velocity = clamped(s.velocity + (push + pull), kMaxSpeed);
    const double position = clamped(s.position + velocity, kMinPosition, kMaxPosition);
    // At the wall nothing moves to the left.
    s.velocity = clamped(velocity, position > kMinPosition ? -kMaxSpeed : 0, kMaxSpeed);
    s.position = position;
    return {/*reward=*/-1, has_arrived(params, s)};
  }

  static void observe(const MountainCarState& s, float* obs) {
    obs[0] = static_cast<float>(s.position);
    obs[1] = static_cast<float>(s.velocity);
  }

  void metrics(FloatRow values) const override {
    values[0] = has_arrived(params(), state()) ? 1.0f : 0.0f;
  }

  void draw(Canvas& canvas) const override { draw_mountain_car(canvas, state().position, kGoal); }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = 1 + (keys[Key::kRight] ? 1 : 0) - (keys[Key::kLeft] ? 1 : 0);
    return true;
  }

 private:
  static bool has_arrived(const MountainCarParams& params, const MountainCarState& s) {
    return both_reach_zero(s.position - kGoal, s.velocity - params.goal_velocity);
  }
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<MountainCar>("built-in"); }

}  // namespace tern::mountain_car
