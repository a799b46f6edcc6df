// BipedalWalker-v3: walk to the far end on two legs, over grass; BipedalWalkerHardcore-v3: over
// stumps, stairs and pits too.
//
//   observation                 unit        usual range
//   0  hull angle               rad         [-pi, pi]; counter-clockwise, 0 level
//   1  hull angular velocity    25 rad/s    [-5, 5]
//   2  horizontal velocity      25/3 m/s    [-5, 5]
//   3  vertical velocity        12.5 m/s    [-5, 5]
//   4  hip 1 angle              rad         [-pi, pi]; positive: the leg is in front
//   5  hip 1 speed              4 rad/s     [-5, 5]
//   6  knee 1 angle             rad         [-pi, pi]; 1 rad added, so 1 is a straight knee
//   7  knee 1 speed             6 rad/s     [-5, 5]
//   8  foot 1 contact                       0 or 1
//   9..13  the same five of leg 2
//   14..23 lidar                16/3 m      [-1, 1]; 0..1, what ray i of 10 reached, from straight down
//                                           to 1.35 rad forward, 0.15 i rad; 1: nothing in reach
//
// Actions: hip 1, knee 1, hip 2, knee 2 in [-1, 1], clamped: the sign sets which way the motor turns
// (at 4 rad/s a hip, 6 rad/s a knee), the size which share of 80 N m it may use for that.
// Reward: 130/30 for each metre forward, -5 for each rad that the hull tilts further from level,
// -0.028 |action| for each motor; a fall pays -100 instead.
// Terminates when the hull touches anything or leaves to the left (a fall), and beyond 190 of 199
// pieces of ground (success). Limit: 1600 steps, hardcore 2000; 50 steps a second.
// Start: on level ground, with a push of up to 5 N that follows, as the terrain does, from the level.
//
// Reference: Gymnasium's BipedalWalker-v3 and BipedalWalkerHardcore-v3. Differs from it: terrain is
// chosen by `level`; a fresh Box2D world is made at each reset; Box2D is 2.4 and not 2.3, so that
// trajectories part after the first contact and agree in distribution (built against 2.3 this env
// follows the reference for a whole fall to 1e-4). Two things mattered there, both seen best in the
// walking heuristic that the reference brings (return and length, 1500 to 6100 episodes):
//
//   the reference                                            44   676
//   the reference, made anew for each episode                71   799
//   this env built against Box2D 2.3                         68   788
//   limits of joints as 2.4 solves them, ground from left    46   728, falls at -110 and not -80
//   limits as 2.3 solved them, ground from left               7   504
//   limits as 2.3 solved them, ground from right             68   789
//
// So OldLimits is used. And a foot on the border of two pieces of ground stands differently by which
// of them Box2D met first: left to right or right to left. The reference steps on in one b2World,
// whose memory of earlier episodes decides it, in effect by chance; here the level decides, by an even
// chance (38, 647). That is a choice: a share of 0.6 from the right would match the heuristic better.
// Bodies are kept awake as 2.3 did whenever a motor was set.

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/trig.h"
#include "envs/physics/bodies.h"
#include "envs/physics/walker_picture.h"
#include "envs/physics/walker_terrain.h"
#include "envs/registry/registry.h"

