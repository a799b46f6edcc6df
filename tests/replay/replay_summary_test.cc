// Proof: worked examples by hand.

#include "replay/replay_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::Each;

EnvSpec arrows_env() {
  EnvSpec spec;
  spec.id = "Arrows-v0";
  spec.obs.scalar("count", 0, 1e9);
  spec.action = ActionSpace::discrete({"left", "right"});
  return spec;
}

/// Step t pays t and goes right at every third step; episodes end after `terminates` and `truncates`.
void add_steps(ReplayBuffer& replay, int count, int terminates, int truncates) {
  for (int t = 0; t < count; ++t) {
    HandStep step(arrows_env(), 1);
    step.from.actions[0].discrete() = t % 3 == 0 ? 1 : 0;
    step.to.batch.reward[0] = static_cast<float>(t);
    step.to.batch.terminated[0] = t == terminates;
    step.to.batch.truncated[0] = t == truncates;
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
}

TEST(ReplaySummary, CountsWhatIsStoredAndWholeEpisodesOnly) {
  ReplayBuffer replay(arrows_env(), room(10, 1));
  // Kept are steps 3 to 12: the end of an episode that began before, one of steps 5 to 8, and
  // the beginning of another.
  add_steps(replay, 13, /*terminates=*/4, /*truncates=*/8);
  const ReplaySummary summary = summarize(arrows_env(), replay);
  EXPECT_EQ(summary.size, 10u);
  EXPECT_EQ(summary.capacity, 10u);
  EXPECT_EQ(summary.terminated, 1);
  EXPECT_EQ(summary.truncated, 1);
  EXPECT_EQ(summary.ages.least, 0);
  EXPECT_EQ(summary.ages.mean, 4.5);
  EXPECT_EQ(summary.ages.most, 9);
  EXPECT_THAT(summary.ages.bins, Each(1));
  EXPECT_EQ(summary.rewards.least, 3);
  EXPECT_EQ(summary.rewards.most, 12);
  EXPECT_EQ(summary.returns.count, 1);
  EXPECT_EQ(summary.returns.mean, 5 + 6 + 7 + 8);
  EXPECT_EQ(summary.lengths.mean, 4);
  EXPECT_THAT(summary.lengths.bins, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  ASSERT_EQ(summary.actions.size(), 1u);
  EXPECT_THAT(summary.actions[0].counts, ElementsAre(6, 4));  // right: 3, 6, 9, 12
}

TEST(ReplaySummary, AnEpisodeOfOneEnvIsNoneOfTheNext) {
  ReplayBuffer replay(arrows_env(), room(20, 2));
  for (int t = 0; t < 4; ++t) {
    HandStep step(arrows_env(), 2);
    for (std::size_t i = 0; i < 2; ++i) {
      step.from.actions[i].discrete() = 0;
      step.to.batch.reward[i] = i == 0 ? 1.0f : 10.0f;
      step.to.batch.terminated[i] = i == 1 && t == 2;  // env 0's episode goes on
    }
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
  const ReplaySummary summary = summarize(arrows_env(), replay);
  EXPECT_EQ(summary.returns.count, 1);
  EXPECT_EQ(summary.returns.mean, 30);
}

TEST(ReplaySummary, RealActionsAndNumbersThatAreNotFinite) {
  EnvSpec spec = arrows_env();
  spec.action = ActionSpace::box({ActionSpace::real("force", -1, 1)});
  ReplayBuffer replay(spec, room(8, 1));
  const std::vector<float> forces = {-1, 0.5f, 1, std::numeric_limits<float>::infinity()};
  for (const float force : forces) {
    HandStep step(spec, 1);
    step.from.actions[0][0] = force;
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
  const ReplaySummary summary = summarize(spec, replay);
  const Distribution& force = summary.actions.at(0).values;
  EXPECT_EQ(force.count, 3);
  EXPECT_EQ(force.not_finite, 1);
  EXPECT_THAT(force.bins, ElementsAre(1, 0, 0, 0, 0, 0, 0, 1, 0, 1));  // 0.5 is 7.5 bins up
}

TEST(ReplaySummary, OfAnEmptyBufferIsEmpty) {
  const ReplaySummary summary = summarize(arrows_env(), ReplayBuffer(arrows_env(), room(8, 2)));
  EXPECT_EQ(summary.size, 0u);
  EXPECT_EQ(summary.rewards.count, 0);
  EXPECT_THAT(summary.actions.at(0).counts, ElementsAre(0, 0));
}

}  // namespace
}  // namespace tern
