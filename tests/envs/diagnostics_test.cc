// DeepSea, MemoryChain, BitFlip, Bandit: worked examples of their rules, oracle values, golden texts,
// error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/value_iteration.h"
#include "tests/error_of.h"

namespace tern {
namespace {

/// An env in an episode.
struct Episode {
  explicit Episode(const std::string& id, const ParamValues& params = {}, std::uint64_t seed = 0,
                   std::uint64_t level = 0)
      : rng(seed, "episode"), env(registry().find(id).make(params)), obs(env->spec().obs.size()) {
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(FloatRow(obs)));
  }
  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, ObsRow(FloatRow(obs)));
  }
  std::vector<float> metrics() const {
    std::vector<float> values(env->spec().metrics.size());
    env->metrics(FloatRow(values));
    return values;
  }
  std::string text(int columns, int rows) const {
    TextCanvas canvas(columns, rows);
    env->draw(canvas);
    return "\n" + canvas.str();
  }

  Rng rng;
  std::unique_ptr<Env> env;
  std::vector<float> obs;
};

/// The action that moves the diver of DeepSea to the right: the key for that is asked.
int right_in(const Episode& sea) {
  Keys keys;
  keys.press(Key::kRight);
  std::int32_t action = -1;
  EXPECT_TRUE(sea.env->human_action(keys, MutableActionRow(Row<std::int32_t>(&action, 1))));
  return action;
}

TEST(DeepSea, GoingRightEveryTimePaysPoint99) {
  for (const char* size : {"2", "10", "33"}) {
    Episode sea("DeepSea-v0", {{"size", size, "test"}});
    double sum = 0;
    int steps = 0;
    StepResult result;
    while (!result.terminated) {
      result = sea.step(right_in(sea));
      sum += static_cast<double>(result.reward);
      ++steps;
    }
    EXPECT_EQ(steps, std::stoi(size));
    EXPECT_NEAR(sum, 0.99, 1e-6);
    EXPECT_EQ(sea.metrics()[0], 1);
    EXPECT_THAT(sea.obs, testing::Each(0.0f));  // below the bottom there is nothing
  }
}

TEST(DeepSea, OneStepToTheLeftLosesTheTreasure) {
  Episode sea("DeepSea-v0", {{"size", "4", "test"}});
  double sum = 0;
  for (int t = 0; t < 4; ++t) {
    const int right = right_in(sea);
    sum += static_cast<double>(sea.step(t == 1 ? 1 - right : right).reward);
  }
  EXPECT_NEAR(sum, -3 * 0.01 / 4, 1e-7);
  EXPECT_EQ(sea.metrics()[0], 0);
}

TEST(DeepSea, TheTablesBestValueIsPoint99) {
  Episode sea("DeepSea-v0");
  TransitionTable table;
  ASSERT_TRUE(sea.env->transitions(table));
  EXPECT_NEAR(solve_transitions(table, 1).values[0], 0.99, 1e-12);
}

TEST(DeepSea, TheMeaningsOfTheActionsDifferFromCellToCellAndStayTheSame) {
  const auto meanings = [](const ParamValues& params, std::uint64_t level) {
    Episode sea("DeepSea-v0", params, 0, level);
    std::vector<int> all;
    for (int row = 0; row < 10; ++row) {
      for (int column = 0; column < 10; ++column) {
        sea.env->set_state(std::vector<double>{1.0 * row, 1.0 * column});
        all.push_back(right_in(sea));
      }
    }
    return all;
  };
  const std::vector<int> first = meanings({}, 0);
  EXPECT_THAT(first, testing::Contains(0));
  EXPECT_THAT(first, testing::Contains(1));
  EXPECT_EQ(meanings({}, 5), first);  // levels do not count
  EXPECT_NE(meanings({{"mapping_seed", "1", ""}}, 0), first);
  std::set<std::vector<int>> by_level;
  for (std::uint64_t level = 0; level < 100; ++level) {
    by_level.insert(meanings({{"mapping", "level", ""}}, level));
  }
  EXPECT_EQ(by_level.size(), 100u);
}

TEST(DeepSea, LooksLikeThis) {
  Episode sea("DeepSea-v0", {{"size", "4", "test"}});
  sea.step(right_in(sea));
  sea.step(1 - right_in(sea));
  EXPECT_EQ(sea.obs[2 * 4 + 0], 1);
  EXPECT_EQ(sea.text(8, 4), R"(
.
. .
@ . .
. . . G
)");
}

TEST(DeepSea, AStateOutsideTheSeaIsRefused) {
  Episode sea("DeepSea-v0");
  EXPECT_EQ(error_of([&] { sea.env->set_state(std::vector<double>{0, 10}); }, ExitCode::kUsage),
            "DeepSea-v0: there is no row or column 10; expected 0 to 9");
}