namespace tern::bipedal_walker {
namespace {

constexpr double kScale = WalkerTerrain::kScale;
constexpr double kPi = 3.14159265358979323846;
constexpr int kFramesPerSecond = 50;
constexpr int kVelocityIterations = 180, kPositionIterations = 60;
constexpr double kHipSpeed = 4, kKneeSpeed = 6;  // rad/s
constexpr float kHipBack = -0.8f, kHipFront = 1.1f;         // rad from how the parts start
constexpr float kKneeBent = -1.6f, kKneeStraight = -0.1f;  // rad, likewise
constexpr double kLegWidth = 8 / kScale, kLegHeight = 34 / kScale;  // m
constexpr double kHipDrop = -8 / kScale;         // m, where the hips are below the hull's middle
constexpr double kLidarRange = 160 / kScale;     // m
constexpr int kRays = 10;
constexpr double kFinish = 190 * WalkerTerrain::kStep;  // m
constexpr double kForwardReward = 130 / kScale;  // 1/m
constexpr double kTiltCost = 5;                  // 1/rad
constexpr double kTorqueCost = 0.00035;          // 1/(N m)
constexpr double kFallReward = -100;
constexpr std::uint16_t kGround = 0x0001, kWalker = 0x0020;  // categories of fixtures
constexpr std::uint64_t kNumLevels = 1'000'000;

struct WalkerParams {
  double gravity = 10;
  double motor_torque = 80;
  double friction = 2.5;
  double roughness = 1;
  template <class V>
  void visit(V& v) {
    v("gravity", gravity, "m/s^2, downwards", in_range(0, 30));
    v("motor_torque", motor_torque, "N m, of each motor at full power", in_range(0, 200));
    v("friction", friction, "of the ground", in_range(0, 10));
    v("roughness", roughness, "of the grass; 0: level ground", in_range(0, 3));
  }
};

/// A field whose bounds are the reference's, which a hard landing may exceed.
Field usual(const std::string& name, int size, double low, double high, const std::string& unit) {
  Field field;
  field.name = name;
  field.shape = {size};
  field.low = low;
  field.high = high;
  field.unit = unit;
  field.advisory = true;
  return field;
}

EnvSpec make_spec(bool is_hardcore) {
  EnvSpec spec;
  spec.id = is_hardcore ? "BipedalWalkerHardcore-v3" : "BipedalWalker-v3";
  spec.family = "physics";
  spec.summary = is_hardcore ? "walk on two legs over stumps, stairs and pits"
                             : "walk on two legs over uneven grass to the far end";
  spec.reference = "Gymnasium " + spec.id;
  spec.obs.add(usual("hull angle", 1, -kPi, kPi, "rad"))
      .add(usual("hull angular velocity", 1, -5, 5, "25 rad/s"))
      .add(usual("horizontal velocity", 1, -5, 5, "25/3 m/s"))
      .add(usual("vertical velocity", 1, -5, 5, "12.5 m/s"));
  std::vector<ActionComponent> motors;
  for (const std::string leg : {"1", "2"}) {
    spec.obs.add(usual("hip " + leg + " angle", 1, -kPi, kPi, "rad"))
        .add(usual("hip " + leg + " speed", 1, -5, 5, "4 rad/s"))
        .add(usual("knee " + leg + " angle", 1, -kPi, kPi, "rad, plus 1"))
        .add(usual("knee " + leg + " speed", 1, -5, 5, "6 rad/s"))
        .add(usual("foot " + leg + " contact", 1, 0, 5, ""));  // 5 is the reference's bound
    motors.push_back(ActionSpace::real("hip " + leg, -1, 1));
    motors.push_back(ActionSpace::real("knee " + leg, -1, 1));
  }
  spec.obs.add(usual("lidar", kRays, -1, 1, "16/3 m"));
  spec.action = ActionSpace::box(std::move(motors));
  spec.max_episode_steps = is_hardcore ? 2000 : 1600;
  spec.reward_threshold = 300;
  spec.reward_terms = {"forward", "tilt", "motors", "fall"};
  spec.metrics = {"success", "distance"};
  spec.num_levels = kNumLevels;
  spec.frames_per_second = kFramesPerSecond;
  return spec;
}

b2Vec2 to_vec(double x, double y) { return {static_cast<float>(x), static_cast<float>(y)}; }

/// The nearest ground on a ray.
class NearestGround final : public b2RayCastCallback {
 public:
  float ReportFixture(b2Fixture* fixture, const b2Vec2&, const b2Vec2&, float at) override {
    if ((fixture->GetFilterData().categoryBits & kGround) == 0) return -1;  // go on
    fraction = at;
    return at;  // look only nearer than this
  }
  float fraction = 1;
};

struct Leg {
  b2Body* thigh = nullptr;
  b2Body* shin = nullptr;
  b2RevoluteJoint* hip = nullptr;
  b2RevoluteJoint* knee = nullptr;
  OldLimits hip_limits, knee_limits;
  bool has_contact = false;
};

/// The parts of a reward, in the order of the spec.
struct RewardParts {
  double forward = 0, tilt = 0, motors = 0, fall = 0;
  double sum() const { return forward + tilt + motors + fall; }
};

template <bool kIsHardcore>
class BipedalWalker final : public Env, private b2ContactListener {
 public:
  using Params = WalkerParams;

