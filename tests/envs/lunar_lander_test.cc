// LunarLander: worked examples by hand (free fall, thrust, contacts, rewards, ends, wind), laws of
// its levels. Places and motions come from the documented state vector.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "envs/physics/lander_bodies.h"
#include "tests/envs/lander_pilot.h"

namespace tern {
namespace {

constexpr double kStep = 0.02, kGravity = -10;  // s, m/s^2
constexpr const char* kContinuous = "LunarLanderContinuous-v3";
enum Term { kDistance, kSpeed, kTilt, kLegs, kMain, kSide, kCrash, kLanding };

/// Masses from the shapes: a trapezium above a box, 5 kg/m^2, and legs of 4 x 16 at 1 kg/m^2, all
/// lengths divided by 30.
constexpr double kHullMass = 5 * (34.0 * 10 + (34.0 + 28.0) / 2 * 17) / 900;
constexpr double kLegMass = 4.0 * 16.0 / 900;
constexpr double kMass = kHullMass + 2 * kLegMass;

struct Motion {
  double x = 0, y = 0;  // momentum, N s
};
Motion momentum(const std::vector<double>& state) {
  Motion sum;
  for (std::size_t body = 0; body < 3; ++body) {
    const double mass = body == 0 ? kHullMass : kLegMass;
    sum.x += mass * state[6 * body + 3];
    sum.y += mass * state[6 * body + 4];
  }
  return sum;
}

/// The hull by its corners: the height of its centre of mass above its origin, m, and its moment of
/// inertia about that centre, kg m^2.
struct Hull {
  double center = 0, inertia = 0;
};
Hull hull() {
  constexpr double kCorners[6][2] = {{-14, 17}, {-17, 0}, {-17, -10}, {17, -10}, {17, 0}, {14, 17}};
  Hull sum;
  for (std::size_t i = 0; i < 6; ++i) {
    const double ax = kCorners[i][0] / 30, ay = kCorners[i][1] / 30;
    const double bx = kCorners[(i + 1) % 6][0] / 30, by = kCorners[(i + 1) % 6][1] / 30;
    const double cross = ax * by - bx * ay;
    sum.center += 5 * cross * (ay + by) / 6 / kHullMass;
    sum.inertia += 5 * cross * (ax * ax + ax * bx + bx * bx + ay * ay + ay * by + by * by) / 12;
  }
  sum.inertia -= kHullMass * sum.center * sum.center;
  return sum;
}

/// Of hull and legs about a fixed point, kg m^2/s.
double angular_momentum(const std::vector<double>& state, double x, double y) {
  const Hull body = hull();
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double* at = &state[6 * i];
    const double mass = i == 0 ? kHullMass : kLegMass, up = i == 0 ? body.center : 0;
    const double inertia = i == 0 ? body.inertia : kLegMass * (4.0 * 4 + 16.0 * 16) / 900 / 12;
    sum += inertia * at[5];
    sum += mass * ((at[0] - std::sin(at[2]) * up - x) * at[4] -
                   (at[1] + std::cos(at[2]) * up - y) * at[3]);
  }
  return sum;
}

/// The push in one step beyond gravity's, N s.
template <class Step>
Motion push_of(LanderEpisode& flight, const Step& step) {
  const Motion before = momentum(flight.state());
  step();
  const Motion after = momentum(flight.state());
  return {after.x - before.x, after.y - before.y - kGravity * kStep * kMass};
}

// In the middle of the view's upper border, with a push of up to 1000 N along each axis for a step.
TEST(LunarLander, StartsAtTheTopWithAPush) {
  double strongest[2] = {0, 0};
  for (std::uint64_t level = 0; level < 200; ++level) {
    const std::vector<double> state = LanderEpisode("LunarLander-v3", {}, level).state();
    EXPECT_NEAR(state[0] - state[3] * kStep, 10, 0.02) << level;  // legs pull a little
    EXPECT_NEAR(state[1] - state[4] * kStep, 400.0 / 30, 0.02) << level;
    const Motion after = momentum(state);
    strongest[0] = std::max(strongest[0], std::fabs(after.x));
    strongest[1] = std::max(strongest[1], std::fabs(after.y - kGravity * kStep * kMass));
  }
  for (const double push : strongest) {
    EXPECT_LE(push, 1000 * kStep + 1e-3);
    EXPECT_GE(push, 0.98 * 1000 * kStep);
  }
}

// Places from the pad in halves of the view's sides (10 and 6.67 m), the hull standing 0.6 m above
// it; velocities times those halves and angular velocity times 20, each over 50 steps a second.
TEST(LunarLander, ObservesItsStateInTheReferencesUnits) {
  LanderEpisode flight;
  for (int t = 0; t < 30; ++t) {
    flight.choose(t % 4);
    const std::vector<double> state = flight.state();
    EXPECT_NEAR(flight.obs[0], (state[0] - 10) / 10, 1e-6);
    EXPECT_NEAR(flight.obs[1], (state[1] - (400.0 / 30 / 4 + 0.6)) / (400.0 / 60), 1e-6);
    EXPECT_NEAR(flight.obs[2], state[3] * 10 / 50, 1e-6);
    EXPECT_NEAR(flight.obs[3], state[4] * (400.0 / 60) / 50, 1e-6);
    EXPECT_NEAR(flight.obs[4], state[2], 1e-6);
    EXPECT_NEAR(flight.obs[5], state[5] * 20 / 50, 1e-6);
  }
}

TEST(LunarLander, FallsFreelyWithoutEngines) {
  LanderEpisode flight;
  for (int t = 0; t < 20; ++t) {
    const Motion push = push_of(flight, [&] { flight.choose(0); });
    EXPECT_NEAR(push.x, 0, 2e-4);
    EXPECT_NEAR(push.y, 0, 2e-4);
  }
}

// The motors press the legs to 0.4 rad, where their range ends, as measured from where they are made,
// 0.05 rad inwards: 0.35 rad from the hull's axis. On the way they turn 0.3 rad/s.
TEST(LunarLander, LegsFoldToTheInnerEndOfTheirRange) {
  LanderEpisode flight;
  const auto angle_of = [&](std::size_t leg) {
    const std::vector<double> state = flight.state();
    return state[6 * leg + 2] - state[2];
  };
  flight.choose(0);
  const double first = angle_of(1);
  for (int t = 0; t < 10; ++t) flight.choose(0);
  EXPECT_NEAR(angle_of(1) - first, -10 * 0.3 * kStep, 2e-3);
  for (int t = 0; t < 20; ++t) flight.choose(0);
  EXPECT_NEAR(angle_of(1), 0.35, 3e-3);
  EXPECT_NEAR(angle_of(2), -0.35, 3e-3);
}

// Thrown beyond 0.9 rad from where it is made, a leg is put back there, to within the angle that
// Box2D lets limits give way. Turning outwards, it has the motor's 40 N m against it.
TEST(LunarLander, LegsFoldOutToTheOuterEndOfTheirRangeAgainstTheirMotor) {
  const auto fold = [](std::size_t i, float angle, float spin, int steps) {
    LanderBodies bodies;
    bodies.start(moon_ground(0), /*gravity=*/0);
    const float side = i == 0 ? 1 : -1;
    BodyState leg = state_of(bodies.leg(i));
    leg.angle = side * (angle - 0.05f);
    // About the hull's origin, which is the joint, in the leg's frame 20/30 m inwards and 18/30 m
    // up.
    const b2Vec2 joint = b2Mul(b2Rot(leg.angle), b2Vec2(-side * 20 / 30, 18.0f / 30));
    leg.position = bodies.lander().GetPosition() - joint;
    leg.angular_velocity = side * spin;
    leg.velocity = b2Cross(leg.angular_velocity, -joint);
    put_body(bodies.leg(i), leg);
    for (int t = 0; t < steps; ++t) bodies.advance();
    auto* motor = static_cast<b2RevoluteJoint*>(bodies.leg(i).GetJointList()->joint);
    return std::pair{side * motor->GetJointAngle(),
                     side * motor->GetMotorTorque(1 / kLanderTimeStep)};
  };
  for (const std::size_t i : {0, 1}) {
    EXPECT_NEAR(fold(i, 1.2f, 0, /*steps=*/3).first, 0.9f + b2_angularSlop, 0.005);
    EXPECT_NEAR(fold(i, 0.6f, 20, /*steps=*/1).second, -40, 1e-3);
  }
}

// 13 N s for each metre from the hull's origin to where the engine burns: 4/30 m below it, which
// strays by 2/30 m along the hull and 1/30 m across.
TEST(LunarLander, TheMainEnginePushesUpwardsInTheHullsDirection) {
  double along = 0, across = 0, lowest = 9, highest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    LanderEpisode flight("LunarLander-v3", {}, /*level=*/seed % 7, seed);
    for (int t = 0; t < 9; ++t) flight.choose(t % 3 == 0 ? 1 : 0);
    const double angle = flight.state()[2];
    const Motion push = push_of(flight, [&] { flight.choose(2); });
    const double up = std::cos(angle) * push.y - std::sin(angle) * push.x;
    const double side = std::sin(angle) * push.y + std::cos(angle) * push.x;
    along += up / 300;
    across += side / 300;
    lowest = std::min(lowest, up);
    highest = std::max(highest, up);
  }
  EXPECT_NEAR(along, 13 * 4.0 / 30, 0.12);  // 4 standard errors
  EXPECT_NEAR(across, 0, 0.06);
  EXPECT_NEAR(lowest, 13 * 2.0 / 30, 0.05);
  EXPECT_NEAR(highest, 13 * 6.0 / 30, 0.05);
  EXPECT_GT(lowest, 13 * 2.0 / 30 - 1e-3);  // and never beyond
  EXPECT_LT(highest, 13 * 6.0 / 30 + 1e-3);
}

