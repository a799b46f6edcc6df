// Control: worked examples of what the golden traces do not reach.

#include <gtest/gtest.h>

#include <vector>

#include "envs/registry.h"

namespace tern {
namespace {

/// A pendulum in a state, stepped once with a torque.
struct Pendulum {
  Pendulum(const ParamValues& params, double theta, double theta_dot)
      : env(registry().find("Pendulum-v1").make(params)) {
    Rng rng(0, "");
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(obs)));
    env->set_state(std::vector<double>{theta, theta_dot});
  }
  StepResult step(float torque) {
    Rng rng(0, "");
    return env->step(ActionRow(Row<const float>(&torque, 1)), rng, ObsRow(FloatRow(obs)));
  }
  DoubleVec state() const {
    DoubleVec values;
    env->get_state(values);
    return values;
  }
  std::unique_ptr<Env> env;
  std::vector<float> obs = std::vector<float>(3);
};

TEST(PendulumStep, GravityPullsARodByThreeHalvesOfItself) {
  // Horizontal, at rest: acceleration 3 g / (2 l) = 15 rad/s^2, so 0.75 rad/s after 0.05 s.
  Pendulum earth({}, 1.57079632679489661923, 0);
  earth.step(0);
  EXPECT_NEAR(earth.state()[1], 0.75, 1e-12);
  Pendulum moon({{"gravity", "2", "test"}}, 1.57079632679489661923, 0);
  moon.step(0);
  EXPECT_NEAR(moon.state()[1], 0.15, 1e-12);
  Pendulum space({{"gravity", "0", "test"}}, 1.57079632679489661923, 1);
  space.step(0);
  EXPECT_EQ(space.state()[1], 1);
}

TEST(PendulumStep, TheRewardsPartsAreThoseOfTheStateBefore) {
  Pendulum pendulum({}, 2, -3);
  const StepResult result = pendulum.step(-5);  // clamped to -2
  std::vector<float> terms(3);
  pendulum.env->reward_terms(FloatRow(terms));
  EXPECT_FLOAT_EQ(terms[0], -4);
  EXPECT_FLOAT_EQ(terms[1], -0.9f);
  EXPECT_FLOAT_EQ(terms[2], -0.004f);
  EXPECT_FLOAT_EQ(result.reward, -4.904f);
}

TEST(PendulumStep, TheAngleIsWrappedForTheRewardOnly) {
  Pendulum pendulum({}, 4 * 3.14159265358979323846 + 0.5, 0);
  EXPECT_FLOAT_EQ(pendulum.step(0).reward, -0.25f);
  EXPECT_GT(pendulum.state()[0], 12);
}

TEST(CartPoleStep, TheBorderItselfIsStillInside) {
  const auto env = registry().find("CartPole-v1").make({});
  std::vector<float> obs(4);
  Rng rng(0, "");
  const std::int32_t push_right = 1;
  // At rest on 2.4 m the cart has not moved after one explicit Euler step, its speed only has.
  env->set_state(std::vector<double>{2.4, 0, 0, 0});
  EXPECT_FALSE(env->step(ActionRow(Row<const std::int32_t>(&push_right, 1)), rng, ObsRow(FloatRow(obs)))
                   .terminated);
  EXPECT_TRUE(env->step(ActionRow(Row<const std::int32_t>(&push_right, 1)), rng, ObsRow(FloatRow(obs)))
                  .terminated);
}

}  // namespace
}  // namespace tern