  explicit BipedalWalker(const Params& params) : params_(params) {
    for (int i = 0; i < kRays; ++i) {
      const SinCos angle = sincos(1.5 * i / kRays);
      ray_ends_[i][0] = angle.sin * kLidarRange;
      ray_ends_[i][1] = -angle.cos * kLidarRange;
    }
  }

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec(kIsHardcore);
    return spec;
  }

  void reset(ResetContext& ctx, ObsRow obs) override {
    generate_walker_terrain(ctx.level, kIsHardcore, params_.roughness, terrain_);
    world_.emplace(to_vec(0, -params_.gravity));
    world_->SetContactListener(this);
    hull_has_contact_ = has_arrived_ = has_fallen_ = false;
    build_ground();
    build_walker();
    // The reference's reset takes a first step without power, which the push acts in.
    for (Leg& leg : legs_) {
      set_motor(*leg.hip, 0, kHipSpeed);
      set_motor(*leg.knee, 0, kKneeSpeed);
    }
    advance();
    start_x_ = x_ = hull_x();
    tilt_ = hull_tilt();
    parts_ = {};
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    for (std::size_t i = 0; i < 2; ++i) {
      set_motor(*legs_[i].hip, action[2 * i], kHipSpeed);
      set_motor(*legs_[i].knee, action[2 * i + 1], kKneeSpeed);
    }
    advance();
    observe(obs);
    return judge(action);
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(parts_.forward);
    terms[1] = static_cast<float>(parts_.tilt);
    terms[2] = static_cast<float>(parts_.motors);
    terms[3] = static_cast<float>(parts_.fall);
  }
  void metrics(FloatRow values) const override {
    values[0] = has_arrived_ && !has_fallen_ ? 1.0f : 0.0f;
    values[1] = static_cast<float>(x_ - start_x_);
  }

  void draw(Canvas& canvas) const override {
    if (!world_) return;
    draw_walker_scene(canvas, {terrain_,
                               *hull_,
                               {legs_[0].thigh, legs_[1].thigh},
                               {legs_[0].shin, legs_[1].shin},
                               {legs_[0].has_contact, legs_[1].has_contact},
                               rays_,
                               kRays,
                               kFinish,
                               has_fallen_});
  }

  /// Q and W swing the thighs apart, one way and the other; O and P do so with the shins.
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const float thighs = (keys[Key::kQ] ? 1.0f : 0.0f) - (keys[Key::kW] ? 1.0f : 0.0f);
    const float shins = (keys[Key::kO] ? 1.0f : 0.0f) - (keys[Key::kP] ? 1.0f : 0.0f);
    action[0] = thighs;
    action[1] = shins;
    action[2] = -thighs;
    action[3] = -shins;
    return true;
  }

 private:
  void BeginContact(b2Contact* contact) override {
    if (touches(*contact, hull_)) hull_has_contact_ = true;
    for (Leg& leg : legs_) {
      if (touches(*contact, leg.shin)) leg.has_contact = true;
    }
  }
  /// As the reference: a foot that leaves one piece of ground counts as lifted until it touches
  /// another anew.
  void EndContact(b2Contact* contact) override {
    for (Leg& leg : legs_) {
      if (touches(*contact, leg.shin)) leg.has_contact = false;
    }
  }
  static bool touches(b2Contact& contact, const b2Body* body) {
    return contact.GetFixtureA()->GetBody() == body || contact.GetFixtureB()->GetBody() == body;
  }

