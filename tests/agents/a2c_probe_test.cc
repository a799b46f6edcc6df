// Learning on envs whose answer is known in closed form. Each of several fixed seeds must find it;
// sabotaged twins, A2C with one wrong equation, must fail the same check for every seed.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "agents/a2c/a2c.h"
#include "agents/training/platform.h"
#include "core/policy.h"
#include "tests/agents/training.h"

namespace tern {
namespace {

/// What a policy must think of one observation: V(s), and the action that it must be sure of.
struct Answer {
  std::vector<float> obs;
  double value = 0;
  int action = -1;  // -1: all are equally good
  std::vector<std::uint8_t> mask = {1, 1};
};
struct Probe {
  std::string env;
  std::vector<Answer> answers;
  double gamma = 0.5;
};

// The answers of envs/probe. With gamma 1/2 a missing or superfluous discount is off by 1/2.
const Probe kOneStep = {"Probe-OneStep-v0", {{{0}, 1}}};
const Probe kObservation = {"Probe-Observation-v0", {{{-1}, -1}, {{1}, 1}}};
const Probe kDiscount = {"Probe-Discount-v0", {{{0}, 0.5}, {{1}, 1}}};
// V = 1 / (1 - gamma). Who takes the limit of 5 steps for an end gets at most the 5 discounted
// rewards, 2.31.
const Probe kTruncation = {"Probe-Truncation-v0", {{{0}, 2.5}}, /*gamma=*/0.6};
const Probe kAction = {"Probe-Action-v0", {{{0}, 1, 1}}};
const Probe kObservationAction = {"Probe-ObservationAction-v0", {{{-1}, 1, 0}, {{1}, 1, 1}}};
const Probe kMask = {"Probe-Mask-v0",
                     {{{-1, 0}, 1.5, 2, {0, 1, 1}},
                      {{1, 0}, 1.5, 0, {1, 1, 0}},
                      {{-1, 1}, 1, 2, {0, 1, 1}},
                      {{1, 1}, 1, 0, {1, 1, 0}}}};

A2cConfig config_of(const Probe& probe) {
  A2cConfig config;
  config.learning_rate = Schedule::linear(1e-2);
  config.rollout_steps = 5;  // odd: rollouts end within episodes of two steps too
  config.gamma = probe.gamma;
  config.hidden_sizes = {16};
  return config;
}

std::unique_ptr<Policy> trained(const std::string& env, const A2cConfig& config, std::uint64_t seed,
                                const A2cEquations& equations) {
  set_up_platform();
  constexpr std::size_t kEnvs = 8;
  const auto envs = make_envs(env, kEnvs, seed);
  const auto agent = make_a2c(config, envs->spec(), kEnvs, seed, equations);
  Training training(/*total_steps=*/32'000);  // 800 gradient steps
  agent->train(*envs, training);
  return agent->snapshot();
}

constexpr double kTolerance = 0.03, kCertain = 0.95;

/// "" if A2C finds every answer, else the first that it missed.
std::string missed(const Probe& probe, const A2cConfig& config, std::uint64_t seed,
                   const A2cEquations& equations = {}) {
  std::unique_ptr<Policy> policy;
  try {
    policy = trained(probe.env, config, seed, equations);
  } catch (const NonFiniteError& error) {
    return error.what();
  }
  for (Answer answer : probe.answers) {
    const Inspection seen = policy->inspect(ObsRow(FloatRow(answer.obs)), MaskRow(answer.mask));
    const std::string at =
        probe.env + " seed " + std::to_string(seed) + " at " + std::to_string(answer.obs[0]) + ": ";
    if (!(std::abs(*seen.value - answer.value) <= kTolerance)) {
      return at + "value " + std::to_string(*seen.value) + ", not " + std::to_string(answer.value);
    }
    if (answer.action < 0) continue;
    const double p = seen.probabilities[static_cast<std::size_t>(answer.action)];
    if (!(p >= kCertain)) return at + "best action has probability " + std::to_string(p);
  }
  return "";
}
std::string missed(const Probe& probe, std::uint64_t seed, const A2cEquations& equations = {}) {
  return missed(probe, config_of(probe), seed, equations);
}

/// Probe-Continuous-v0: the best mean is o / 2, and V(o) = -sigma^2.
std::string missed_continuous(std::uint64_t seed, const A2cEquations& equations = {}) {
  std::unique_ptr<Policy> policy;
  try {
    policy = trained("Probe-Continuous-v0", config_of({}), seed, equations);
  } catch (const NonFiniteError& error) {
    return error.what();
  }
  for (float o : {-0.8f, 0.0f, 0.8f}) {
    const Inspection seen = policy->inspect(ObsRow(FloatRow(&o, 1)), {});
    const double mean = seen.mean[0], sigma = seen.standard_deviation[0];
    const std::string at = "seed " + std::to_string(seed) + " at " + std::to_string(o) + ": ";
    // A policy that ignores o is 0.4 off at the ends, an untrained deviation is 1.
    if (!(std::abs(mean - o / 2) <= 0.1)) return at + "mean " + std::to_string(mean);
    if (!(sigma <= 0.5)) return at + "deviation " + std::to_string(sigma);
    if (!(std::abs(*seen.value + sigma * sigma) <= 0.1)) {
      return at + "value " + std::to_string(*seen.value) + ", deviation " + std::to_string(sigma);
    }
  }
  return "";
}

constexpr std::uint64_t kSeeds[] = {1, 2, 3, 4, 5};

class A2cProbe : public ::testing::TestWithParam<Probe> {};

void PrintTo(const Probe& probe, std::ostream* out) {
  *out << probe.env;
}

TEST_P(A2cProbe, IsSolvedToTheAnalyticAnswerByEverySeed) {
  for (const std::uint64_t seed : kSeeds) EXPECT_EQ(missed(GetParam(), seed), "");
}

INSTANTIATE_TEST_SUITE_P(All, A2cProbe,
                         ::testing::Values(kOneStep, kObservation, kDiscount, kTruncation, kAction,
                                           kObservationAction, kMask),
                         [](const auto& info) {
                           const std::string& env = info.param.env;
                           return env.substr(6, env.rfind('-') - 6);
                         });

TEST(A2cProbe, ContinuousIsSolvedToTheAnalyticAnswerByEverySeed) {
  for (const std::uint64_t seed : kSeeds) EXPECT_EQ(missed_continuous(seed), "");
}

TEST(A2cProbe, OptionsDoNotChangeTheAnswer) {
  for (const Probe& probe : {kDiscount, kObservationAction, kMask}) {
    for (const double lambda : {0.0, 0.9}) {
      A2cConfig config = config_of(probe);
      config.gae_lambda = lambda;
      EXPECT_EQ(missed(probe, config, 1), "") << "lambda " << lambda;
    }
    A2cConfig config = config_of(probe);
    config.normalize_obs = true;
    EXPECT_EQ(missed(probe, config, 1), "") << "normalize_obs";
    config = config_of(probe);
    config.normalize_advantage = true;
    EXPECT_EQ(missed(probe, config, 1), "") << "normalize_advantage";
    config = config_of(probe);
    config.share_trunk = true;
    config.optimizer = "adam";
    EXPECT_EQ(missed(probe, config, 1), "") << "share_trunk, adam";
  }
}

// With an entropy bonus of weight c the best policy is the softmax of the rewards / c: on
// Probe-Action-v0 with c = 1, pi(1) = e / (e + 1/e) = 0.8807971.
TEST(A2cProbe, TheEntropyBonusLeadsToTheSoftmaxOfTheRewards) {
  for (const std::uint64_t seed : kSeeds) {
    A2cConfig config = config_of(kAction);
    config.entropy_coef = 1;
    float obs = 0;
    std::vector<std::uint8_t> mask = {1, 1};
    const Inspection seen =
        trained(kAction.env, config, seed, {})->inspect(ObsRow(FloatRow(&obs, 1)), MaskRow(mask));
    EXPECT_NEAR(seen.probabilities[1], 0.8807971, 0.03) << "seed " << seed;
  }
}

// ---- Sabotaged twins ----------------------------------------------------------------------------

void expect_missed(const std::vector<Probe>& probes, const A2cEquations& equations) {
  for (const Probe& probe : probes) {
    for (const std::uint64_t seed : {1, 2}) {
      EXPECT_NE(missed(probe, seed, equations), "") << probe.env << " seed " << seed;
    }
  }
}

TEST(A2cSabotaged, WithFlippedPolicyLossMissesEveryProbeOfActions) {
  A2cEquations equations;
  equations.policy = [](float log_prob, float advantage) {
    return policy_gradient_term(log_prob, -advantage);
  };
  expect_missed({kAction, kObservationAction, kMask}, equations);
  for (const std::uint64_t seed : {1, 2}) EXPECT_NE(missed_continuous(seed, equations), "");
}

TEST(A2cSabotaged, WithoutPolicyLossMissesEveryProbeOfActions) {
  A2cEquations equations;
  equations.policy = [](float, float) { return LossTerm{}; };
  expect_missed({kAction, kObservationAction, kMask}, equations);
  for (const std::uint64_t seed : {1, 2}) EXPECT_NE(missed_continuous(seed, equations), "");
}

TEST(A2cSabotaged, WithoutCriticLossMissesEveryProbeOfValues) {
  A2cEquations equations;
  equations.value = [](float, float) { return LossTerm{}; };
  expect_missed({kOneStep, kObservation, kDiscount, kTruncation}, equations);
}

TEST(A2cSabotaged, ThatTakesTimeLimitsForEndsMissesTruncation) {
  A2cEquations equations;
  equations.advantages = [](const AdvantageRows& rollout, Row<float> advantages) {
    AdvantageRows wrong = rollout;
    wrong.terminated = rollout.ended;
    generalized_advantage_closed_form(wrong, advantages);
  };
  expect_missed({kTruncation}, equations);
}

TEST(A2cSabotaged, ThatIgnoresEndsMissesOneStepAndDiscount) {
  A2cEquations equations;
  equations.advantages = [](const AdvantageRows& rollout, Row<float> advantages) {
    const std::vector<std::uint8_t> never(rollout.terminated.size(), 0);
    AdvantageRows wrong = rollout;
    wrong.terminated = wrong.ended = never;
    generalized_advantage_closed_form(wrong, advantages);
  };
  expect_missed({kOneStep, kDiscount}, equations);
}

TEST(A2cSabotaged, WithoutDiscountMissesDiscount) {
  A2cEquations equations;
  equations.advantages = [](const AdvantageRows& rollout, Row<float> advantages) {
    AdvantageRows wrong = rollout;
    wrong.gamma = 1;
    generalized_advantage_closed_form(wrong, advantages);
  };
  expect_missed({kDiscount}, equations);
}

}  // namespace
}  // namespace tern
