#include "envs/physics/car_dynamics.h"

#include <algorithm>
#include <cmath>

#include "core/trig.h"

namespace tern {
namespace {

constexpr double kArea = 0.02 * 0.02;  // forces and masses grow with the square of kCarUnit
constexpr double kEnginePower = 100'000'000 * kArea;
constexpr double kWheelInertia = 4'000 * kArea;
constexpr double kFrictionLimit = 1'000'000 * kArea;  // of a tyre on the road
constexpr double kGrassFriction = 0.6;                // of that
constexpr double kForcePerSpeed = 205'000 * kArea;    // low enough not to swing about zero
constexpr double kMotorTorque = 180 * 900 * kArea;    // that turns a wheel about its joint
constexpr double kBrake = 15;                         // rad/s a step
constexpr double kBlocking = 0.9;
constexpr double kGasGrowth = 0.1;                    // a step
constexpr double kSteerSpeed = 3, kSteerGain = 50;    // rad/s, and that per rad to go
constexpr float kSteerLimit = 0.4f;                   // rad
constexpr double kWheelRadiusM = 27 * 0.02;
const b2Vec2 kWheelPlaces[Car::kWheels] = {{-55, 80}, {55, 80}, {-55, -82}, {55, -82}};

// Wheels touch what is of category 1: tiles, and not each other.
constexpr Material kHullMaterial{1.0f};
constexpr Material kWheelMaterial{0.1f, 0.2f, 0, 0x0020, 0x0001};

double sign(double x) { return (x > 0) - (x < 0); }

}  // namespace

const Point kHullOutline[20] = {
    {60, 130},  {-60, 130}, {-60, 110},  {-15.5f, 110}, {-20, 20}, {-25, 20},
    {-50, -10}, {-50, -40}, {-20, -90},  {-50, -90},    {-50, -120}, {50, -120},
    {50, -90},  {20, -90},  {50, -40},   {50, -10},     {25, 20},    {20, 20},
    {15.5f, 110}, {60, 110}};

bool rolling_mark(double phase, float& from, float& to) {
  constexpr double kMarkAngle = 1.2;  // rad
  const SinCos begin = sincos(phase), end = sincos(phase + kMarkAngle);
  if (begin.sin > 0 && end.sin > 0) return false;
  from = static_cast<float>(begin.sin > 0 ? sign(begin.cos) : begin.cos);
  to = static_cast<float>(end.sin > 0 ? sign(end.cos) : end.cos);
  return true;
}

void Car::build(b2World& world, b2Vec2 position, float angle) {
  *this = Car();
  const b2PolygonShape front = polygon_shape({{-60, 130}, {60, 130}, {60, 110}, {-60, 110}}, kCarUnit);
  const b2PolygonShape nose = polygon_shape({{-15, 120}, {15, 120}, {20, 20}, {-20, 20}}, kCarUnit);
  const b2PolygonShape cabin = polygon_shape({{25, 20}, {50, -10}, {50, -40}, {20, -90},
                                              {-20, -90}, {-50, -40}, {-50, -10}, {-25, 20}}, kCarUnit);
  const b2PolygonShape tail = polygon_shape({{-50, -120}, {50, -120}, {50, -90}, {-50, -90}}, kCarUnit);
  hull_ = add_body(world, b2_dynamicBody, position, angle, fixture_of(front, kHullMaterial));
  for (const b2PolygonShape* shape : {&nose, &cabin, &tail}) {
    const b2FixtureDef fixture = fixture_of(*shape, kHullMaterial);
    hull_->CreateFixture(&fixture);
  }
  for (int i = 0; i < kWheels; ++i) add_wheel(world, i, position, angle);
}

void Car::add_wheel(b2World& world, int i, b2Vec2 position, float angle) {
  Wheel& wheel = wheels_[i];
  const b2Vec2 place = kCarUnit * kWheelPlaces[i];
  const b2PolygonShape shape = box_shape(kCarUnit * kWheelHalfWidth, kCarUnit * kWheelRadius);
  // As in the reference, wheels start where those of a car that looks along y would be, and are
  // pulled into place by their joints in the first step.
  wheel.body = add_body(world, b2_dynamicBody, position + place, angle,
                        fixture_of(shape, kWheelMaterial));
  wheel.body->GetUserData().pointer = reinterpret_cast<std::uintptr_t>(&wheel);
  b2RevoluteJointDef joint;
  joint.bodyA = hull_;
  joint.bodyB = wheel.body;
  joint.localAnchorA = place;
  joint.enableMotor = true;
  joint.maxMotorTorque = static_cast<float>(kMotorTorque);
  joint.enableLimit = true;
  joint.lowerAngle = -kSteerLimit;
  joint.upperAngle = kSteerLimit;
  wheel.joint = static_cast<b2RevoluteJoint*>(world.CreateJoint(&joint));
}

void Car::steer(double angle) {
  wheels_[0].steer = wheels_[1].steer = angle;
}

void Car::gas(double gas) {
  for (int i = 2; i < kWheels; ++i) {
    wheels_[i].gas += std::min(std::clamp(gas, 0.0, 1.0) - wheels_[i].gas, kGasGrowth);
  }
}

void Car::brake(double brake) {
  for (Wheel& wheel : wheels_) wheel.brake = brake;
}

void Car::turn_by_engine_and_brake(Wheel& wheel, double dt) const {
  // dE/dt = P and E = I omega^2 / 2; the 5 keeps it finite at rest.
  wheel.omega += dt * kEnginePower * wheel.gas / kWheelInertia / (std::fabs(wheel.omega) + 5);
  if (wheel.brake >= kBlocking) {
    wheel.omega = 0;
  } else if (wheel.brake > 0) {
    wheel.omega -= sign(wheel.omega) * std::min(kBrake * wheel.brake, std::fabs(wheel.omega));
  }
  wheel.phase += wheel.omega * dt;
}

void Car::step(double dt) {
  for (Wheel& wheel : wheels_) {
    const double to_go = wheel.steer - static_cast<double>(wheel.joint->GetJointAngle());
    wheel.joint->SetMotorSpeed(
        static_cast<float>(sign(to_go) * std::min(kSteerGain * std::fabs(to_go), kSteerSpeed)));
    turn_by_engine_and_brake(wheel, dt);

    const b2Vec2 forward = wheel.body->GetWorldVector({0, 1});
    const b2Vec2 side = wheel.body->GetWorldVector({1, 0});
    const b2Vec2 v = wheel.body->GetLinearVelocity();
    const double fx = forward.x, fy = forward.y, sx = side.x, sy = side.y, vx = v.x, vy = v.y;
    double along = kForcePerSpeed * (wheel.omega * kWheelRadiusM - (fx * vx + fy * vy));
    double across = kForcePerSpeed * -(sx * vx + sy * vy);
    const double force = std::sqrt(along * along + across * across);

    const bool on_grass = wheel.tiles == 0;
    const double limit = on_grass ? kFrictionLimit * kGrassFriction : kFrictionLimit;
    leave_mark(wheel, force > 2 * limit, on_grass);
    if (force > limit) {
      along *= limit / force;
      across *= limit / force;
    }
    wheel.omega -= dt * along * kWheelRadiusM / kWheelInertia;
    wheel.body->ApplyForceToCenter({static_cast<float>(across * sx + along * fx),
                                    static_cast<float>(across * sy + along * fy)},
                                   /*wake=*/true);
  }
}

void Car::leave_mark(Wheel& wheel, bool is_sliding, bool on_grass) {
  const b2Vec2 here = wheel.body->GetPosition();
  if (!is_sliding) {
    wheel.has_skid_start = false;
    wheel.skid = -1;
    return;
  }
  if (wheel.skid >= 0) {
    SkidMark& mark = skids_[wheel.skid];
    if (mark.on_grass == on_grass && mark.count < SkidMark::kMaxPoints) {
      mark.points[mark.count++] = here;
      return;
    }
  }
  if (!wheel.has_skid_start) {
    wheel.has_skid_start = true;
    wheel.skid_start = here;
    return;
  }
  for (Wheel& other : wheels_) {
    if (other.skid == next_skid_) other.skid = -1;  // its mark gives way to this one
  }
  wheel.skid = next_skid_;
  next_skid_ = (next_skid_ + 1) % kSkidMarks;
  wheel.has_skid_start = false;
  skids_[wheel.skid] = SkidMark{{wheel.skid_start, here}, 2, on_grass};
}

}  // namespace tern
