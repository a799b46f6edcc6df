// Control: worked examples, by hand, of clamps, walls, wrap-arounds, goals and parameters, which the
// golden traces do not reach or do not explain; and the error texts of parameters out of range.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "envs/control/ranges.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

/// An env in a documented state, to be stepped.
struct StartedEnv {
  StartedEnv(const std::string& id, const ParamValues& params, const DoubleVec& start)
      : env(registry().find(id).make(params)), obs(env->spec().obs.size()) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, row());
    env->set_state(start);
  }
  ObsRow row() { return ObsRow(FloatRow(obs)); }
  StepResult push(float action) {
    return env->step(ActionRow(Row<const float>(&action, 1)), rng, row());
  }
  StepResult choose(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, row());
  }
  double state(std::size_t k) const {
    DoubleVec values;
    env->get_state(values);
    return values.at(k);
  }
  std::vector<float> reward_terms() const {
    std::vector<float> terms(env->spec().reward_terms.size());
    env->reward_terms(FloatRow(terms));
    return terms;
  }
  bool has_succeeded() const {
    float success = 0;
    env->metrics(FloatRow(&success, 1));
    return success == 1;
  }
  Rng rng{0, ""};
  std::unique_ptr<Env> env;
  std::vector<float> obs;
};

ParamValue param(const std::string& key, const std::string& text) { return {key, text, "test"}; }

// What reset draws, from where to where.
struct Draw {
  std::string id;
  std::size_t field;
  double low, high;
};

class Starts : public testing::TestWithParam<Draw> {};

TEST_P(Starts, FillTheirRangeAndStayInIt) {
  const Draw& draw = GetParam();
  const std::unique_ptr<Env> env = registry().find(draw.id).make({});
  std::vector<float> obs(env->spec().obs.size());
  Rng rng(1, "starts");
  double least = draw.high, most = draw.low;
  for (int i = 0; i < 2000; ++i) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(obs)));
    DoubleVec values;
    env->get_state(values);
    least = std::min(least, values[draw.field]);
    most = std::max(most, values[draw.field]);
  }
  const double slack = 0.01 * (draw.high - draw.low);
  EXPECT_GE(least, draw.low - 1e-8);  // Acrobot's are rounded to float32
  EXPECT_LE(most, draw.high + 1e-8);
  EXPECT_LE(least, draw.low + slack);
  EXPECT_GE(most, draw.high - slack);
}

INSTANTIATE_TEST_SUITE_P(
    Control, Starts,
    testing::Values(Draw{"CartPole-v1", 0, -0.05, 0.05}, Draw{"CartPole-v1", 1, -0.05, 0.05},
                    Draw{"CartPole-v1", 2, -0.05, 0.05}, Draw{"CartPole-v1", 3, -0.05, 0.05},
                    Draw{"MountainCar-v0", 0, -0.6, -0.4}, Draw{"MountainCar-v0", 1, 0, 0},
                    Draw{"MountainCarContinuous-v0", 0, -0.6, -0.4},
                    Draw{"MountainCarContinuous-v0", 1, 0, 0}, Draw{"Pendulum-v1", 0, -kPi, kPi},
                    Draw{"Pendulum-v1", 1, -1, 1}, Draw{"Acrobot-v1", 0, -0.1, 0.1},
                    Draw{"Acrobot-v1", 1, -0.1, 0.1}, Draw{"Acrobot-v1", 2, -0.1, 0.1},
                    Draw{"Acrobot-v1", 3, -0.1, 0.1}));

TEST(AcrobotStart, IsAFloat32) {
  const StartedEnv acrobot("Acrobot-v1", {}, {0, 0, 0, 0});
  Rng rng(2, "starts");
  std::vector<float> obs(6);
  for (int i = 0; i < 100; ++i) {
    ResetContext ctx{rng, 0};
    acrobot.env->reset(ctx, ObsRow(FloatRow(obs)));
    for (std::size_t k = 0; k < 4; ++k) {
      ASSERT_EQ(acrobot.state(k), static_cast<double>(static_cast<float>(acrobot.state(k))));
    }
  }
}