  /// Obstacles first, then the line from one of its ends, each piece a body.
  void build_ground() {
    Material material;
    material.friction = static_cast<float>(params_.friction);
    material.category = kGround;
    for (int i = 0; i < terrain_.num_blocks; ++i) {
      const WalkerTerrain::Block& block = terrain_.blocks[static_cast<std::size_t>(i)];
      const b2PolygonShape shape =
          polygon_shape({to_vec(block.left, block.bottom), to_vec(block.right, block.bottom),
                         to_vec(block.right, block.top), to_vec(block.left, block.top)});
      add_body(*world_, b2_staticBody, {0, 0}, 0, fixture_of(shape, material));
    }
    const std::size_t num_pieces = terrain_.heights.size() - 1;
    for (std::size_t made = 0; made < num_pieces; ++made) {
      const std::size_t i = terrain_.is_laid_from_right ? num_pieces - 1 - made : made;
      const double x = static_cast<double>(i) * WalkerTerrain::kStep;
      const double next = static_cast<double>(i + 1) * WalkerTerrain::kStep;
      b2EdgeShape edge;
      edge.SetTwoSided(to_vec(x, terrain_.heights[i]), to_vec(next, terrain_.heights[i + 1]));
      add_body(*world_, b2_staticBody, {0, 0}, 0, fixture_of(edge, material));
    }
  }

  void build_walker() {
    Material material;
    material.category = kWalker;
    material.mask = kGround;  // legs and hull pass through each other
    const double x = WalkerTerrain::kStep * WalkerTerrain::kStartPad / 2;
    const double y = WalkerTerrain::kHeight + 2 * kLegHeight;

    material.density = 5;
    material.friction = 0.1f;
    const b2PolygonShape hull = polygon_shape({{-30, 9}, {-30, -8}, {34, -8}, {34, 1}, {6, 9}},
                                              static_cast<float>(1 / kScale));
    hull_ = add_body(*world_, b2_dynamicBody, to_vec(x, y), 0, fixture_of(hull, material));
    hull_->ApplyForceToCenter(to_vec(terrain_.push, 0), /*wake=*/true);

    material.density = 1;
    material.friction = 0.2f;
    const b2PolygonShape thigh = box_shape(static_cast<float>(kLegWidth / 2),
                                           static_cast<float>(kLegHeight / 2));
    const b2PolygonShape shin = box_shape(static_cast<float>(0.8 * kLegWidth / 2),
                                          static_cast<float>(kLegHeight / 2));
    // The parts do not start where their joints hold them: the first step pulls them together.
    for (std::size_t i = 0; i < 2; ++i) {
      Leg& leg = legs_[i];
      leg = {};
      const float angle = i == 0 ? -0.05f : 0.05f;
      leg.thigh = add_body(*world_, b2_dynamicBody, to_vec(x, y - kLegHeight / 2 - kHipDrop), angle,
                           fixture_of(thigh, material));
      leg.hip = join(*hull_, *leg.thigh, kHipDrop);
      leg.hip_limits = OldLimits(leg.hip, kHipBack, kHipFront);
      leg.shin = add_body(*world_, b2_dynamicBody, to_vec(x, y - kLegHeight * 3 / 2 - kHipDrop),
                          angle, fixture_of(shin, material));
      leg.knee = join(*leg.thigh, *leg.shin, -kLegHeight / 2);
      leg.knee_limits = OldLimits(leg.knee, kKneeBent, kKneeStraight);
    }
  }

  /// A motor from `upper`, at the height `anchor` of it, to the upper end of `lower`.
  b2RevoluteJoint* join(b2Body& upper, b2Body& lower, double anchor) {
    b2RevoluteJointDef def;
    def.bodyA = &upper;
    def.bodyB = &lower;
    def.localAnchorA = to_vec(0, anchor);
    def.localAnchorB = to_vec(0, kLegHeight / 2);
    // Angles count from how the parts start, 0.05 rad off straight at the hips: the reference's
    // Python binding sets this unasked. Without it a gait made for the reference earned thrice as much.
    def.referenceAngle = lower.GetAngle() - upper.GetAngle();
    def.enableMotor = true;
    def.enableLimit = true;
    return static_cast<b2RevoluteJoint*>(world_->CreateJoint(&def));
  }

