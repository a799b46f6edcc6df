// Learning with hindsight: bits of which no luck makes the goal, fixed seeds, every seed passes;
// with goals that are never changed the same check fails.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "agents/dqn/dqn.h"
#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "tests/agents/training.h"

namespace tern {
namespace {

const ParamValues kTwelveBits = {{"bits", "12", ""}};

DqnConfig flip_config(const std::string& strategy) {
  DqnConfig config;
  config.learning_rate = Schedule::constant(1e-3);
  config.replay.gamma = 0.98;
  config.replay.buffer_size = 20'000;
  config.replay.learning_starts = 500;
  config.replay.batch_size = 128;
  config.replay.train_every = 4;
  config.replay.hindsight = strategy;
  config.target_update_every = 500;
  config.epsilon_steps = 5000;
  config.hidden_sizes = {64};
  return config;
}

/// The share of 100 fresh episodes that reach their goal after 15,000 steps.
double share_of_successes(const DqnConfig& config, std::uint64_t seed) {
  set_up_platform();
  const auto envs = make_envs("BitFlip-v0", 4, seed, kTwelveBits);
  const auto agent = make_dqn(config, envs->spec(), 4, seed);
  Training training(15'000);
  agent->train(*envs, training);
  EvaluationPlan plan;
  plan.episodes = 100;
  const EvalResult result =
      evaluate(*agent->snapshot(), registry().find("BitFlip-v0"), kTwelveBits, plan);
  double reached = 0;
  for (const std::int32_t length : result.lengths) reached += length < 12 ? 0.01 : 0;
  return reached;
}

TEST(Hindsight, ReachesGoalsThatNoLuckReaches) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_GT(share_of_successes(flip_config("future"), seed), 0.85) << "seed " << seed;
  }
}

TEST(SabotagedHindsight, WithoutItNothingIsLearned) {
  EXPECT_LT(share_of_successes(flip_config("none"), 1), 0.3);
  DqnConfig config = flip_config("future");
  config.replay.hindsight_share = 0;
  EXPECT_LT(share_of_successes(config, 1), 0.3);
}

}  // namespace
}  // namespace tern
