// Proof: error texts. Who cannot learn the actions of an env is refused before anything else is
// looked at, by a sentence that names who can.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "agents/catalog/catalog.h"
#include "tests/error_of.h"

namespace tern {
namespace {

EnvSpec env_with(const ActionSpace& actions) {
  EnvSpec spec;
  spec.id = "Arm-v0";
  spec.obs.scalar("x", -1, 1);
  spec.action = actions;
  return spec;
}

std::string refused(const std::string& agent, const ActionSpace& actions) {
  const EnvSpec spec = env_with(actions);
  const RunParams run;
  return error_of([&] { check_demand(find_agent(agent), {spec, run, {}, {}}); }, ExitCode::kUsage);
}

void expect_taken(const std::string& agent, const ActionSpace& actions) {
  const EnvSpec spec = env_with(actions);
  const RunParams run;
  EXPECT_NO_THROW(check_demand(find_agent(agent), {spec, run, {}, {}})) << agent;
}

const ActionSpace kDiscrete = ActionSpace::discrete({"a", "b"});
const ActionSpace kBounded = ActionSpace::box({ActionSpace::real("u", -1, 1)});
const ActionSpace kHalfBounded = ActionSpace::box(
    {ActionSpace::real("u", -1, 1),
     ActionSpace::real("v", 0, std::numeric_limits<double>::infinity())});

TEST(LearnedActions, WhoSquashesNeedsBounds) {
  EXPECT_EQ(refused("sac", kHalfBounded),
            "sac needs bounded Box or Discrete actions; Arm-v0 has Box, and 'v' lacks a bound. Use "
            "ppo or a2c, or give it both bounds");
  EXPECT_EQ(refused("td3", kHalfBounded),
            "td3 needs bounded Box actions; Arm-v0 has Box, and 'v' lacks a bound. Use ppo or a2c, "
            "or give it both bounds");
  for (const char* agent : {"ppo", "a2c"}) expect_taken(agent, kHalfBounded);
}

TEST(LearnedActions, OtherKindsAreNamed) {
  EXPECT_EQ(refused("crossq", kDiscrete),
            "crossq needs bounded Box actions; Arm-v0 has Discrete. Use ppo, a2c, dqn or sac");
  EXPECT_EQ(refused("dqn", kBounded),
            "dqn needs Discrete actions; Arm-v0 has Box. Use ppo, a2c, sac, td3, ddpg, tqc or crossq");
  EXPECT_EQ(refused("dqn", ActionSpace::multi_discrete({{"x", {"a", "b"}}, {"y", {"a", "b"}}})),
            "dqn needs Discrete actions; Arm-v0 has MultiDiscrete. Use ppo or a2c");
}

TEST(LearnedActions, WhatFitsIsTaken) {
  for (const char* agent : {"ppo", "a2c", "sac", "td3", "ddpg", "tqc", "crossq"})
    expect_taken(agent, kBounded);
  for (const char* agent : {"ppo", "a2c", "dqn", "sac"}) expect_taken(agent, kDiscrete);
}

}  // namespace
}  // namespace tern
