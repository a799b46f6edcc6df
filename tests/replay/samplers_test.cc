// Proof: worked examples by hand (sums, weights, n steps, goals), laws (frequencies follow priorities;
// a loaded sampler has the same future), error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "replay/hindsight_sampler.h"
#include "replay/prioritized_sampler.h"
#include "replay/replay_batch.h"
#include "replay/sequence_sampler.h"
#include "replay/sum_tree.h"
#include "replay/uniform_sampler.h"
#include "tests/error_of.h"
#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

EnvSpec counting_env() {
  EnvSpec spec;
  spec.id = "Counting-v0";
  spec.obs.scalar("count", 0, 1e9);
  spec.action = ActionSpace::discrete({"left", "right"});
  return spec;
}

/// One env that shows t, is paid 2^t and ends its episode after the steps of `ends`.
void add_steps(ReplayBuffer& replay, int from, int to, const std::vector<int>& ends = {}) {
  for (int t = from; t < to; ++t) {
    HandStep step(counting_env(), 1);
    const bool ends_here = std::find(ends.begin(), ends.end(), t) != ends.end();
    step.from.batch.obs[0][0] = static_cast<float>(t);
    step.from.actions[0].discrete() = 0;
    step.to.batch.obs[0][0] = static_cast<float>(t + 1);
    step.to.batch.final_obs[0][0] = static_cast<float>(t) + 0.5f;
    step.to.batch.reward[0] = std::ldexp(1.0f, t);
    step.to.batch.terminated[0] = ends_here;
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
}

// ---- Sum tree

TEST(SumTree, FindsWhereAPartialSumIsReached) {
  SumTree tree(5);
  const double values[] = {1, 0, 2.5, 0.5, 3};
  for (std::size_t i = 0; i < 5; ++i) tree.set(i, values[i]);
  EXPECT_EQ(tree.sum(), 7);
  EXPECT_EQ(tree.find(0), 0u);
  EXPECT_EQ(tree.find(0.999), 0u);
  EXPECT_EQ(tree.find(1), 2u);  // 1 has no mass
  EXPECT_EQ(tree.find(3.49), 2u);
  EXPECT_EQ(tree.find(3.5), 3u);
  EXPECT_EQ(tree.find(4), 4u);
  EXPECT_EQ(tree.find(6.999), 4u);
  EXPECT_EQ(tree.find(7), 4u) << "a mass that rounding made too large";
  tree.set(4, 0);
  EXPECT_EQ(tree.sum(), 4);
  EXPECT_EQ(tree.find(3.999), 3u);
}

TEST(SumTree, SumsDependOnTheValuesAlone) {
  SumTree one(100), other(100);
  Rng rng(3, "values");
  std::vector<double> values(100);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < 100; ++i) one.set(i, values[i] = rng.uniform());
  }
  other.set_all(Row<const double>(values));
  EXPECT_EQ(one.sum(), other.sum());
}

// ---- n steps

TEST(UniformSampler, TakesStepsTogetherUpToTheEndOfTheEpisodeAndTheNewestStep) {
  ReplayBuffer replay(counting_env(), room(6, 1));
  add_steps(replay, 0, 8, /*ends=*/{4});  // kept: 2 .. 7; 6 and 7 lie in the slots of 0 and 1
  ReplayBatch batch(counting_env(), 6);
  const ReplayRows& rows = batch.rows();
  {
    const auto reader = replay.read();
    for (std::size_t k = 0; k < 6; ++k) rows.index[k] = reader.slot_of(0, static_cast<int>(k) + 2);
    reader.gather(rows, {/*steps=*/3, /*gamma=*/0.5});
  }
  // r_t = 2^t and gamma = 1/2: each step taken adds 2^t.
  EXPECT_THAT(std::vector<float>(rows.reward.begin(), rows.reward.end()),
              ElementsAre(3 * 4, 2 * 8, 16, 3 * 32, 2 * 64, 128));
  EXPECT_THAT(std::vector<float>(rows.discount.begin(), rows.discount.end()),
              ElementsAre(0.125f, 0.25f, 0.5f, 0.125f, 0.25f, 0.5f));
  EXPECT_THAT(std::vector<int>(rows.terminated.begin(), rows.terminated.end()),
              ElementsAre(1, 1, 1, 0, 0, 0));
  std::vector<float> next;
  for (std::size_t k = 0; k < 6; ++k) next.push_back(rows.next_obs[k][0]);
  EXPECT_THAT(next, ElementsAre(4.5f, 4.5f, 4.5f, 8, 8, 8));
}