TEST(MemoryChain, ShowsTheContextOnceAndAsksAtTheEnd) {
  const ParamValues params = {{"length", "4", "test"}, {"bits", "3", "test"}};
  std::set<std::vector<float>> contexts;
  std::set<std::size_t> asked;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Episode chain("MemoryChain-v0", params, seed);
    EXPECT_EQ(chain.obs[0], 1);
    EXPECT_THAT(std::vector<float>(chain.obs.begin() + 1, chain.obs.begin() + 4),
                testing::Each(0.0f));
    const std::vector<float> context(chain.obs.begin() + 4, chain.obs.end());
    contexts.insert(context);
    for (int t = 1; t < 4; ++t) {
      const StepResult result = chain.step(0);
      EXPECT_EQ(result.reward, 0);
      EXPECT_FALSE(result.terminated);
      EXPECT_FLOAT_EQ(chain.obs[0], 1 - static_cast<float>(t) / 3);
      EXPECT_THAT(std::vector<float>(chain.obs.begin() + 4, chain.obs.end()),
                  testing::Each(0.0f));
    }
    std::size_t query = 3;
    for (std::size_t i = 0; i < 3; ++i) query = chain.obs[1 + i] == 1 ? i : query;
    ASSERT_LT(query, 3u);
    asked.insert(query);
    const bool answers_right = seed % 2 == 0;
    const int right = context[query] > 0 ? 1 : 0;
    const StepResult result = chain.step(answers_right ? right : 1 - right);
    EXPECT_TRUE(result.terminated);
    EXPECT_EQ(result.reward, answers_right ? 1 : -1);
    EXPECT_EQ(chain.metrics()[0], answers_right ? 1 : 0);
  }
  EXPECT_EQ(contexts.size(), 8u);
  EXPECT_EQ(asked.size(), 3u);
}

TEST(MemoryChain, LooksLikeThis) {
  Episode chain("MemoryChain-v0", {{"length", "3", "test"}});
  EXPECT_THAT(chain.text(44, 13), testing::HasSubstr("remember"));
  chain.step(0);
  EXPECT_THAT(chain.text(44, 13), testing::HasSubstr("wait"));
  EXPECT_THAT(chain.text(44, 13), testing::HasSubstr("?"));
  chain.step(0);
  EXPECT_THAT(chain.text(44, 13), testing::HasSubstr("what was it?"));
}

TEST(BitFlip, FlippingWhatDiffersArrives) {
  Episode flip("BitFlip-v0", {{"bits", "4", "test"}});
  flip.env->set_state(std::vector<double>{0, 1, 0, 1, 1, 1, 0, 0});
  StepResult result = flip.step(0);
  EXPECT_EQ(result.reward, -1);
  EXPECT_FALSE(result.terminated);
  EXPECT_THAT(flip.obs, testing::ElementsAre(1, 1, 0, 1, 1, 1, 0, 0));
  EXPECT_EQ(flip.text(8, 1), "\n1=1=0=1x\n");
  result = flip.step(3);
  EXPECT_EQ(result.reward, 0);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(flip.metrics()[0], 1);
}

TEST(BitFlip, HindsightPaysForTheGoalThatWasReached) {
  Episode flip("BitFlip-v0", {{"bits", "4", "test"}});
  flip.step(2);
  const GoalView achieved(flip.obs.data(), 4), desired(flip.obs.data() + 4, 4);
  EXPECT_EQ(flip.env->relabel(achieved, achieved), 0);
  EXPECT_EQ(flip.env->relabel(achieved, desired),
            std::equal(achieved.begin(), achieved.end(), desired.begin()) ? 0 : -1);
  const std::vector<float> a = {1, 0, 1, 0}, b = {1, 0, 1, 1};
  EXPECT_EQ(flip.env->relabel(GoalView(a), GoalView(b)), -1);
}

TEST(BitFlip, NeverStartsAtItsGoalAndHasOneStepABit) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Episode flip("BitFlip-v0", {{"bits", "2", "test"}}, seed);
    EXPECT_FALSE(flip.obs[0] == flip.obs[2] && flip.obs[1] == flip.obs[3]);
  }
  const Episode eight("BitFlip-v0");
  EXPECT_EQ(eight.env->spec().max_episode_steps, 8);
  const std::vector<Field>& fields = eight.env->spec().obs.fields();
  EXPECT_EQ(fields[0].name, "achieved goal");
  EXPECT_EQ(fields[1].name, "desired goal");
}

TEST(BitFlip, WhatIsNoBitIsRefused) {
  Episode flip("BitFlip-v0", {{"bits", "2", "test"}});
  EXPECT_EQ(error_of([&] { flip.env->set_state(std::vector<double>{0, 0.5, 1, 1}); },
                     ExitCode::kUsage),
            "BitFlip-v0: 0.5 is no bit; expected 0 or 1");
}

TEST(Bandit, TheArmsPayFromNothingToOne) {
  std::multiset<float> paid;
  for (int arm = 0; arm < 11; ++arm) {
    Episode bandit("Bandit-v0");
    const StepResult result = bandit.step(arm);
    EXPECT_TRUE(result.terminated);
    paid.insert(result.reward);
    EXPECT_FLOAT_EQ(bandit.metrics()[1], 1 - result.reward);
  }
  int i = 0;
  for (const float reward : paid) EXPECT_FLOAT_EQ(reward, 0.1f * static_cast<float>(i++));
}

TEST(Bandit, NoiseHasTheDeviationAskedFor) {
  Episode bandit("Bandit-v0", {{"noise", "0.5", "test"}});
  const float own = Episode("Bandit-v0").step(3).reward;
  double sum = 0, squares = 0;
  constexpr int kPulls = 20'000;
  for (int i = 0; i < kPulls; ++i) {
    ResetContext ctx{bandit.rng, 0};
    bandit.env->reset(ctx, ObsRow(FloatRow(bandit.obs)));
    const double noise = static_cast<double>(bandit.step(3).reward - own);
    sum += noise;
    squares += noise * noise;
  }
  EXPECT_NEAR(sum / kPulls, 0, 5 * 0.5 / std::sqrt(kPulls));
  EXPECT_NEAR(std::sqrt(squares / kPulls), 0.5, 5 * 0.5 / std::sqrt(2.0 * kPulls));
}

}  // namespace
}  // namespace tern