// 0.6 N s for each metre: 12/30 m away, straying by 3/30 m; it acts above the centre and so turns.
TEST(LunarLander, ASideEnginePushesAndTurnsTheHull) {
  for (const int direction : {-1, 1}) {
    double mean = 0, lowest = 9, highest = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      LanderEpisode flight("LunarLander-v3", {}, 0, seed);
      for (int t = 0; t < 5; ++t) flight.choose(0);
      const double turn = flight.state()[5];
      const Motion push = push_of(flight, [&] { flight.choose(2 + direction); });
      mean += direction * push.x / 300;
      lowest = std::min(lowest, direction * push.x);
      highest = std::max(highest, direction * push.x);
      EXPECT_LT(direction * (flight.state()[5] - turn), 0) << "right pushes turn clockwise";
    }
    EXPECT_NEAR(mean, 0.6 * 12 / 30, 0.01);
    EXPECT_NEAR(lowest, 0.6 * 9 / 30, 0.0015);
    EXPECT_NEAR(highest, 0.6 * 15 / 30, 0.0015);
  }
}

// About the hull's origin the lever of a side engine is 14/30 m when upright and 17/30 m when on
// its side, a slip of the reference's that its landings have in them.
TEST(LunarLander, ASideEngineHasALongerLeverWhenTheHullLies) {
  for (const double angle : {0.0, 1.5707963267948966}) {
    for (const int direction : {-1, 1}) {
      LanderEpisode flight;
      for (int t = 0; t < 20; ++t) flight.choose(0);
      place(flight, 10, 10, angle);
      const auto turn_of = [&](int choice, double& push) {
        const std::vector<double> before = flight.state();
        const double x = before[0], y = before[1];
        const Motion moved = push_of(flight, [&] { flight.choose(choice); });
        push = std::cos(angle) * moved.x + std::sin(angle) * moved.y;
        return angular_momentum(flight.state(), x, y) - angular_momentum(before, x, y);
      };
      double none = 0, push = 0;
      const double fall = turn_of(0, none);  // what gravity turns
      place(flight, 10, 10, angle);
      const double turn = turn_of(2 + direction, push) - fall;
      EXPECT_NEAR(none, 0, 1e-3);
      EXPECT_GT(direction * push, 0.1);
      EXPECT_NEAR(turn / push, -(angle == 0 ? 14.0 : 17.0) / 30, 0.01) << angle << " " << direction;
    }
  }
}

