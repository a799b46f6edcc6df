// BipedalWalker: worked examples by hand (lidar, free fall, motors, rewards, ends), golden texts,
// error texts. On level ground (roughness=0), where geometry is easy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/drawing/text_canvas.h"
#include "envs/physics/walker_terrain.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/spec_text.h"
#include "tests/envs/walker_episode.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf, testing::Ge, testing::Le;
using walker_geometry::posture_of, walker_geometry::rotated;
using Action = WalkerEpisode::Action;

constexpr double kStep = 0.02;  // s
const ParamValues kLevel = {{"roughness", "0", "test"}};
const ParamValues kWeightless = {{"roughness", "0", "test"}, {"gravity", "0", "test"}};

TEST(BipedalWalker, RaysOfTheLidarMeetLevelGroundWhereTheyMust) {
  WalkerEpisode walk(kLevel);
  const float down = walk.obs[14];
  EXPECT_GT(down, 0.4f);
  for (int i = 0; i < 10; ++i) {
    const float expected = std::min(1.0f, down / std::cos(0.15f * static_cast<float>(i)));
    EXPECT_NEAR(walk.obs[static_cast<std::size_t>(14 + i)], expected, 1e-6) << "ray " << i;
  }
  EXPECT_EQ(walk.obs[22], 1);  // 1.2 rad from straight down it would take 1.2 of its reach
}

// Weightless, it drifts towards the first stump of a hardcore level; rays meet the stump's face.
TEST(BipedalWalker, RaysOfTheLidarMeetAnObstacleWhereItStands) {
  WalkerTerrain terrain;
  generate_walker_terrain(0, /*is_hardcore=*/true, 0, terrain);
  const WalkerTerrain::Block& stump = terrain.blocks[0];
  ASSERT_EQ(stump.kind, WalkerTerrain::Kind::kStump);
  WalkerEpisode walk(kWeightless, 0, "BipedalWalkerHardcore-v3");
  int met = 0;
  for (int t = 0; t < 700; ++t) {
    ASSERT_FALSE(walk.step(t < 3 ? Action{1, 0, -1, -1} : Action{}).terminated);
    const double x = 10 * WalkerTerrain::kStep + static_cast<double>(walk.metrics()[1]);
    const double y = static_cast<double>(walk.obs[14]) * walker_geometry::kReach;
    for (int i = 1; i < 10; ++i) {
      const double distance = (stump.left - x) / std::sin(0.15 * i);
      const double height = y - distance * std::cos(0.15 * i);
      const double edge = 0.02;  // of the face, where a ray may just miss it
      if (distance > walker_geometry::kReach || height < edge) continue;
      if (height > stump.top - stump.bottom - edge) continue;
      const auto ray = static_cast<std::size_t>(14 + i);
      EXPECT_NEAR(static_cast<double>(walk.obs[ray]) * walker_geometry::kReach, distance, 0.01);
      ++met;
    }
  }
  EXPECT_GT(met, 100);
}

// What the reference observes first, without its push: that moves these numbers by less than
// 0.0006.
TEST(BipedalWalker, StartsAsInTheReference) {
  for (std::uint64_t level = 0; level < 20; ++level) {
    const WalkerEpisode walk({}, level);
    EXPECT_NEAR(walk.obs[0], 0.002746, 4e-6);
    EXPECT_NEAR(walk.obs[4], 0.092151, 6e-4);
    EXPECT_NEAR(walk.obs[6], 0.860159, 6e-4);
    EXPECT_EQ(walk.obs[8], 1);
    EXPECT_NEAR(walk.obs[9], 0.032558, 6e-4);
    EXPECT_NEAR(walk.obs[11], 0.853706, 6e-4);
    EXPECT_EQ(walk.obs[13], 1);
    EXPECT_NEAR(walk.obs[14], 0.440814, 1e-5);
  }
}