TEST(Ranges, AWrappedAngleLiesInTheHalfOpenTurn) {
  EXPECT_EQ(wrapped(0), 0);
  EXPECT_EQ(wrapped(kPi), -kPi);
  EXPECT_EQ(wrapped(-kPi), -kPi);
  EXPECT_NEAR(wrapped(kPi + 1), 1 - kPi, 1e-15);
  EXPECT_NEAR(wrapped(-kPi - 1), kPi - 1, 1e-15);
  EXPECT_NEAR(wrapped(200 * kPi + 2), 2, 1e-12);
  EXPECT_NEAR(wrapped(-201 * kPi + 2), 2 - kPi, 1e-12);
}

TEST(Ranges, AngleWrappedWithBothEndsKeepsThem) {
  EXPECT_EQ(wrapped_with_both_ends(kPi), kPi);
  EXPECT_EQ(wrapped_with_both_ends(-kPi), -kPi);
  EXPECT_EQ(wrapped_with_both_ends(3.0), 3.0);
  const double beyond = std::nextafter(kPi, 4);
  EXPECT_EQ(wrapped_with_both_ends(beyond), beyond - 2 * kPi);
  EXPECT_EQ(wrapped_with_both_ends(-beyond), 2 * kPi - beyond);
  EXPECT_NEAR(wrapped_with_both_ends(4 * kPi + 1), 1, 1e-14);
  EXPECT_NEAR(wrapped_with_both_ends(-6 * kPi - 1), -1, 1e-14);
  Rng rng(0, "angles");
  for (int i = 0; i < 10'000; ++i) {
    const double angle = rng.uniform(-20, 20);
    ASSERT_LE(std::fabs(wrapped_with_both_ends(angle)), kPi) << angle;
    ASSERT_NEAR(std::cos(wrapped_with_both_ends(angle)), std::cos(angle), 1e-14) << angle;
  }
}

TEST(Ranges, ClampedKeepsWhatIsInside) {
  EXPECT_EQ(clamped(0.5, 1), 0.5);
  EXPECT_EQ(clamped(-2, 1), -1);
  EXPECT_EQ(clamped(2, 1), 1);
  EXPECT_EQ(clamped(-3, -2, 5), -2);
  EXPECT_EQ(clamped(6, -2, 5), 5);
}

TEST(PendulumStep, GravityPullsARodByThreeHalvesOfItself) {
  // Horizontal, at rest: acceleration 3 g / (2 l) = 15 rad/s^2, so 0.75 rad/s after 0.05 s.
  StartedEnv earth("Pendulum-v1", {}, {kPi / 2, 0});
  earth.push(0);
  EXPECT_NEAR(earth.state(1), 0.75, 1e-12);
  StartedEnv moon("Pendulum-v1", {param("gravity", "2")}, {kPi / 2, 0});
  moon.push(0);
  EXPECT_NEAR(moon.state(1), 0.15, 1e-12);
  StartedEnv space("Pendulum-v1", {param("gravity", "0")}, {kPi / 2, 1});
  space.push(0);
  EXPECT_EQ(space.state(1), 1);
}

TEST(PendulumStep, TheRewardsPartsAreThoseOfTheStateBefore) {
  StartedEnv pendulum("Pendulum-v1", {}, {2, -3});
  const StepResult result = pendulum.push(-5);  // clamped to -2
  EXPECT_FLOAT_EQ(pendulum.reward_terms()[0], -4);
  EXPECT_FLOAT_EQ(pendulum.reward_terms()[1], -0.9f);
  EXPECT_FLOAT_EQ(pendulum.reward_terms()[2], -0.004f);
  EXPECT_FLOAT_EQ(result.reward, -4.904f);
}

TEST(PendulumStep, TheSpeedIsClampedBeforeTheAngleMoves) {
  // 7.9 rad/s and 15 rad/s^2 for 0.05 s would be 8.65; the angle moves by 0.05 * 8.
  StartedEnv pendulum("Pendulum-v1", {}, {kPi / 2, 7.9});
  pendulum.push(0);
  EXPECT_EQ(pendulum.state(1), 8);
  EXPECT_NEAR(pendulum.state(0), kPi / 2 + 0.4, 1e-12);
  StartedEnv other("Pendulum-v1", {}, {-kPi / 2, -7.9});
  other.push(0);
  EXPECT_EQ(other.state(1), -8);
}