// ---- Prioritised

TEST(PrioritizedSampler, WeightsAreThoseOfThePaper) {
  ReplayBuffer replay(counting_env(), room(4, 1));
  add_steps(replay, 0, 4);
  PrioritizedSampler sampler(replay, {/*alpha=*/0.5, /*epsilon=*/0});
  ReplayBatch batch(counting_env(), 2000);
  const ReplayRows& rows = batch.rows();
  Rng rng(1, "samples");
  sampler.sample(replay, 0.4, rng, rows);
  for (const float weight : rows.weight) ASSERT_EQ(weight, 1) << "all are new";
  const std::vector<std::int64_t> slots = {0, 1, 2, 3};
  const std::vector<float> errors = {-1, 4, 9, 16};  // p^alpha = 1, 2, 3, 4
  sampler.update(Row<const std::int64_t>(slots), Row<const float>(errors));
  EXPECT_EQ(sampler.priority(0), 1);
  EXPECT_EQ(sampler.priority(3), 4);
  EXPECT_EQ(sampler.largest(), 16);
  sampler.sample(replay, 0.5, rng, rows);
  // P = p / 10, w = (4 P)^-1/2 over the largest of the batch, which is that of slot 0: sqrt(p0 / p).
  std::vector<int> drawn(4);
  for (std::size_t k = 0; k < 2000; ++k) {
    const auto slot = static_cast<std::size_t>(rows.index[k]);
    ++drawn[slot];
    ASSERT_NEAR(rows.weight[k], std::sqrt(1 / (slot + 1.0)), 1e-6);
  }
  // From 2000 ranges of equal mass: off by at most the ranges that a border cuts.
  for (std::size_t slot = 0; slot < 4; ++slot) EXPECT_NEAR(drawn[slot], 200 * (slot + 1.0), 2);
}

TEST(PrioritizedSampler, NewTransitionsHaveTheLargestPriorityAndOldOnesAreForgotten) {
  ReplayBuffer replay(counting_env(), room(3, 1));
  add_steps(replay, 0, 2);
  PrioritizedSampler sampler(replay, {1, 0});
  ReplayBatch batch(counting_env(), 8);
  Rng rng(1, "samples");
  sampler.sample(replay, 1, rng, batch.rows());
  EXPECT_EQ(sampler.priority(2), 0) << "nothing is there yet";
  const std::vector<std::int64_t> slots = {0, 1};
  const std::vector<float> errors = {5, 0.25f};
  sampler.update(Row<const std::int64_t>(slots), Row<const float>(errors));
  add_steps(replay, 2, 4);  // slot 2, and slot 0 anew
  sampler.sample(replay, 1, rng, batch.rows());
  EXPECT_EQ(sampler.priority(0), 5);
  EXPECT_EQ(sampler.priority(1), 0.25);
  EXPECT_EQ(sampler.priority(2), 5);
}

TEST(PrioritizedSampler, ALoadedOneHasTheSameFuture) {
  ReplayBuffer replay(counting_env(), room(50, 1));
  add_steps(replay, 0, 20);
  PrioritizedSampler sampler(replay), loaded(replay);
  ReplayBatch batch(counting_env(), 16), again(counting_env(), 16);
  Rng rng(1, "samples");
  std::vector<float> errors(16);
  for (int round = 0; round < 30; ++round) {
    sampler.sample(replay, 0.5, rng, batch.rows());
    for (float& error : errors) error = static_cast<float>(rng.normal());
    sampler.update(batch.rows().index, Row<const float>(errors));
  }
  StateWriter out;
  sampler.save(out);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in);
  add_steps(replay, 20, 25);
  Rng same = rng;
  sampler.sample(replay, 0.5, rng, batch.rows());
  loaded.sample(replay, 0.5, same, again.rows());
  EXPECT_TRUE(std::equal(batch.rows().index.begin(), batch.rows().index.end(),
                         again.rows().index.begin()));
  EXPECT_TRUE(std::equal(batch.rows().weight.begin(), batch.rows().weight.end(),
                         again.rows().weight.begin()));
}