// Before the first step the hull stands two leg lengths above the ground, and hips and knees are
// apart from where the joints want them. Whatever the joints do inside, the centre of mass falls.
TEST(BipedalWalker, TheFirstStepPullsTheLegsToTheHullAndLetsTheWholeFall) {
  namespace geometry = walker_geometry;
  const geometry::Hull hull = geometry::hull();
  const double y = 2 * geometry::kLegLength;
  const double thigh = y - geometry::kLegLength / 2 + geometry::kHipDrop;
  const double shin = thigh - geometry::kLegLength;
  const double mass = hull.mass + 2 * (geometry::kThighMass + geometry::kShinMass);
  const double start = (hull.mass * (y + hull.center.y) + 2 * geometry::kThighMass * thigh +
                        2 * geometry::kShinMass * shin) /
                       mass;
  WalkerEpisode walk(kLevel);
  EXPECT_NEAR(posture_of(walk.obs).center_height, start - 10 * kStep * kStep, 1e-3);
  EXPECT_NEAR(walk.obs[3], -10 * kStep / 12.5, 1e-6);  // the hull falls as fast as the rest
}

// 0.1 s of stretching both knees lifts the walker off; then only gravity acts on its centre of mass.
// A little pull back keeps the joints from their limits, where they would be moved by force.
TEST(BipedalWalker, InTheAirTheCentreOfMassFallsWithGravity) {
  WalkerEpisode walk(kLevel);
  for (int t = 0; t < 7; ++t) walk.step(t < 5 ? Action{0, 1, 0, 1} : Action{0, -1, 0, -1});
  double heights[3] = {0, 0, 0};
  int compared = 0;
  for (int t = 0; t < 22; ++t) {
    ASSERT_FALSE(walk.step({0, 0, 0, 0}).terminated);
    ASSERT_GT(posture_of(walk.obs).lowest_foot, 0.1) << "no longer in the air";
    heights[0] = heights[1];
    heights[1] = heights[2];
    heights[2] = posture_of(walk.obs).center_height;
    if (t < 2) continue;
    const double fall = heights[2] - 2 * heights[1] + heights[0];
    EXPECT_NEAR(fall, -10 * kStep * kStep, 2e-4) << "step " << t;  // joints give way a little
    ++compared;
  }
  EXPECT_EQ(compared, 20);
}

// Weightless and slipping, the legs kick off. All that moves upwards then comes from the ground, and of
// it friction makes sqrt(0.2 * 0.05) = 0.1 backwards: the root of the leg's and of the ground's. The kick
// is one of those in which feet slip one way only: of 528 kicks 188 come this close to 0.1. Most others
// stay below; 22 go beyond it (0.153 for {1, 1, 0, 1}), as with Box2D 2.3 (0.177); perhaps
// because its solver bounds friction by the pressure of the iteration before, which was not tested.
TEST(BipedalWalker, FeetSlipAgainstTheirFriction) {
  WalkerEpisode walk({kWeightless[0], kWeightless[1], {"friction", "0.05", "test"}});
  WalkerTerrain terrain;
  generate_walker_terrain(0, false, 0, terrain);
  for (int t = 0; t < 3; ++t) walk.step({1, -1, 1, 1});
  for (int t = 0; t < 40; ++t) walk.step({0, 0, 0, 0});
  ASSERT_GT(posture_of(walk.obs).lowest_foot, 0.4);
  const walker_geometry::Vec momentum = walker_geometry::momentum_of(walk.obs);
  EXPECT_GT(momentum.y, 5);
  EXPECT_NEAR((momentum.x - terrain.push * kStep) / momentum.y, -0.1, 1e-3);
}