TEST(PendulumStep, TheAngleIsWrappedForTheRewardOnly) {
  StartedEnv pendulum("Pendulum-v1", {}, {4 * kPi + 0.5, 0});
  EXPECT_FLOAT_EQ(pendulum.push(0).reward, -0.25f);
  EXPECT_GT(pendulum.state(0), 12);
}

TEST(CartPoleStep, TheBorderItselfIsStillInside) {
  // At rest on 2.4 m the cart has not moved after one explicit Euler step, its speed only has.
  for (const double side : {1, -1}) {
    StartedEnv cart("CartPole-v1", {}, {2.4 * side, 0, 0, 0});
    const std::int32_t outwards = side > 0 ? 1 : 0;
    EXPECT_FALSE(cart.choose(outwards).terminated);
    EXPECT_TRUE(cart.choose(outwards).terminated);
  }
}

TEST(CartPoleStep, TwelveDegreesAreStillInside) {
  const double limit = 12 * 2 * kPi / 360;
  for (const double side : {1, -1}) {
    // The angle after one explicit Euler step depends on the velocity before it only.
    EXPECT_FALSE(StartedEnv("CartPole-v1", {}, {0, 0, limit * side, 0}).choose(0).terminated);
    EXPECT_TRUE(StartedEnv("CartPole-v1", {}, {0, 0, limit * side, 1e-9 * side}).choose(0).terminated);
  }
}

TEST(CartPoleStep, ThePushIsTheParametersForce) {
  // Upright and at rest: push = F / 1.1; the pole's acceleration -push / (0.5 (4/3 - 0.1/1.1));
  // the cart's push - 0.05 acceleration / 1.1.
  for (const double force : {10.0, 3.0}) {
    StartedEnv cart("CartPole-v1", {param("force", force == 10 ? "10" : "3")}, {0, 0, 0, 0});
    cart.choose(1);
    const double push = force / 1.1;
    const double pole = -push / (0.5 * (4.0 / 3 - 0.1 / 1.1));
    EXPECT_NEAR(cart.state(3), 0.02 * pole, 1e-12);
    EXPECT_NEAR(cart.state(1), 0.02 * (push - 0.05 * pole / 1.1), 1e-12);
  }
}

TEST(CartPoleStep, WithoutGravityALeaningPoleStays) {
  StartedEnv cart("CartPole-v1", {param("gravity", "0"), param("force", "0")}, {0, 0, 0.1, 0});
  cart.choose(0);
  EXPECT_EQ(cart.state(3), 0);
}

TEST(CartPoleStep, SuttonAndBartoPayForTheFallOnly) {
  const ParamValues params = {param("sutton_barto_reward", "true")};
  StartedEnv standing("CartPole-v1", params, {0, 0, 0, 0}), falling("CartPole-v1", params, {3, 0, 0, 0});
  EXPECT_EQ(standing.choose(1).reward, 0);
  EXPECT_EQ(falling.choose(1).reward, -1);
  EXPECT_EQ(StartedEnv("CartPole-v1", {}, {3, 0, 0, 0}).choose(1).reward, 1);
}

TEST(MountainCarStep, OnTheSlopeAtZeroGravityTakesItsAll) {
  // cos(3 * 0) = 1: coasting loses 0.0025, a push to either side adds or takes 0.001.
  const double expected[] = {-0.0035, -0.0025, -0.0015};
  for (std::int32_t action = 0; action < 3; ++action) {
    StartedEnv car("MountainCar-v0", {}, {0, 0});
    const StepResult result = car.choose(action);
    EXPECT_NEAR(car.state(1), expected[action], 1e-15);
    EXPECT_EQ(car.state(0), car.state(1));  // it moved with its new velocity
    EXPECT_EQ(result.reward, -1);
  }
}

TEST(MountainCarStep, ForceAndGravityAreParameters) {
  StartedEnv car("MountainCar-v0", {param("force", "0.004"), param("gravity", "0.001")}, {0, 0});
  car.choose(2);
  EXPECT_NEAR(car.state(1), 0.003, 1e-15);
}

TEST(MountainCarStep, TheSpeedIsClampedBeforeTheCarMoves) {
  // At -pi/6 the ground is level: 0.0695 + 0.001 would be 0.0705.
  StartedEnv level("MountainCar-v0", {}, {-kPi / 6, -0.0695});
  level.choose(0);
  EXPECT_EQ(level.state(1), -0.07);
  EXPECT_NEAR(level.state(0), -kPi / 6 - 0.07, 1e-15);
  StartedEnv other("MountainCar-v0", {}, {-kPi / 6, 0.0695});
  other.choose(2);
  EXPECT_EQ(other.state(1), 0.07);
}