TEST(PrioritizedSampler, NamesPrioritiesThatCannotBe) {
  ReplayBuffer replay(counting_env(), room(4, 1));
  PrioritizedSampler sampler(replay, {0.6, /*epsilon=*/0});
  ReplayBatch batch(counting_env(), 2);
  Rng rng(1, "samples");
  EXPECT_THAT(error_of([&] { sampler.sample(replay, 1, rng, batch.rows()); }), HasSubstr("is empty"));
  add_steps(replay, 0, 2);
  sampler.sample(replay, 1, rng, batch.rows());
  const std::vector<std::int64_t> slots = {0, 1};
  const std::vector<float> none = {0, 0}, bad = {1, NAN};
  sampler.update(Row<const std::int64_t>(slots), Row<const float>(none));
  EXPECT_THAT(error_of([&] { sampler.sample(replay, 1, rng, batch.rows()); }),
              HasSubstr("all priorities of the replay buffer are 0"));
  EXPECT_THAT(error_of([&] { sampler.update(Row<const std::int64_t>(slots), Row<const float>(bad)); }),
              HasSubstr("cannot be a priority"));
}

TEST(PrioritizedSampler, RefusesASavedStateThatCannotBe) {
  ReplayBuffer replay(counting_env(), room(4, 1)), emptier(counting_env(), room(4, 1));
  add_steps(replay, 0, 3);
  add_steps(emptier, 0, 2);
  PrioritizedSampler sampler(replay), loaded(replay);
  ReplayBatch batch(counting_env(), 2);
  Rng rng(1, "samples");
  sampler.sample(replay, 1, rng, batch.rows());
  StateWriter out;
  sampler.save(out);
  const std::vector<std::uint8_t> state = out.bytes();
  const auto load = [&](std::size_t at, auto value) {
    std::vector<std::uint8_t> damaged = state;
    std::memcpy(damaged.data() + at, &value, sizeof value);
    StateReader in{Row<const std::uint8_t>(damaged)};
    loaded.load(in);
  };
  // The largest priority (8 bytes), a count (8), the steps known of the env (8), ..
  EXPECT_THAT(error_of([&] { load(0, -1.0); }), HasSubstr("one is negative or not finite"));
  EXPECT_THAT(error_of([&] { load(16, std::int64_t{-1}); }),
              HasSubstr("a number of steps is negative"));
  // .. a count (8), the priority of each slot: the steps known of the env are 3.
  EXPECT_THAT(error_of([&] { load(32 + 3 * 8, 1.0); }),
              HasSubstr("slot 3 has a priority, but no transition"));
  EXPECT_THAT(error_of([&] { load(16, std::int64_t{1}); }), HasSubstr("slot 1 has a priority"));
  load(16, std::int64_t{3});
  EXPECT_THAT(error_of([&] { loaded.sample(emptier, 1, rng, batch.rows()); }),
              HasSubstr("they know 3 steps of env 0, which has stored 2"));
}

// ---- Sequences