// Weightless and off the ground, with limp joints. The hull's velocity is its centre of mass's, its
// place is its origin's.
TEST(BipedalWalker, SpeedsAreWhatPlacesChangeBy) {
  WalkerEpisode walk(kWeightless);
  for (int t = 0; t < 3; ++t) walk.step({1, 1, 0, 0});
  for (int t = 0; t < 40; ++t) walk.step({0, 0, 0, 0});
  double tilt = static_cast<double>(walk.obs[0]), x = static_cast<double>(walk.metrics()[1]);
  for (int t = 0; t < 40; ++t) {
    walk.step({0, 0, 0, 0});
    const double spin = 25 * static_cast<double>(walk.obs[1]);
    const double height = rotated(walker_geometry::hull().center, tilt).y;
    tilt += spin * kStep;
    x += (25.0 / 3 * static_cast<double>(walk.obs[2]) + spin * height) * kStep;
  }
  EXPECT_NEAR(tilt, static_cast<double>(walk.obs[0]), 0.003);
  EXPECT_NEAR(x, static_cast<double>(walk.metrics()[1]), 0.003);
}

TEST(BipedalWalker, ThePushIsFiveNewtonAtMostAndDiffersFromLevelToLevel) {
  double largest = 0, sum = 0;
  for (std::uint64_t level = 0; level < 200; ++level) {
    const WalkerEpisode walk(kWeightless, level);
    // The joints pass a part of it on to the legs: they are all that is pulled along.
    const double speed = static_cast<double>(walk.obs[2]) * 25 / 3;
    largest = std::max(largest, std::fabs(speed));
    sum += speed;
  }
  const double mass = walker_geometry::hull().mass;
  EXPECT_LE(largest, 5 * kStep / mass + 1e-6);
  EXPECT_GE(largest, 0.9 * 5 * kStep / (mass + 2 * (walker_geometry::kThighMass +
                                                    walker_geometry::kShinMass)));
  EXPECT_NEAR(sum / 200, 0, 0.004);
}

// Weightless and off the ground, motors at full power reach their speeds at once: 4 rad/s at the
// hips, 6 rad/s at the knees, which is what 1 stands for.
TEST(BipedalWalker, MotorsTurnAtTheirSpeedsTheWayTheSignSays) {
  WalkerEpisode walk(kWeightless);
  for (int t = 0; t < 3; ++t) walk.step({-1, -1, -1, -1});
  for (const std::size_t at : {5, 7, 10, 12}) EXPECT_NEAR(walk.obs[at], -1, 1e-3);
  const std::vector<float> before = walk.obs;
  walk.step({-1, -1, -1, -1});
  for (const std::size_t at : {4, 9}) {
    EXPECT_NEAR(walk.obs[at] - before[at], -4 * kStep, 0.006);
    EXPECT_NEAR(walk.obs[at + 2] - before[at + 2], -6 * kStep, 0.009);
  }
  for (int t = 0; t < 3; ++t) walk.step({1, 1, 1, 1});
  for (const std::size_t at : {5, 7, 10, 12}) EXPECT_NEAR(walk.obs[at], 1, 1e-3);
}

// A knee is driven against its inner limit by the hip's swing alone: its own motor would push
// through.
/// What a joint at a limit may be beyond it: Box2D corrects the rest.
constexpr float kAngularSlop = 2.0f / 180 * 3.14159265f;  // rad

TEST(BipedalWalker, JointsStopAtTheirLimits) {
  // Joints that arrive fast overshoot, as in the reference, and are put back to within the slop.
  const auto is_a_little_beyond = AllOf(Ge(-1e-4f), Le(kAngularSlop + 0.002f));
  const auto extreme = [](float hip, float knee) {
    WalkerEpisode walk(kWeightless);
    for (int t = 0; t < 36; ++t) walk.step({hip, knee, hip, knee});
    return walk.obs;
  };
  const std::vector<float> forward = extreme(1, -1), back = extreme(-1, 1), straight = extreme(1, 1);
  for (const std::size_t hip : {4, 9}) {
    EXPECT_THAT(forward[hip] - 1.1f, is_a_little_beyond);
    EXPECT_THAT(-0.8f - back[hip], is_a_little_beyond);
    EXPECT_THAT(-1.6f - (forward[hip + 2] - 1), is_a_little_beyond);
    EXPECT_THAT(straight[hip + 2] - 1 - -0.1f, is_a_little_beyond);
  }
}