TEST(LunarLander, EnginesThrottleFromHalfToFullPower) {
  struct Example {
    float main, lateral;
    double main_power, side_power;
  };
  for (const Example& example : {Example{0, 0, 0, 0}, Example{-1, 0.5f, 0, 0},
                                 Example{1e-6f, -0.5f, 0.5, 0}, Example{0.5f, 0.51f, 0.75, 0.51},
                                 Example{1, -1, 1, 1}, Example{7, -9, 1, 1}, Example{1, 9, 1, 1}}) {
    LanderEpisode flight(kContinuous);
    flight.throttle(example.main, example.lateral);
    EXPECT_NEAR(flight.terms()[kMain], -0.3 * example.main_power, 1e-6);
    EXPECT_NEAR(flight.terms()[kSide], -0.03 * example.side_power, 1e-6);
  }
  const auto push = [](float main) {
    LanderEpisode flight(kContinuous);
    for (int t = 0; t < 5; ++t) flight.throttle(0, 0);
    return push_of(flight, [&] { flight.throttle(main, 0); }).y;
  };
  EXPECT_NEAR(push(1e-6f) / push(1), 0.5, 1e-3);
  EXPECT_NEAR(push(0.5f) / push(1), 0.75, 1e-3);
}

TEST(LunarLander, BothFormsAreOneEnv) {
  LanderEpisode discrete, continuous(kContinuous);
  EXPECT_EQ(discrete.obs, continuous.obs);
  constexpr float kSame[4][2] = {{0, 0}, {0, -1}, {1, 0}, {0, 1}};
  for (int t = 0; t < 40; ++t) {
    const int choice = t * 7 % 4;
    const StepResult one = discrete.choose(choice);
    const StepResult other = continuous.throttle(kSame[choice][0], kSame[choice][1]);
    EXPECT_EQ(discrete.obs, continuous.obs);
    EXPECT_EQ(one.reward, other.reward);
  }
}