TEST(MountainCarStep, TheLeftWallTakesTheVelocityAndTheRightEndDoesNot) {
  StartedEnv left("MountainCar-v0", {}, {-1.19, -0.07});
  EXPECT_FALSE(left.choose(0).terminated);
  EXPECT_EQ(left.state(0), -1.2);
  EXPECT_EQ(left.state(1), 0);
  StartedEnv right("MountainCar-v0", {}, {0.58, 0.07});
  EXPECT_TRUE(right.choose(2).terminated);
  EXPECT_EQ(right.state(0), 0.6);
  EXPECT_GT(right.state(1), 0.06);
}

TEST(MountainCarStep, ACarThatLeavesTheWallKeepsItsVelocity) {
  // cos(-3.6) is negative: at the wall gravity pulls to the right.
  StartedEnv car("MountainCar-v0", {}, {-1.2, 0});
  car.choose(2);
  EXPECT_NEAR(car.state(1), 0.001 - 0.0025 * std::cos(-3.6), 1e-15);
}

TEST(MountainCarStep, RollingBackOverTheFlagIsNoArrival) {
  StartedEnv back("MountainCar-v0", {}, {0.55, -0.01});
  EXPECT_FALSE(back.choose(1).terminated);
  EXPECT_GT(back.state(0), 0.5);
  EXPECT_FALSE(back.has_succeeded());
  // Without gravity the flag itself is reached exactly, at rest: that is enough.
  StartedEnv at("MountainCar-v0", {param("gravity", "0")}, {0.5, 0});
  EXPECT_TRUE(at.choose(1).terminated);
  EXPECT_TRUE(at.has_succeeded());
  StartedEnv before("MountainCar-v0", {param("gravity", "0")}, {std::nextafter(0.5, 0), 0});
  EXPECT_FALSE(before.choose(1).terminated);
}

TEST(MountainCarStep, TheGoalsVelocityIsAParameter) {
  const ParamValues fast = {param("goal_velocity", "0.03"), param("gravity", "0")};
  EXPECT_FALSE(StartedEnv("MountainCar-v0", fast, {0.5, 0.029}).choose(1).terminated);
  EXPECT_TRUE(StartedEnv("MountainCar-v0", fast, {0.5, 0.03}).choose(1).terminated);
}

TEST(MountainCarContinuousStep, TheForceIsClampedAndItsCostIsNot) {
  StartedEnv half("MountainCarContinuous-v0", {}, {0, 0});
  EXPECT_FLOAT_EQ(half.push(0.5f).reward, -0.025f);
  EXPECT_EQ(half.state(1), static_cast<double>(static_cast<float>(0.00075 - 0.0025)));
  StartedEnv much("MountainCarContinuous-v0", {}, {0, 0});
  EXPECT_FLOAT_EQ(much.push(3).reward, -0.9f);
  EXPECT_EQ(much.state(1), static_cast<double>(static_cast<float>(0.0015 - 0.0025)));
  StartedEnv back("MountainCarContinuous-v0", {}, {0, 0});
  EXPECT_FLOAT_EQ(back.push(-3).reward, -0.9f);
  EXPECT_EQ(back.state(1), static_cast<double>(static_cast<float>(-0.0015 - 0.0025)));
}

TEST(MountainCarContinuousStep, PowerAndGravityAreParameters) {
  StartedEnv car("MountainCarContinuous-v0", {param("power", "0.004"), param("gravity", "0.001")},
            {0, 0});
  car.push(1);
  EXPECT_NEAR(car.state(1), 0.003, 1e-9);
}