TEST(BipedalWalker, TheSizeOfAnActionIsTheShareOfTheTorque) {
  // Against the ground a weak motor cannot do what a strong one does, at the same speed.
  const auto speed = [](float share) {
    WalkerEpisode walk(kWeightless);
    walk.step({share, 0, share, 0});
    return walk.obs[5];
  };
  EXPECT_LT(speed(0.05f), speed(0.2f));
  EXPECT_LT(speed(0.2f), speed(1));
  // A share of a strong motor is a weak motor at full power.
  WalkerEpisode share(kLevel);
  WalkerEpisode weak({{"roughness", "0", "test"}, {"motor_torque", "20", "test"}});
  for (int t = 0; t < 10; ++t) {
    share.step({0.25f, -0.25f, 0.25f, 0.25f});
    weak.step({1, -1, 1, 1});
    EXPECT_EQ(share.obs, weak.obs);
  }
}

TEST(BipedalWalker, ActionsAreClamped) {
  WalkerEpisode inside, outside;
  for (int t = 0; t < 10; ++t) {
    const StepResult one = inside.step({1, -1, 1, -0.5f});
    const StepResult three = outside.step({3, -100, 1, -0.5f});
    EXPECT_EQ(inside.obs, outside.obs);
    EXPECT_EQ(one.reward, three.reward);
  }
}

// 130/30 for a metre, -5 for a radian, -0.00035 x 80 for a motor.
TEST(BipedalWalker, PaysForWayAndTakesForTiltAndTorque) {
  WalkerEpisode walk({}, /*level=*/3);
  for (int t = 0; t < 30; ++t) {
    const float tilt = std::fabs(walk.obs[0]), way = walk.metrics()[1];
    const Action action = {0.5f, -0.25f, t % 2 == 0 ? 1.0f : -1.5f, 0};
    const StepResult result = walk.step(action);
    ASSERT_FALSE(result.terminated);
    const std::array<float, 4> terms = walk.terms();
    EXPECT_NEAR(terms[0], 130.0f / 30 * (walk.metrics()[1] - way), 1e-5);
    EXPECT_NEAR(terms[1], -5 * (std::fabs(walk.obs[0]) - tilt), 1e-5);
    EXPECT_NEAR(terms[2], -0.028f * (0.5f + 0.25f + 1), 1e-6);
    EXPECT_EQ(terms[3], 0);
    EXPECT_NEAR(result.reward, terms[0] + terms[1] + terms[2], 1e-5);
  }
}

TEST(BipedalWalker, AFallPaysMinus100AndNothingElse) {
  for (const char* id : {"BipedalWalker-v3", "BipedalWalkerHardcore-v3"}) {
    WalkerEpisode walk({}, /*level=*/1, id);
    StepResult result;
    int steps = 0;
    while (!result.terminated && steps++ < 300) result = walk.step({0, 0, 0, 0});
    EXPECT_TRUE(result.terminated);
    EXPECT_EQ(result.reward, -100);
    EXPECT_THAT(walk.terms(), testing::ElementsAre(0, 0, 0, -100));
    EXPECT_EQ(walk.metrics()[0], 0);
    EXPECT_LT(walk.obs[14], 0.15f);  // the hull lies on the ground
  }
}

// Weightless, a kick off sends the walker drifting for good.
TEST(BipedalWalker, LeavingToTheLeftIsAFallToo) {
  WalkerEpisode walk(kWeightless);
  StepResult result;
  for (int t = 0; t < 2000 && !result.terminated; ++t) {
    result = walk.step(t < 8 ? Action{0, 0, 0, -1} : t < 16 ? Action{1, 1, -1, -1} : Action{});
  }
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, -100);
  EXPECT_EQ(walk.obs[14], 1);  // below it there is no ground any more
  EXPECT_NEAR(walk.metrics()[1], -10 * 14.0 / 30, 0.05);  // it started 10 pieces from the end
}