// -100 times distance, speed and tilt, +10 for a leg: the reward is how much the sum has grown.
TEST(LunarLander, PaysForTheGrowthOfAPotential) {
  LanderEpisode flight("LunarLander-v3", {}, /*level=*/2);
  const auto potentials = [&] {
    const std::vector<float>& o = flight.obs;
    return std::array<float, 4>{-100 * std::hypot(o[0], o[1]), -100 * std::hypot(o[2], o[3]),
                                -100 * std::fabs(o[4]), 10 * (o[6] + o[7])};
  };
  for (int t = 0; t < 45; ++t) {
    const std::array<float, 4> before = potentials();
    const int choice = t % 4;
    const StepResult result = flight.choose(choice);
    ASSERT_FALSE(result.terminated);
    const std::array<float, 4> after = potentials();
    float sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(flight.terms()[i], after[i] - before[i], 1e-4);
    }
    EXPECT_FLOAT_EQ(flight.terms()[kMain], choice == 2 ? -0.3f : 0);
    EXPECT_FLOAT_EQ(flight.terms()[kSide], choice % 2 == 1 ? -0.03f : 0);
    for (const float term : flight.terms()) sum += term;
    EXPECT_NEAR(result.reward, sum, 1e-4);
  }
}

TEST(LunarLander, EachLegThatTouchesPaysTenAndTheRightOneIsFirst) {
  for (const bool is_right : {true, false}) {
    LanderEpisode flight;
    for (int t = 0; t < 20; ++t) flight.choose(0);  // until the legs are where they belong
    place(flight, 10, 4.4, is_right ? -0.3 : 0.3);
    int steps = 0;
    while (flight.obs[6] + flight.obs[7] == 0 && steps++ < 50) {
      ASSERT_FALSE(flight.choose(0).terminated);
    }
    EXPECT_EQ(flight.obs[6], is_right ? 1 : 0);
    EXPECT_EQ(flight.obs[7], is_right ? 0 : 1);
    EXPECT_EQ(flight.terms()[kLegs], 10);
  }
}

TEST(LunarLander, AHullThatTouchesTheGroundPaysMinus100AndNothingElse) {
  for (std::uint64_t level = 0; level < 10; ++level) {
    LanderEpisode flight("LunarLander-v3", {}, level);
    StepResult result;
    int steps = 0;
    while (!result.terminated && steps++ < 200) result = flight.choose(0);
    EXPECT_TRUE(result.terminated);
    EXPECT_EQ(result.reward, -100);
    EXPECT_THAT(flight.terms(), testing::ElementsAre(0, 0, 0, 0, 0, 0, -100, 0));
    EXPECT_EQ(flight.success(), 0);
  }
}

TEST(LunarLander, LeavingTheViewAtASidePaysMinus100) {
  for (const double x : {0.005, 19.995}) {
    LanderEpisode flight;
    for (int t = 0; t < 20; ++t) flight.choose(0);
    place(flight, x, 10, 0);
    std::vector<double> state = flight.state();
    for (std::size_t body = 0; body < 3; ++body) state[6 * body + 3] = x < 10 ? -1 : 1;
    flight.env->set_state(state);
    const StepResult result = flight.choose(0);
    EXPECT_TRUE(result.terminated);
    EXPECT_EQ(result.reward, -100);
    EXPECT_GE(std::fabs(flight.obs[0]), 1);
  }
}

TEST(LunarLander, ComesToRestForPlus100) {
  LanderEpisode flight(kContinuous);
  StepResult result;
  int still = 0, steps = 0;
  while (!result.terminated && steps++ < 1000) {
    float action[2];
    fly(FloatRow(flight.obs), true, MutableActionRow(FloatRow(action, 2)));
    result = flight.throttle(action[0], action[1]);
    const bool is_slow = std::hypot(flight.state()[3], flight.state()[4]) <= 0.01;
    still = is_slow ? still + 1 : 0;
  }
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 100);
  EXPECT_GE(still, 25);  // half a second
  EXPECT_THAT(flight.terms(), testing::ElementsAre(0, 0, 0, 0, 0, 0, 0, 100));
  EXPECT_EQ(flight.success(), 1);
  EXPECT_NEAR(flight.obs[1], 0, 0.02);  // heights are measured from where it stands
}

