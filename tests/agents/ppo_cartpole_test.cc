// Learning on CartPole-v1 with the settings of Stable-Baselines3's zoo, cut to 30,000 steps, for
// fixed seeds; sabotaged twins must stay where they started.

#include <gtest/gtest.h>

#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "tests/agents/ppo_training.h"
#include "tests/agents/sabotaged_losses.h"

namespace tern {
namespace {

PpoSetup cartpole(std::uint64_t seed, std::int64_t total_steps) {
  set_up_platform();
  PpoSetup setup;
  setup.env = "CartPole-v1";
  setup.config.learning_rate = Schedule::linear(1e-3);
  setup.config.clip_range = Schedule::linear(0.2);
  setup.config.rollout_steps = 32;
  setup.config.minibatch_size = 256;
  setup.config.epochs = 20;
  setup.config.gamma = 0.98;
  setup.config.gae_lambda = 0.8;
  setup.num_envs = 8;
  setup.total_steps = total_steps;
  setup.seed = seed;
  return setup;
}

double mean_return(const PpoSetup& setup) {
  PpoTraining training(setup);
  training.train();
  EvaluationPlan plan;
  plan.episodes = 20;
  plan.seed = setup.seed;
  // The mode of an untrained policy is a nearly linear rule, and one in four of those happens to hold
  // the pole; samples of it do not.
  plan.stochastic = true;
  return evaluate(*training.agent().snapshot(), registry().find(setup.env), {}, plan).mean;
}

// Whoever does not learn holds the pole for 19 to 26 steps, whoever learns the opposite for 9 (four
// seeds each). After 30,000 steps twelve seeds held it for 143 to 500, the most there is.
constexpr double kLearned = 100;

TEST(PpoCartPole, EverySeedLearnsToHoldThePole) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(mean_return(cartpole(seed, 30'000)), kLearned) << "seed " << seed;
  }
}

// The path of other devices: LibTorch's layers and tape. Both start from the same parameters, and
// rounding parts them. Of four seeds the fused ones held the pole for 390 steps, these for 403, and
// for 343 to 500 from seed to seed.
TEST(PpoCartPole, LibTorchsLayersLearnItAsTheFusedNetworksDo) {
  double fused = 0, plain = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    PpoSetup setup = cartpole(seed, 30'000);
    fused += mean_return(setup) / 3;
    setup.equations.network = [](const NetworkSpec& spec, Rng& rng, ComputeDevice) {
      return make_plain_network(spec, rng);
    };
    const double of_seed = mean_return(setup);
    EXPECT_GE(of_seed, kLearned) << "seed " << seed;
    plain += of_seed / 3;
  }
  EXPECT_NEAR(plain, fused, 150);
}

TEST(PpoCartPole, SabotagedTwinsDoNotLearnIt) {
  PpoSetup setup = cartpole(1, 30'000);
  setup.equations.loss = ppo_loss<flipped_surrogate>;
  EXPECT_LT(mean_return(setup), kLearned / 5);
  setup.equations.loss = ppo_loss<no_surrogate>;
  EXPECT_LT(mean_return(setup), kLearned / 2);
}

}  // namespace
}  // namespace tern