TEST(SequenceSampler, DrawsConsecutiveStepsAndSaysWhereEpisodesBegin) {
  ReplayBuffer replay(counting_env(), room(10, 1));
  add_steps(replay, 0, 14, /*ends=*/{6, 9});  // kept: 4 .. 13
  const SequenceSampler sampler(4, {/*steps=*/1, /*gamma=*/0.5});
  ReplayBatch batch(counting_env(), 4 * 200);
  std::vector<std::uint8_t> begins(4 * 200);
  std::vector<std::int32_t> last(4 * 200);
  Rng rng(2, "samples");
  sampler.sample(replay, rng, batch.rows(), {begins, last});
  std::vector<int> starts(20);
  for (std::size_t s = 0; s < 200; ++s) {
    const auto first = static_cast<int>(batch.rows().obs[4 * s][0]);
    ++starts[static_cast<std::size_t>(first)];
    for (int t = 0; t < 4; ++t) {
      const auto row = 4 * s + static_cast<std::size_t>(t);
      ASSERT_EQ(batch.rows().obs[row][0], static_cast<float>(first + t));
      ASSERT_EQ(begins[row], first + t == 7 || first + t == 10);
      ASSERT_EQ(batch.rows().discount[row], 0.5f);
      ASSERT_EQ(last[row], static_cast<std::int32_t>(row));
    }
  }
  for (int t = 0; t < 20; ++t) EXPECT_EQ(starts[static_cast<std::size_t>(t)] > 0, t >= 4 && t <= 10);
}

// r_t = 2^t and gamma = 1/2: each step taken together adds 2^t.
TEST(SequenceSampler, TakesStepsTogetherWithinTheEpisodeAndTheSequence) {
  ReplayBuffer replay(counting_env(), room(5, 1));
  add_steps(replay, 0, 5, /*ends=*/{2});  // a sequence of 5: 0 1 2 | 3 4
  ReplayBatch batch(counting_env(), 5);
  std::vector<std::uint8_t> begins(5);
  std::vector<std::int32_t> last(5);
  Rng rng(2, "samples");
  SequenceSampler(5, {/*steps=*/2, /*gamma=*/0.5}).sample(replay, rng, batch.rows(), {begins, last});
  const ReplayRows& rows = batch.rows();
  EXPECT_THAT(std::vector<float>(rows.reward.begin(), rows.reward.end()),
              ElementsAre(2, 4, 4, 16, 16));
  EXPECT_THAT(std::vector<float>(rows.discount.begin(), rows.discount.end()),
              ElementsAre(0.25f, 0.25f, 0.5f, 0.25f, 0.5f));
  EXPECT_THAT(std::vector<int>(rows.terminated.begin(), rows.terminated.end()),
              ElementsAre(0, 1, 1, 0, 0));
  EXPECT_THAT(last, ElementsAre(1, 2, 2, 4, 4));
  EXPECT_THAT(begins, ElementsAre(1, 0, 0, 1, 0));
  std::vector<float> next;  // of one step each
  for (std::size_t k = 0; k < 5; ++k) next.push_back(rows.next_obs[k][0]);
  EXPECT_THAT(next, ElementsAre(1, 2, 2.5f, 4, 5));
}

TEST(SequenceSampler, RefusesToDrawWhatIsNotThere) {
  ReplayBuffer replay(counting_env(), room(10, 1));
  add_steps(replay, 0, 3);
  ReplayBatch batch(counting_env(), 4);
  std::vector<std::uint8_t> begins(4);
  std::vector<std::int32_t> last(4);
  Rng rng(2, "samples");
  EXPECT_THAT(error_of([&] {
                SequenceSampler(4, {}).sample(replay, rng, batch.rows(), {begins, last});
              }),
              HasSubstr("holds 3 steps of an env, too few for a sequence of 4"));
}

// ---- Hindsight

EnvSpec goal_env() {
  EnvSpec spec;
  spec.id = "Goal-v0";
  spec.obs.scalar("achieved goal", 0, 100).scalar("desired goal", 0, 100);
  spec.action = ActionSpace::discrete({"on"});
  return spec;
}

