// The car of CarRacing alone in an empty env: worked examples by hand, from power, force per
// speed (82 a m/s), the limits of friction (400 on road, 240 on grass), and a wheel's radius of
// 0.54 m and inertia of 1.6.

#include "envs/physics/car_dynamics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

namespace tern {
namespace {

constexpr double kStep = 0.02;  // s
constexpr double kRadius = 0.54, kInertia = 1.6;
// By the shoelace formula, in kCarUnit^2: bumper 2400, nose 3500, cabin 8750, tail 3000; where they
// overlap both weigh. A wheel: 28 x 54 at a tenth of the density.
constexpr double kHullMass = (2400 + 3500 + 8750 + 3000) * 0.0004;
constexpr double kWheelMass = 28 * 54 * 0.0004 * 0.1;
constexpr double kMass = kHullMass + 4 * kWheelMass;

/// A car that looks along y, at rest.
struct Drive {
  explicit Drive(bool on_road) {
    car.build(world, {0, 0}, 0);
    for (int i = 0; i < Car::kWheels; ++i) car.wheel(i).tiles = on_road ? 1 : 0;
  }
  void push(b2Vec2 velocity) {
    car.hull().SetLinearVelocity(velocity);
    for (int i = 0; i < Car::kWheels; ++i) car.wheel(i).body->SetLinearVelocity(velocity);
  }
  void roll(double omega) {
    for (int i = 0; i < Car::kWheels; ++i) car.wheel(i).omega = omega;
  }
  void step() {
    car.step(kStep);
    world.Step(static_cast<float>(kStep), 180, 60);
  }
  /// Momentum of all parts over their mass.
  b2Vec2 velocity() const {
    b2Vec2 sum = car.hull().GetMass() * car.hull().GetLinearVelocity();
    for (int i = 0; i < Car::kWheels; ++i) {
      sum += car.wheel(i).body->GetMass() * car.wheel(i).body->GetLinearVelocity();
    }
    return (1 / static_cast<float>(kMass)) * sum;
  }