TEST(BipedalWalker, BeyondPiece190ItHasArrived) {
  WalkerEpisode walk(kWeightless);
  StepResult result;
  double sum = 0;
  for (int t = 0; t < 20'000 && !result.terminated; ++t) {
    result = walk.step(t < 8 ? Action{1, -1, 0, -1} : t < 16 ? Action{1, 1, -1, 1} : Action{});
    sum += static_cast<double>(result.reward);
  }
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(walk.metrics()[0], 1);
  EXPECT_GT(result.reward, -1);
  EXPECT_NEAR(walk.metrics()[1], 180 * 14.0 / 30, 0.05);
  // The whole way pays 364; it tumbles on, and is charged for every turn; seven motors ran for eight
  // steps.
  const double tilt = static_cast<double>(std::fabs(walk.obs[0]));
  EXPECT_NEAR(sum, 130.0 / 30 * 84 - 5 * tilt - 0.028 * 8 * 7, 0.2);
}

TEST(BipedalWalker, HasTheReferencesSpacesAndLimits) {
  const auto text = [](const std::string& limit) {
    return R"(
hull angle [-3.14159, 3.14159]
hull angular velocity [-5, 5]
horizontal velocity [-5, 5]
vertical velocity [-5, 5]
hip 1 angle [-3.14159, 3.14159]
hip 1 speed [-5, 5]
knee 1 angle [-3.14159, 3.14159]
knee 1 speed [-5, 5]
foot 1 contact [0, 5]
hip 2 angle [-3.14159, 3.14159]
hip 2 speed [-5, 5]
knee 2 angle [-3.14159, 3.14159]
knee 2 speed [-5, 5]
foot 2 contact [0, 5]
lidar [-1, 1] x10
> hip 1 [-1, 1]
> knee 1 [-1, 1]
> hip 2 [-1, 1]
> knee 2 [-1, 1]
= gravity 10 of [0, 30]
= motor_torque 80 of [0, 200]
= friction 2.5 of [0, 10]
= roughness 1 of [0, 3]
)" + limit +
           " steps, 50 a second, solved by 300, 1000000 levels\n";
  };
  EXPECT_EQ(spec_text("BipedalWalker-v3"), text("1600"));
  EXPECT_EQ(spec_text("BipedalWalkerHardcore-v3"), text("2000"));
}

TEST(BipedalWalker, KeysSwingThighsAndShinsApart) {
  const WalkerEpisode walk;
  const auto action_of = [&](std::initializer_list<Key> held) {
    Keys keys;
    for (const Key key : held) keys.press(key);
    Action action = {9, 9, 9, 9};
    EXPECT_TRUE(walk.env->human_action(keys, MutableActionRow(Row<float>(action.data(), 4))));
    return action;
  };
  EXPECT_THAT(action_of({}), testing::ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(action_of({Key::kQ}), testing::ElementsAre(1, 0, -1, 0));
  EXPECT_THAT(action_of({Key::kW, Key::kO}), testing::ElementsAre(-1, 1, 1, -1));
  EXPECT_THAT(action_of({Key::kO, Key::kP}), testing::ElementsAre(0, 0, 0, 0));
}

TEST(BipedalWalker, RefusesWhatIsOutOfRange) {
  EXPECT_THAT(error_of([] { WalkerEpisode({{"gravity", "-1", "test"}}); }, ExitCode::kUsage),
              testing::AllOf(testing::HasSubstr("env.gravity"), testing::HasSubstr("-1")));
  EXPECT_THAT(error_of([] { WalkerEpisode({{"roughnes", "1", "test"}}); }, ExitCode::kUsage),
              testing::HasSubstr("roughness"));
  VecEnv envs(registry().find("BipedalWalker-v3"), {}, {});
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 1);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  buffers.actions[0][2] = NAN;
  EXPECT_THAT(error_of([&] { envs.step(buffers.actions, buffers.batch); }, ExitCode::kUsage),
              testing::AllOf(testing::HasSubstr("BipedalWalker-v3"), testing::HasSubstr("hip 2"),
                             testing::HasSubstr("nan")));
}

}  // namespace
}  // namespace tern