/// Step t achieves t + 1, wants 50, and ends an episode where told.
void add_goal_steps(ReplayBuffer& replay, int count, const std::vector<int>& ends) {
  for (int t = 0; t < count; ++t) {
    HandStep step(goal_env(), 1);
    for (const ObsRows* rows : {&step.from.batch.obs, &step.to.batch.obs, &step.to.batch.final_obs}) {
      (*rows)[0][0] = static_cast<float>(rows == &step.from.batch.obs ? t : t + 1);
      (*rows)[0][1] = 50;
    }
    step.from.actions[0].discrete() = 0;
    step.to.batch.reward[0] = -1;
    step.to.batch.truncated[0] = std::find(ends.begin(), ends.end(), t) != ends.end();
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
}

float reached(const GoalView& achieved, const GoalView& desired) {
  return achieved[0] == desired[0] ? 0.0f : -1.0f;
}

TEST(HindsightSampler, GoalsComeFromTheSameEpisodeAndRewardsFollow) {
  ReplayBuffer replay(goal_env(), room(20, 1));
  add_goal_steps(replay, 12, /*ends=*/{4, 9});  // episodes 0..4, 5..9, and 10..11 unfinished
  const auto end_of = [](int t) { return t <= 4 ? 4 : t <= 9 ? 9 : 11; };
  const auto start_of = [](int t) { return t <= 4 ? 0 : t <= 9 ? 5 : 10; };
  ReplayBatch batch(goal_env(), 400);
  const ReplayRows& rows = batch.rows();
  for (const auto strategy :
       {HindsightStrategy::kFuture, HindsightStrategy::kFinal, HindsightStrategy::kEpisode}) {
    HindsightSampler sampler(goal_env(), reached, strategy, /*ratio=*/0.75,
                             /*gamma=*/0.5);
    Rng rng(5, "samples");
    sampler.sample(replay, rng, rows);
    int relabelled = 0, rewarded = 0;
    for (std::size_t k = 0; k < 400; ++k) {
      const auto t = static_cast<int>(rows.obs[k][0]);
      const float goal = rows.obs[k][1];
      ASSERT_EQ(rows.next_obs[k][1], goal);
      ASSERT_EQ(rows.discount[k], 0.5f);
      ASSERT_EQ(rows.next_obs[k][0], static_cast<float>(t + 1));
      if (goal == 50) {
        ASSERT_EQ(rows.reward[k], -1);
        continue;
      }
      ++relabelled;
      const int least = strategy == HindsightStrategy::kFuture    ? t
                        : strategy == HindsightStrategy::kEpisode ? start_of(t)
                                                                  : end_of(t);
      ASSERT_GE(goal, static_cast<float>(least + 1));
      ASSERT_LE(goal, static_cast<float>(end_of(t) + 1));
      ASSERT_EQ(rows.reward[k], goal == static_cast<float>(t + 1) ? 0 : -1);
      rewarded += rows.reward[k] == 0 ? 1 : 0;
    }
    EXPECT_NEAR(relabelled, 300, 40);
    EXPECT_GT(rewarded, 20);
  }
}

// A wrapper that scales rewards, or an env that forgot relabel: what was paid is not what relabel
// says.
TEST(HindsightSampler, NamesRewardsThatRelabelDoesNotGive) {
  ReplayBuffer replay(goal_env(), room(20, 1));
  add_goal_steps(replay, 5, /*ends=*/{4});
  ReplayBatch batch(goal_env(), 4);
  const auto forgot = [](const GoalView&, const GoalView&) { return 0.0f; };
  HindsightSampler sampler(goal_env(), forgot, HindsightStrategy::kFuture, 0.8, 1);
  Rng rng(5, "samples");
  EXPECT_THAT(error_of([&] { sampler.sample(replay, rng, batch.rows()); }, ExitCode::kUsage),
              HasSubstr("a step paid -1, and relabel says 0 of its goals"));
}

TEST(HindsightSampler, NamesWhatTheEnvLacks) {
  EnvSpec uneven = goal_env();
  uneven.obs = ObsSpace();
  uneven.obs.vector("achieved goal", 2, 0, 1).scalar("desired goal", 0, 1);
  EXPECT_THAT(error_of([&] {
                HindsightSampler(uneven, reached, HindsightStrategy::kFinal, 0.8, 1);
              }, ExitCode::kUsage),
              HasSubstr("the achieved goal has 2 numbers and the desired one 1"));
  EXPECT_THAT(error_of([&] {
                HindsightSampler(counting_env(), reached, HindsightStrategy::kFinal, 0.8, 1);
              }, ExitCode::kUsage),
              HasSubstr("there is no \"achieved goal\""));
}

}  // namespace
}  // namespace tern