TEST(MountainCarContinuousStep, ArrivingPaysAHundred) {
  StartedEnv car("MountainCarContinuous-v0", {}, {0.44, 0.07});
  const StepResult result = car.push(-1);
  EXPECT_TRUE(result.terminated);
  EXPECT_FLOAT_EQ(result.reward, 99.9f);
  EXPECT_FLOAT_EQ(car.reward_terms()[0], 100);
  EXPECT_FLOAT_EQ(car.reward_terms()[1], -0.1f);
  EXPECT_TRUE(car.has_succeeded());
  StartedEnv on_its_way("MountainCarContinuous-v0", {}, {0, 0});
  on_its_way.push(1);
  EXPECT_FLOAT_EQ(on_its_way.reward_terms()[0], 0);
  EXPECT_FALSE(on_its_way.has_succeeded());
}

TEST(MountainCarContinuousStep, WhetherItArrivesIsSeenBeforeTheRounding) {
  // 0.40 + 0.05 reaches 0.45, whose float32 is a little less.
  StartedEnv car("MountainCarContinuous-v0", {param("gravity", "0")}, {0.40, 0.05});
  EXPECT_TRUE(car.push(0).terminated);
  EXPECT_LT(car.state(0), 0.45);
}

TEST(MountainCarContinuousStep, ClampsAndWallAreMountainCars) {
  StartedEnv fast("MountainCarContinuous-v0", {}, {-kPi / 6, 0.0695});
  fast.push(1);
  EXPECT_EQ(fast.state(1), static_cast<double>(0.07f));
  StartedEnv slow("MountainCarContinuous-v0", {}, {-kPi / 6, -0.0695});
  slow.push(-1);
  EXPECT_EQ(slow.state(1), static_cast<double>(-0.07f));
  StartedEnv left("MountainCarContinuous-v0", {}, {-1.19, -0.07});
  left.push(-1);
  EXPECT_EQ(left.state(0), static_cast<double>(-1.2f));
  EXPECT_EQ(left.state(1), 0);
  StartedEnv right("MountainCarContinuous-v0", {}, {0.58, 0.07});
  right.push(1);
  EXPECT_EQ(right.state(0), static_cast<double>(0.6f));
}

TEST(MountainCarContinuousStep, TheGoalsVelocityIsAParameter) {
  const ParamValues fast = {param("goal_velocity", "0.03"), param("gravity", "0")};
  EXPECT_FALSE(StartedEnv("MountainCarContinuous-v0", fast, {0.5, 0.029}).push(0).terminated);
  EXPECT_TRUE(StartedEnv("MountainCarContinuous-v0", fast, {0.5, 0.03}).push(0).terminated);
}

TEST(AcrobotStep, HangingAtRestItStays) {
  StartedEnv acrobot("Acrobot-v1", {}, {0, 0, 0, 0});
  const StepResult result = acrobot.choose(1);
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(acrobot.state(k), 0, 1e-15);
  EXPECT_EQ(result.reward, -1);
  EXPECT_FALSE(result.terminated);
  EXPECT_FALSE(acrobot.has_succeeded());
}

TEST(AcrobotStep, ASmallPushFollowsTheLinearisedEquations) {
  // Hanging straight: d1 = 4.5, d2 = 1.75, and the second link's inertia is 1.25 - 1.75^2/4.5. A
  // torque of 1e-3 turns it with 1e-3/0.5694 rad/s^2 at first; gravity takes some of that within
  // 0.2 s: to second order the angle is half of acceleration times time squared.
  StartedEnv acrobot("Acrobot-v1", {param("torque", "0.001")}, {0, 0, 0, 0});
  acrobot.choose(2);
  const double acceleration2 = 1e-3 / (1.25 - 1.75 * 1.75 / 4.5);
  const double acceleration1 = -1.75 * acceleration2 / 4.5;
  EXPECT_NEAR(acrobot.state(1), acceleration2 * 0.02, 0.03 * acceleration2 * 0.02);
  EXPECT_NEAR(acrobot.state(0), acceleration1 * 0.02, 0.04 * -acceleration1 * 0.02);
  StartedEnv against("Acrobot-v1", {param("torque", "0.001")}, {0, 0, 0, 0});
  against.choose(0);
  EXPECT_NEAR(against.state(1), -acrobot.state(1), 1e-15);
}

