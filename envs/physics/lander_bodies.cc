#include "envs/physics/lander_bodies.h"

#include "core/rng.h"
#include "core/trig.h"

namespace tern {
namespace {

constexpr float metres(double pixels) {
  return static_cast<float>(pixels / kLanderScale);
}

constexpr std::uint16_t kHullCategory = 0x0010, kLegCategory = 0x0020, kGroundCategory = 0x0001;
constexpr Material kMoonRock{/*density=*/0, /*friction=*/0.1f};
constexpr Material kHull{/*density=*/5, /*friction=*/0.1f, /*restitution=*/0, kHullCategory,
                         kGroundCategory};
constexpr Material kLeg{/*density=*/1, /*friction=*/0.2f, /*restitution=*/0, kLegCategory,
                        kGroundCategory};
constexpr float kLegAway = metres(20), kLegDown = metres(18);  // from the hull's origin
constexpr float kLegHalfWidth = metres(2), kLegHalfHeight = metres(8);
constexpr float kLegTilt = 0.05f;                            // rad, at the start
constexpr float kSpringTorque = 40;                          // N m, what presses a leg outwards
constexpr float kSpringSpeed = 0.3f;                         // rad/s
constexpr float kLegInnermost = 0.4f, kLegOutermost = 0.9f;  // rad, limits of the joint
constexpr double kMainPower = 13.0, kSidePower = 0.6;  // N s for each metre of the nozzle's offset
constexpr double kMainDown = 4 / kLanderScale;         // m, from the hull's origin
constexpr double kSideAway = 12 / kLanderScale;
constexpr double kSideUp = 14 / kLanderScale;  // times the cosine of the angle
constexpr double kSideSwing = 17 / kLanderScale;  // times its sine: the reference's slip

void add_ground(b2World& world, const MoonGround& ground) {
  b2BodyDef def;
  b2Body* moon = world.CreateBody(&def);
  b2EdgeShape edge;
  edge.SetTwoSided({0, 0}, {static_cast<float>(kMoonWidth), 0});
  const b2FixtureDef floor = fixture_of(edge, Material());
  moon->CreateFixture(&floor);
  const auto corner = [&](std::size_t i) {
    return b2Vec2(static_cast<float>(kMoonStride * static_cast<double>(i)),
                  static_cast<float>(ground[i]));
  };
  for (std::size_t i = 0; i + 1 < kMoonPoints; ++i) {
    edge.SetTwoSided(corner(i), corner(i + 1));
    const b2FixtureDef slope = fixture_of(edge, kMoonRock);
    moon->CreateFixture(&slope);
  }
}

/// side: 1 the right leg, -1 the left one.
b2Body* add_leg(b2World& world, b2Body& lander, float side, OldLimits& limits) {
  const b2Vec2 hull = lander.GetPosition();
  const b2PolygonShape shape = box_shape(kLegHalfWidth, kLegHalfHeight);
  b2Body* leg = add_body(world, b2_dynamicBody, {hull.x + side * kLegAway, hull.y},
                         -side * kLegTilt, fixture_of(shape, kLeg));
  b2RevoluteJointDef joint;
  joint.bodyA = &lander;
  joint.bodyB = leg;
  joint.localAnchorA = {0, 0};
  joint.localAnchorB = {-side * kLegAway, kLegDown};
  joint.enableMotor = true;
  joint.maxMotorTorque = kSpringTorque;
  joint.motorSpeed = -side * kSpringSpeed;
  joint.enableLimit = true;
  // As the reference's binding of Box2D sets it where nothing is said: the joint's angle is zero where
  // the two bodies are made.
  joint.referenceAngle = leg->GetAngle() - lander.GetAngle();
  auto* made = static_cast<b2RevoluteJoint*>(world.CreateJoint(&joint));
  limits = side > 0 ? OldLimits(made, kLegInnermost, kLegOutermost)
                    : OldLimits(made, -kLegOutermost, -kLegInnermost);
  return leg;
}

bool involves(const b2Contact& contact, const b2Body* body) {
  return contact.GetFixtureA()->GetBody() == body || contact.GetFixtureB()->GetBody() == body;
}

}  // namespace

MoonGround moon_ground(std::uint64_t level) {
  constexpr std::size_t kMiddle = kMoonPoints / 2;
  Rng rng(level, "lunar lander ground");
  std::array<double, kMoonPoints + 1> height;
  for (double& value : height) value = rng.uniform(0, kMoonSky / 2);
  for (std::size_t i = kMiddle - 2; i <= kMiddle + 2; ++i) height[i] = kPadHeight;
  MoonGround ground;
  for (std::size_t i = 0; i < kMoonPoints; ++i) {
    // The one beyond the right end stands in for the one before the left end too.
    const double left = i == 0 ? height.back() : height[i - 1];
    ground[i] = 0.33 * (left + height[i] + height[i + 1]);
  }
  return ground;
}

BodyState state_of(const b2Body& body) {
  return {body.GetPosition(), body.GetAngle(), body.GetLinearVelocity(), body.GetAngularVelocity()};
}

void put_body(b2Body& body, const BodyState& state) {
  body.SetTransform(state.position, state.angle);
  body.SetLinearVelocity(state.velocity);
  body.SetAngularVelocity(state.angular_velocity);
}

void LanderBodies::start(const MoonGround& ground, double gravity) {
  world_.emplace(b2Vec2(0, static_cast<float>(gravity)));
  world_->SetContactListener(this);
  leg_touches_ = {};
  has_crashed_ = false;
  add_ground(*world_, ground);
  const b2PolygonShape hull =
      polygon_shape({{-14, 17}, {-17, 0}, {-17, -10}, {17, -10}, {17, 0}, {14, 17}}, metres(1));
  lander_ = add_body(*world_, b2_dynamicBody,
                     {static_cast<float>(kMoonWidth / 2), static_cast<float>(kMoonSky)},
                     /*angle=*/0, fixture_of(hull, kHull));
  legs_ = {add_leg(*world_, *lander_, 1, limits_[0]), add_leg(*world_, *lander_, -1, limits_[1])};
}

void LanderBodies::burn_main(double power, const EngineNoise& noise) {
  const SinCos angle = sincos(static_cast<double>(lander_->GetAngle()));
  const double down = kMainDown + 2 * noise.along;
  const double x = angle.sin * down - angle.cos * noise.across;
  const double y = -angle.cos * down - angle.sin * noise.across;
  push(kMainPower * power, x, y, x, y);
}

void LanderBodies::burn_side(double power, int direction, const EngineNoise& noise) {
  const SinCos angle = sincos(static_cast<double>(lander_->GetAngle()));
  const double away = 3 * noise.across + direction * kSideAway;
  const double x = angle.sin * noise.along - angle.cos * away;
  const double y = -angle.cos * noise.along - angle.sin * away;
  push(kSidePower * power, x, y, x - angle.sin * kSideSwing, y + angle.cos * kSideUp);
}

void LanderBodies::push(double power, double x, double y, double at_x, double at_y) {
  const b2Vec2 origin = lander_->GetPosition();
  lander_->ApplyLinearImpulse({static_cast<float>(-x * power), static_cast<float>(-y * power)},
                              {static_cast<float>(static_cast<double>(origin.x) + at_x),
                               static_cast<float>(static_cast<double>(origin.y) + at_y)},
                              /*wake=*/true);
}

void LanderBodies::blow(double force, double torque) {
  lander_->ApplyForceToCenter({static_cast<float>(force), 0}, /*wake=*/true);
  lander_->ApplyTorque(static_cast<float>(torque), /*wake=*/true);
}

void LanderBodies::advance() {
  for (OldLimits& limits : limits_) limits.apply();
  const bool is_low = world_->GetContactCount() > 0;
  world_->Step(kLanderTimeStep, is_low ? kLowVelocityIterations : kVelocityIterations,
               kPositionIterations);
}

void LanderBodies::BeginContact(b2Contact* contact) {
  if (involves(*contact, lander_)) has_crashed_ = true;
  for (std::size_t i = 0; i < 2; ++i) {
    if (involves(*contact, legs_[i])) leg_touches_[i] = true;
  }
}

// A leg on two edges of the ground that leaves one of them counts as in the air, as in the
// reference.
void LanderBodies::EndContact(b2Contact* contact) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (involves(*contact, legs_[i])) leg_touches_[i] = false;
  }
}

}  // namespace tern