  void set_motor(b2RevoluteJoint& joint, float action, double speed) const {
    const double sign = action > 0 ? 1 : action < 0 ? -1 : 0;
    joint.SetMotorSpeed(static_cast<float>(speed * sign));
    joint.SetMaxMotorTorque(static_cast<float>(params_.motor_torque * power(action)));
  }
  /// The share of its torque that a motor may use.
  static double power(float action) {
    return std::min(std::fabs(static_cast<double>(action)), 1.0);
  }

  void advance() {
    for (b2Body* body : {hull_, legs_[0].thigh, legs_[0].shin, legs_[1].thigh, legs_[1].shin}) {
      if (!body->IsAwake()) body->SetAwake(true);
    }
    for (Leg& leg : legs_) {
      leg.hip_limits.apply();
      leg.knee_limits.apply();
    }
    world_->Step(1.0f / kFramesPerSecond, kVelocityIterations, kPositionIterations);
    const b2Vec2 from = hull_->GetPosition();
    for (int i = 0; i < kRays; ++i) {
      const b2Vec2 end = to_vec(static_cast<double>(from.x) + ray_ends_[i][0],
                                static_cast<double>(from.y) + ray_ends_[i][1]);
      NearestGround nearest;
      world_->RayCast(&nearest, from, end);
      fractions_[i] = nearest.fraction;
      rays_[i] = {from, from + nearest.fraction * (end - from), nearest.fraction < 1};
    }
  }

  StepResult judge(ActionRow action) {
    const double x = hull_x(), tilt = hull_tilt();
    has_fallen_ = hull_has_contact_ || x < 0;
    has_arrived_ = x > kFinish;
    parts_ = {};
    if (has_fallen_) {
      parts_.fall = kFallReward;
    } else {
      parts_.forward = kForwardReward * (x - x_);
      parts_.tilt = -kTiltCost * (tilt - tilt_);
      for (std::size_t i = 0; i < 4; ++i) {
        parts_.motors -= kTorqueCost * params_.motor_torque * power(action[i]);
      }
    }
    x_ = x;
    tilt_ = tilt;
    StepResult result;
    result.reward = static_cast<float>(parts_.sum());
    result.terminated = has_fallen_ || has_arrived_;
    return result;
  }

  double hull_x() const { return static_cast<double>(hull_->GetPosition().x); }
  double hull_tilt() const { return std::fabs(static_cast<double>(hull_->GetAngle())); }

  void observe(ObsRow obs) const {
    const b2Vec2 velocity = hull_->GetLinearVelocity();
    const auto scaled = [](float value, double unit) {
      return static_cast<float>(static_cast<double>(value) / unit);
    };
    obs[0] = hull_->GetAngle();
    obs[1] = scaled(hull_->GetAngularVelocity(), 25);
    obs[2] = scaled(velocity.x, 25.0 / 3);
    obs[3] = scaled(velocity.y, 12.5);
    std::size_t at = 4;
    for (const Leg& leg : legs_) {
      obs[at++] = leg.hip->GetJointAngle();
      obs[at++] = scaled(leg.hip->GetJointSpeed(), kHipSpeed);
      obs[at++] = leg.knee->GetJointAngle() + 1;
      obs[at++] = scaled(leg.knee->GetJointSpeed(), kKneeSpeed);
      obs[at++] = leg.has_contact ? 1 : 0;
    }
    for (const float fraction : fractions_) obs[at++] = fraction;
  }

  Params params_;
  WalkerTerrain terrain_;
  std::optional<b2World> world_;
  b2Body* hull_ = nullptr;
  Leg legs_[2];
  bool hull_has_contact_ = false, has_arrived_ = false, has_fallen_ = false;
  double ray_ends_[kRays][2];  // m, from the hull
  float fractions_[kRays] = {};
  LidarRay rays_[kRays];
  double start_x_ = 0, x_ = 0, tilt_ = 0;  // of the hull after the last step: m, m, |rad|
  RewardParts parts_;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<BipedalWalker<false>>("built-in");
  registry.add<BipedalWalker<true>>("built-in");
}

}  // namespace tern::bipedal_walker