  b2World world{b2Vec2(0, 0)};
  Car car;
};

TEST(CarDynamics, WeighsWhatItsShapesWeigh) {
  Drive drive(true);
  EXPECT_NEAR(drive.car.hull().GetMass(), kHullMass, 1e-4);
  EXPECT_NEAR(drive.car.wheel(0).body->GetMass(), kWheelMass, 1e-5);
}

TEST(CarDynamics, HasTheOutlineOfItsShapes) {
  Drive drive(true);
  for (const Point& corner : kHullOutline) {
    const b2Vec2 at{kCarUnit * corner.x, kCarUnit * corner.y};
    float nearest = 9;  // m, to a side of a shape
    for (const b2Fixture* f = drive.car.hull().GetFixtureList(); f != nullptr; f = f->GetNext()) {
      const auto& shape = static_cast<const b2PolygonShape&>(*f->GetShape());
      for (int i = 0; i < shape.m_count; ++i) {
        const b2Vec2 from = shape.m_vertices[i];
        const b2Vec2 side = shape.m_vertices[(i + 1) % shape.m_count] - from;
        const float part = b2Clamp(b2Dot(at - from, side) / b2Dot(side, side), 0.0f, 1.0f);
        nearest = b2Min(nearest, b2Distance(at, from + part * side));
      }
    }
    EXPECT_LT(nearest, 1e-4f) << corner.x << " " << corner.y;
  }
  float area = 0;
  const Point* last = std::end(kHullOutline) - 1;
  for (const Point& corner : kHullOutline) {
    area += (last->x * corner.y - corner.x * last->y) / 2;
    last = &corner;
  }
  EXPECT_NEAR(area, 2400 + (31 + 40) / 2.0 * 90 + 8750 + 3000, 0.1);  // of the nose what sticks out
}

// Nothing is said of it in the reference, so it is what Box2D has unasked.
TEST(CarDynamics, RubsAsBodiesDoUnasked) {
  Drive drive(true);
  for (const b2Body* body : {&drive.car.hull(), drive.car.wheel(0).body}) {
    EXPECT_FLOAT_EQ(body->GetFixtureList()->GetFriction(), b2FixtureDef().friction);
  }
}

TEST(CarDynamics, GasGrowsByATenthACallAndFallsAtOnce) {
  Drive drive(true);
  for (const double expected : {0.1, 0.2, 0.3}) {
    drive.car.gas(1);
    EXPECT_NEAR(drive.car.wheel(2).gas, expected, 1e-12);
    EXPECT_EQ(drive.car.wheel(3).gas, drive.car.wheel(2).gas);
    EXPECT_EQ(drive.car.wheel(0).gas, 0);  // it is driven by its rear wheels
  }
  drive.car.gas(0.05);
  EXPECT_NEAR(drive.car.wheel(2).gas, 0.05, 1e-12);
  drive.car.gas(-3);
  EXPECT_EQ(drive.car.wheel(2).gas, 0);
}

// A gas of 0.1 is 4000 W: omega = 0.02 * 4000 / 1.6 / 5 = 10. That pulls with 82 * 5.4 = 443, more
// than tyres hold: 400 on road takes 0.02 * 400 * 0.54 / 1.6 = 2.7 from omega, 240 on grass 1.62.
TEST(CarDynamics, PowerSpinsTheRearWheelsUpAndFrictionBrakesThem) {
  for (const auto& [on_road, limit, omega] : {std::tuple{true, 400.0, 7.3}, {false, 240.0, 8.38}}) {
    Drive drive(on_road);
    drive.car.gas(1);
    drive.step();
    EXPECT_NEAR(drive.car.wheel(2).omega, omega, 1e-9);
    EXPECT_NEAR(drive.car.wheel(3).omega, omega, 1e-9);
    EXPECT_EQ(drive.car.wheel(0).omega, 0);
    // Two wheels push the whole car.
    EXPECT_NEAR(drive.velocity().y, 2 * limit * kStep / kMass, 1e-4);
    EXPECT_NEAR(drive.velocity().x, 0, 1e-5);
  }
}

// A gas of 0.01: omega = 1, which pulls with 82 * 0.54 = 44.28, held in full.
TEST(CarDynamics, BelowTheLimitTheForceIsThatOfTheDifferenceOfSpeeds) {
  Drive drive(true);
  drive.car.gas(0.01);
  drive.step();
  EXPECT_NEAR(drive.car.wheel(2).omega, 1 - kStep * 44.28 * kRadius / kInertia, 1e-9);
  EXPECT_NEAR(drive.velocity().y, 2 * 44.28 * kStep / kMass, 1e-5);
}

TEST(CarDynamics, SlidesSidewaysAgainstTheLimitOfFriction) {
  for (const auto& [on_road, limit] : {std::pair{true, 400.0}, {false, 240.0}}) {
    Drive fast(on_road), slow(on_road);
    fast.push({10, 0});
    fast.step();
    EXPECT_NEAR(fast.velocity().x, 10 - 4 * limit * kStep / kMass, 1e-4);
    slow.push({1, 0});
    slow.step();
    EXPECT_NEAR(slow.velocity().x, 1 - 4 * 82 * kStep / kMass, 1e-4);
  }
}

// Spinning 10 m/s too fast while sliding 10 m/s: the force is the limit, halfway between both ways.
TEST(CarDynamics, ATyreHoldsOneForceForBothDirections) {
  Drive drive(true);
  drive.push({-10, 0});
  drive.roll(10 / kRadius);
  drive.step();
  const double part = 400 / std::sqrt(2);
  EXPECT_NEAR(drive.car.wheel(0).omega, 10 / kRadius - kStep * part * kRadius / kInertia, 1e-9);
  EXPECT_NEAR(drive.velocity().x, -10 + 4 * part * kStep / kMass, 1e-4);
  EXPECT_NEAR(drive.velocity().y, 4 * part * kStep / kMass, 1e-4);
}

// Rolling at 20 rad/s, 10.8 m/s: half a brake takes 7.5, and the road, now faster by 4.05 m/s,
// pulls with 332.1 and gives 0.02 * 332.1 * 0.54 / 1.6 = 2.242 back.
TEST(CarDynamics, BrakesSlowAllWheels) {
  Drive drive(true);
  drive.push({0, 10.8f});
  drive.roll(20);
  drive.car.brake(0.5);
  drive.step();
  for (int i = 0; i < Car::kWheels; ++i) EXPECT_NEAR(drive.car.wheel(i).omega, 14.741675, 1e-5);
  EXPECT_NEAR(drive.velocity().y, 10.8 - 4 * 332.1 * kStep / kMass, 1e-4);
}

TEST(CarDynamics, FromNineTenthsTheBrakesLock) {
  // 0.89 takes 13.35 of 20 rad/s; the road gives 0.02 * 400 * 0.54 / 1.6 = 2.7 back in both cases.
  for (const auto& [brake, omega] : {std::pair{0.89, 20 - 13.35 + 2.7}, {0.9, 2.7}, {1.0, 2.7}}) {
    Drive drive(true);
    drive.push({0, 10.8f});
    drive.roll(20);
    drive.car.brake(brake);
    drive.step();
    EXPECT_NEAR(drive.car.wheel(0).omega, omega, 1e-4) << brake;
    EXPECT_NEAR(drive.velocity().y, 10.8 - 4 * 400 * kStep / kMass, 1e-4);
  }
}

TEST(CarDynamics, BrakesNeverTurnAWheelBackwards) {
  Drive drive(true);
  drive.roll(3);
  drive.car.brake(0.5);
  drive.step();
  EXPECT_EQ(drive.car.wheel(0).omega, 0);
  EXPECT_NEAR(drive.velocity().y, 0, 1e-9);
}

// At 3 rad/s while there is far to go: 0.06 rad a step, to the joint's limit of 0.4.
TEST(CarDynamics, FrontWheelsTurnAtTheirSpeedToTheirLimit) {
  Drive drive(true);
  drive.car.steer(1);
  for (int t = 1; t <= 6; ++t) {
    drive.step();
    EXPECT_NEAR(drive.car.wheel(0).joint->GetJointAngle(), 0.06 * t, 0.005);
    EXPECT_NEAR(drive.car.wheel(2).joint->GetJointAngle(), 0, 0.005);
  }
  for (int t = 0; t < 20; ++t) drive.step();
  EXPECT_NEAR(drive.car.wheel(1).joint->GetJointAngle(), 0.4, 0.002);
  // There the motor presses with all it has: 180 * 900 * 0.0004 N m.
  EXPECT_NEAR(drive.car.wheel(1).joint->GetMotorTorque(1 / static_cast<float>(kStep)), 64.8, 0.1);
  drive.car.steer(-0.2);
  for (int t = 0; t < 40; ++t) drive.step();
  EXPECT_NEAR(drive.car.wheel(1).joint->GetJointAngle(), -0.2, 0.01);
}

// 50 rad/s for each rad to go: what is nearer than 0.06 rad is reached in one step.
TEST(CarDynamics, FrontWheelsStopWhereTheyAreToTurnTo) {
  Drive drive(true);
  drive.car.steer(0.05);
  drive.step();
  EXPECT_NEAR(drive.car.wheel(0).joint->GetJointAngle(), 0.05, 2e-4);
}

TEST(CarDynamics, LeavesMarksWhileItSlidesAtTwiceTheLimit) {
  Drive drive(false);
  drive.push({0, 6});
  drive.step();                                // 82 * 6 is more than 2 * 240
  EXPECT_EQ(drive.car.skid_mark(0).count, 0);  // a place is no line yet
  drive.push({0, 6});
  drive.roll(0);
  drive.step();
  for (int i = 0; i < Car::kWheels; ++i) {
    EXPECT_EQ(drive.car.skid_mark(i).count, 2);
    EXPECT_TRUE(drive.car.skid_mark(i).on_grass);
  }
  drive.push({0, 5.8f});  // 82 * 5.8 is less
  drive.roll(0);
  drive.step();
  EXPECT_EQ(drive.car.skid_mark(0).count, 2);
  EXPECT_EQ(drive.car.wheel(0).skid, -1);
}

// The mark goes from 0 to 1.2 rad round the tyre; a height on it is seen as the cosine.
TEST(CarDynamics, ATyresMarkIsSeenWhileItIsAbove) {
  float from = 9, to = 9;
  EXPECT_FALSE(rolling_mark(0.5, from, to));
  ASSERT_TRUE(rolling_mark(-1.2, from, to));
  EXPECT_NEAR(from, std::cos(1.2), 1e-6);
  EXPECT_NEAR(to, 1, 1e-6);
  ASSERT_TRUE(rolling_mark(-2, from, to));
  EXPECT_NEAR(from, std::cos(2), 1e-6);
  EXPECT_NEAR(to, std::cos(0.8), 1e-6);
  ASSERT_TRUE(rolling_mark(3, from, to));  // its begin went below the edge
  EXPECT_EQ(from, -1);
  EXPECT_NEAR(to, std::cos(4.2), 1e-6);
}

}  // namespace
}  // namespace tern