TEST(AcrobotStep, AnglesAreBroughtIntoATurnAndVelocitiesClamped) {
  StartedEnv fast("Acrobot-v1", {}, {3.1, -3.1, 4 * kPi, -9 * kPi});
  fast.choose(1);
  for (const std::size_t k : {0, 1}) EXPECT_LE(std::fabs(fast.state(k)), kPi);
  EXPECT_LE(std::fabs(fast.state(2)), 4 * kPi);
  EXPECT_LE(std::fabs(fast.state(3)), 9 * kPi);
  StartedEnv faster("Acrobot-v1", {}, {0, 0, 100, 200});
  faster.choose(1);
  EXPECT_EQ(std::fabs(faster.state(2)), 4 * kPi);
  EXPECT_EQ(std::fabs(faster.state(3)), 9 * kPi);
}

TEST(AcrobotStep, AWholeTurnMoreChangesNothing) {
  StartedEnv one("Acrobot-v1", {}, {1, 2, 0.5, -0.5});
  StartedEnv turned("Acrobot-v1", {}, {1 + 2 * kPi, 2 - 2 * kPi, 0.5, -0.5});
  one.choose(2);
  turned.choose(2);
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(one.state(k), turned.state(k), 1e-12);
}

TEST(AcrobotStep, TheStepThatArrivesCostsNothing) {
  // Upright and at rest the tip is 2 m above the hinge, and stays there for a step.
  StartedEnv up("Acrobot-v1", {}, {kPi, 0, 0, 0});
  const StepResult result = up.choose(1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_TRUE(up.has_succeeded());
}

TEST(AcrobotStep, TheEquationsOfThePaperLackOneTerm) {
  // m2 l1 c2 w1^2 sin(theta2), so they agree where the first link is at rest or the second straight.
  const ParamValues nips = {param("nips_dynamics", "true")};
  const auto distance = [&](const DoubleVec& start) {
    StartedEnv book("Acrobot-v1", {}, start), paper("Acrobot-v1", nips, start);
    book.choose(1);
    paper.choose(1);
    return std::fabs(book.state(3) - paper.state(3));
  };
  EXPECT_NEAR(distance({0, 0, 0, 0}), 0, 1e-15);
  EXPECT_GT(distance({0, 1, 2, 0}), 0.1);
}

struct BadParam {
  std::string id, key, text, message;
};

class BadParams : public testing::TestWithParam<BadParam> {};

TEST_P(BadParams, AreRefusedWithTheirRange) {
  const BadParam& bad = GetParam();
  EXPECT_EQ(error_of([&] { registry().find(bad.id).make({param(bad.key, bad.text)}); },
                     ExitCode::kUsage),
            std::string(bad.message) + " (" + bad.id + ")");
}

INSTANTIATE_TEST_SUITE_P(
    Control, BadParams,
    testing::Values(
        BadParam{"CartPole-v1", "gravity", "-1",
                 "test: env.gravity: -1 is out of range; expected [0, 100]"},
        BadParam{"CartPole-v1", "force", "1e4",
                 "test: env.force: 10000 is out of range; expected [0, 50]"},
        BadParam{"CartPole-v1", "sutton_barto_reward", "2",
                 "test: env.sutton_barto_reward: '2' is not true or false"},
        BadParam{"MountainCar-v0", "force", "0.02",
                 "test: env.force: 0.02 is out of range; expected [0, 0.01]"},
        BadParam{"MountainCar-v0", "gravity", "9.8",
                 "test: env.gravity: 9.8 is out of range; expected [0, 0.01]"},
        BadParam{"MountainCar-v0", "goal_velocity", "0.08",
                 "test: env.goal_velocity: 0.08 is out of range; expected [0, 0.07]"},
        BadParam{"MountainCarContinuous-v0", "power", "nan",
                 "test: env.power: 'nan' is not a number"},
        BadParam{"MountainCarContinuous-v0", "power", "0.0101",
                 "test: env.power: 0.0101 is out of range; expected [0, 0.01]"},
        BadParam{"MountainCarContinuous-v0", "goal_velocity", "1",
                 "test: env.goal_velocity: 1 is out of range; expected [0, 0.07]"},
        BadParam{"MountainCarContinuous-v0", "gravity", "-0.1",
                 "test: env.gravity: -0.1 is out of range; expected [0, 0.01]"},
        BadParam{"Pendulum-v1", "gravity", "101",
                 "test: env.gravity: 101 is out of range; expected [0, 100]"},
        BadParam{"Acrobot-v1", "torque", "11",
                 "test: env.torque: 11 is out of range; expected [0, 10]"}));

}  // namespace
}  // namespace tern