// What slides is braked by the root of both frictions times what the ground bears: 0.2 of a leg,
// 0.1 of the hull (here on its roof) and 0.1 of the ground.
TEST(LunarLander, LegsAndHullRubOnTheGround) {
  constexpr double kPi = 3.14159265358979323846;
  for (const auto& [angle, height, friction] :
       {std::tuple{0.0, 4.1, std::sqrt(0.2 * 0.1)}, {kPi, 3.9, std::sqrt(0.1 * 0.1)}}) {
    LanderEpisode flight;
    for (int t = 0; t < 20; ++t) flight.choose(0);
    place(flight, 10, height, angle);
    std::vector<double> state = flight.state();
    for (std::size_t body = 0; body < 3; ++body) state[6 * body + 3] = 2;
    flight.env->set_state(state);
    for (int t = 0; t < 15; ++t) flight.choose(0);
    for (int t = 0; t < 5; ++t) {
      const Motion push = push_of(flight, [&] { flight.choose(0); });
      EXPECT_GT(push.y, 0.3 * kMass * 10 * kStep) << "not on the ground, step " << t;
      EXPECT_NEAR(-push.x / push.y, friction, 1e-3) << "angle " << angle << " step " << t;
    }
  }
}

TEST(LunarLander, WindIsASlowFunctionOfItsTimeUntilALegTouches) {
  const ParamValues params = {{"enable_wind", "true", "test"}, {"wind_power", "12", "test"}};
  LanderEpisode flight("LunarLander-v3", params, /*level=*/0, /*seed=*/4);
  const auto gust = [](double time) {
    return std::tanh(std::sin(0.02 * time) + std::sin(0.01 * 3.14159265358979 * time));
  };
  for (int t = 0; t < 30; ++t) {
    const double wind = flight.state()[18], turbulence = flight.state()[19];
    const Motion push = push_of(flight, [&] { flight.choose(0); });
    EXPECT_NEAR(push.x, 12 * gust(wind) * kStep, 3e-4);
    EXPECT_EQ(flight.state()[18], wind + 1);
    EXPECT_EQ(flight.state()[19], turbulence + 1);
  }
  place(flight, 10, 4.2, -0.3);
  for (int t = 0; t < 50 && flight.obs[6] == 0; ++t) flight.choose(0);
  ASSERT_EQ(flight.obs[6], 1);
  const double wind = flight.state()[18];
  flight.choose(0);
  EXPECT_EQ(flight.state()[18], wind);
}

TEST(LunarLander, LevelsDifferAndAllHaveALevelPad) {
  std::set<MoonGround> grounds;
  double sum = 0;
  for (std::uint64_t level = 0; level < 1000; ++level) {
    const MoonGround ground = moon_ground(level);
    grounds.insert(ground);
    for (std::size_t i = 4; i <= 6; ++i) EXPECT_DOUBLE_EQ(ground[i], 0.99 * kPadHeight);
    EXPECT_NE(ground[3], ground[4]);  // a slope leads to the pad
    EXPECT_NE(ground[7], ground[6]);
    for (const double height : ground) {
      EXPECT_GE(height, 0);
      EXPECT_LE(height, 0.99 * kMoonSky / 2);
    }
    for (const std::size_t i : {0, 1, 9, 10}) sum += ground[i] / 4000;  // far from the pad
  }
  EXPECT_NEAR(sum, 0.99 * kMoonSky / 4, 0.1);  // 4 standard errors
  EXPECT_EQ(grounds.size(), 1000u);
}

// Solvable: on each of a hundred levels the pilot lands at the first, second or third attempt.
TEST(LunarLander, LevelsCanBeLandedOn) {
  const auto lands = [](std::uint64_t level, std::uint64_t seed) {
    LanderEpisode flight(kContinuous, {}, level, seed);
    StepResult result;
    for (int t = 0; t < 1000 && !result.terminated; ++t) {
      float action[2];
      fly(FloatRow(flight.obs), true, MutableActionRow(FloatRow(action, 2)));
      result = flight.throttle(action[0], action[1]);
    }
    return flight.success() == 1;
  };
  for (std::uint64_t level = 0; level < 100; ++level) {
    EXPECT_TRUE(lands(level, 0) || lands(level, 1) || lands(level, 2)) << "level " << level;
  }
}

}  // namespace
}  // namespace tern
