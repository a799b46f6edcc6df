// Proof: learning on envs whose answer is known in closed form; each of five fixed seeds must find
// every answer, and SAC with one of its equations broken must not.

#include <gtest/gtest.h>

#include <cmath>

#include "agents/sac/sac.h"
#include "agents/tqc/tqc.h"
#include "tests/agents/continuous_probes.h"

namespace tern {
namespace {

template <class Config = SacConfig>
Config probe_config() {
  auto config = entropic_probe_config_of<Config>();
  config.tau = 0.05;
  return config;
}

std::unique_ptr<Policy> train_sac(const std::string& id, std::uint64_t seed,
                                  const SacConfig& config, const SacEquations& equations = {},
                                  std::int64_t steps = 6000) {
  SacVariant variant;
  variant.equations = equations;
  return trained(id, seed, steps, [&](const EnvSpec& spec, std::size_t num_envs, std::uint64_t s) {
    return make_sac(config, spec, num_envs, s, variant);
  });
}

constexpr double kMiss = 0.03;

TEST(SacProbe, EverySeedFindsTheBestActionAndTheRightDeviation) {
  expect_best_action_and_deviation(
      [](const std::string& id, std::uint64_t seed) { return train_sac(id, seed, probe_config()); },
      kMiss, 0.2);
}

// The entropy's worth is small beside the reward's: alpha 0.001.
SacConfig greedy_config() {
  SacConfig config = probe_config();
  config.entropy_coef = 0.001;
  return config;
}
constexpr double kTwoStepError = 0.06;

TEST(SacProbe, EverySeedRatesAnActionByWhatFollows) {
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-ContinuousTwoStep-v0", seed, greedy_config());
    EXPECT_LT(two_step_error(*policy), kTwoStepError) << seed;
  }
}

constexpr double kSide = 0.1;  // half the mean that is found, and far from the sabotaged one's
SacConfig entropic_config() {
  SacConfig config = probe_config();
  config.entropy_coef = 1;
  config.replay.gamma = 0.99;
  return config;
}

// Where entropy decides: to the left.
TEST(SacProbe, EverySeedGoesWhereEntropyIsToBeHad) {
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-Entropy-v0", seed, entropic_config());
    EXPECT_LT(thoughts(*policy, {0}).mean[0], -kSide) << seed;
  }
}

// And to the right where it hardly counts.
TEST(SacProbe, EverySeedGoesForTheRewardWhereEntropyHardlyCounts) {
  for (const std::uint64_t seed : kSeeds) {
    SacConfig config = entropic_config();
    config.entropy_coef = 0.1;
    const auto policy = train_sac("Probe-Entropy-v0", seed, config, {}, 12'000);
    EXPECT_GT(thoughts(*policy, {0}).mean[0], kSide) << seed;
  }
}

// Noise that is a function of the state for 64 steps explores as well, and its deviation is
// learned.
TEST(SacProbe, EverySeedFindsTheSameWithStateDependentNoise) {
  for (const std::uint64_t seed : kSeeds) {
    SacConfig config = probe_config();
    config.use_sde = true;
    config.sde_log_std = -1.5;
    const auto policy = train_sac("Probe-Continuous-v0", seed, config);
    EXPECT_LT(worst_miss(*policy), 0.06) << seed;
    EXPECT_LT(deviation_error(*policy), 0.3) << seed;
    SacConfig greedy = greedy_config();
    greedy.use_sde = true;
    greedy.sde_log_std = -1.5;
    EXPECT_LT(two_step_error(*train_sac("Probe-ContinuousTwoStep-v0", seed, greedy)), 0.12) << seed;
  }
}

TEST(SacProbe, ALearnedWeightKeepsTheTargetEntropy) {
  expect_the_target_entropy(probe_config(), [](const SacConfig& config, std::uint64_t seed) {
    return train_sac("Probe-Continuous-v0", seed, config);
  });
}

TEST(TqcProbe, EverySeedFindsTheBestActionAndWhatFollows) {
  for (const std::uint64_t seed : kSeeds) {
    TqcConfig config = probe_config<TqcConfig>();
    config.quantiles = 5;
    config.dropped_quantiles = 1;
    const auto train = [&](const std::string& id, double alpha) {
      config.entropy_coef = alpha;
      return trained(id, seed, 6000,
                     [&](const EnvSpec& spec, std::size_t num_envs, std::uint64_t s) {
                       return make_sac(config, spec, num_envs, s, tqc_variant(config));
                     });
    };
    EXPECT_LT(worst_miss(*train("Probe-Continuous-v0", kAlpha)), 0.06) << seed;
    EXPECT_LT(two_step_error(*train("Probe-ContinuousTwoStep-v0", 0.001)), 0.12) << seed;
  }
}

// Sabotage: the algorithm with one equation broken. No seed may pass what every seed passed above.

TEST(SabotagedSac, WithoutTheJacobianOfTanhTheDeviationIsWrong) {
  SacEquations sabotage;
  sabotage.policy_gradient = [](const SquashedGaussian& sample, const float* log_prob_gradient,
                                const float* action_gradient, Rows<float> outputs_gradient) {
    squashed_backward(sample, log_prob_gradient, action_gradient, outputs_gradient);
    // d log pi / d log sigma without the term of the Jacobian pulls to other deviations: as if it
    // were added twice.
    for (std::size_t r = 0; r < 64; ++r) {
      outputs_gradient.data[r * outputs_gradient.stride + 1] += 2 * log_prob_gradient[r];
    }
  };
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-Continuous-v0", seed, probe_config(), sabotage);
    EXPECT_GT(deviation_error(*policy), 0.2) << seed;
  }
}

TEST(SabotagedSac, WithoutEntropyInTheTargetItGoesTheOtherWay) {
  SacEquations sabotage;
  sabotage.target = [](const NextValueRows& rows, Row<float> targets) {
    NextValueRows blind = rows;
    blind.next_log_prob = {};
    min_q_target_closed_form(blind, targets);
  };
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-Entropy-v0", seed, entropic_config(), sabotage);
    EXPECT_GT(thoughts(*policy, {0}).mean[0], -kSide) << seed;
  }
}

TEST(SabotagedSac, ATargetThatGoesOnAfterTheEndIsNoticed) {
  SacEquations sabotage;
  sabotage.target = endless_target;
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-ContinuousTwoStep-v0", seed, greedy_config(), sabotage);
    EXPECT_GT(two_step_error(*policy), kTwoStepError) << seed;
  }
}

TEST(SabotagedSac, AnActorThatGoesDownIsNoticed) {
  SacEquations sabotage;
  sabotage.ascent = descent<min_q_ascent_closed_form>;
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-Continuous-v0", seed, probe_config(), sabotage);
    EXPECT_GT(worst_miss(*policy), kMiss) << seed;
  }
}

TEST(SabotagedSac, ATargetThatNeverMovesIsNoticed) {
  SacEquations sabotage;
  sabotage.update_target = frozen_target;
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_sac("Probe-ContinuousTwoStep-v0", seed, greedy_config(), sabotage);
    EXPECT_GT(two_step_error(*policy), kTwoStepError) << seed;
  }
}

}  // namespace
}  // namespace tern
