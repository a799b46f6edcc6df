// Worked examples and central differences of discrete SAC's equations; learning on envs whose answer is
// known in closed form, which five fixed seeds find and a sabotaged agent does not.

#include "agents/sac/discrete_sac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/agents/training.h"

namespace tern {
namespace {

using ::testing::FloatNear;
using Floats = std::vector<float>;
using Flags = std::vector<std::uint8_t>;

// pi = (1/4, 3/4) of two allowed actions, the third is forbidden. min Q' = (2, -1), alpha 1:
//   sum pi (Q - log pi) = 1/4 (2 + log 4) + 3/4 (-1 + log 4/3) = -0.25 + 0.3465736 + 0.2157616 = 0.3123351
//   y = 1 + 0.5 * 0.3123351
TEST(DiscreteSoftTarget, IsTheExpectationOverAllowedActions) {
  const Floats rewards = {1, 7}, discounts = {0.5f, 0.5f};
  const Floats logits = {std::log(0.25f), std::log(0.75f), 9, 0, 0, 0};
  const Floats q = {2, 3, 50, 4, -1, 50, 1, 1, 1, 1, 1, 1};
  const Flags terminated = {0, 1}, mask = {1, 1, 0, 0, 0, 0};
  Floats targets(2);
  discrete_soft_target_closed_form(
      {2, 3, Row<const float>(rewards), Row<const float>(discounts),
       Row<const std::uint8_t>(terminated), logits.data(), q.data(), mask.data(), 1.0},
      targets);
  EXPECT_NEAR(targets[0], 1 + 0.5 * 0.3123351, 1e-6);
  EXPECT_EQ(targets[1], 7);  // after an end nothing counts, not even that nothing is allowed
}

TEST(DiscreteActor, GradientMatchesCentralDifferencesAndAForbiddenActionHasNone) {
  const Floats q = {1, -2, 0.5f, 0, 3, -1};  // two critics of three actions
  const Flags mask = {1, 1, 0};
  Floats logits = {0.3f, -0.7f, 5}, gradient(3), unused(3);
  const auto loss = [&](Floats& to) {
    return discrete_actor_closed_form(2, 3, 1, {logits.data(), 3}, q.data(), mask.data(), 0.4,
                                      {to.data(), 3})
        .loss;
  };
  const double at = loss(gradient);
  const double z = std::exp(0.3) + std::exp(-0.7), p = std::exp(0.3) / z;
  EXPECT_NEAR(at, p * (0.4 * std::log(p) - 0) + (1 - p) * (0.4 * std::log(1 - p) + 2), 1e-6);
  for (std::size_t k = 0; k < 3; ++k) {
    const float kept = logits[k];
    logits[k] = kept + 1e-2f;
    const double above = loss(unused);
    logits[k] = kept - 1e-2f;
    const double below = loss(unused);
    logits[k] = kept;
    EXPECT_NEAR(gradient[k], (above - below) / 2e-2, 1e-4) << k;
  }
  EXPECT_EQ(gradient[2], 0);
}

TEST(DiscreteCriticError, TouchesTheActionTaken) {
  Floats values = {1, 5, 9, 2}, slopes(4, -99);  // two critics of two actions
  const std::size_t offsets[] = {0, 2};
  const std::vector<std::int32_t> actions = {1};
  const Floats targets = {3}, weights = {0.5f};
  Floats errors(1);
  EXPECT_NEAR(discrete_critic_error_closed_form(2, 2, {values.data(), 4, offsets},
                                                Row<const std::int32_t>(actions),
                                                Row<const float>(targets), Row<const float>(weights),
                                                {slopes.data(), 4, offsets}, errors),
              0.5 * (4 + 1) / 2, 1e-6);
  EXPECT_THAT(slopes, ::testing::ElementsAre(0, 1, 0, -0.5f));
  EXPECT_EQ(errors[0], 1.5f);
}

// Probes.

constexpr double kGamma = 0.9;

struct Answer {
  Floats obs;
  std::vector<double> q;  // NaN where forbidden
};

struct Probe {
  std::string id;
  std::vector<Answer> answers;
};

const double kForbidden = std::nan("");
const Probe kObservationAction = {"Probe-ObservationAction-v0", {{{-1}, {1, -1}}, {{1}, {-1, 1}}}};
const Probe kDiscount = {"Probe-Discount-v0", {{{0}, {kGamma, kGamma}}, {{1}, {1, 1}}}};
const Probe kTruncation = {"Probe-Truncation-v0", {{{0}, {1 / (1 - kGamma), 1 / (1 - kGamma)}}}};
const Probe kMask = {"Probe-Mask-v0",
                     {{{-1, 0}, {kForbidden, kGamma, 1 + kGamma}},
                      {{1, 0}, {1 + kGamma, kGamma, kForbidden}},
                      {{-1, 1}, {kForbidden, 0, 1}},
                      {{1, 1}, {1, 0, kForbidden}}}};

/// The weight of entropy is too small to be seen: 0.001 log 2 / (1 - gamma) is 0.007 at most.
constexpr double kTolerance = 0.05;

SacConfig probe_config() {
  SacConfig config;
  config.learning_rate = Schedule::linear(1e-2);
  config.replay.buffer_size = 5000;
  config.replay.learning_starts = 500;  // enough of everything, since it hardly explores afterwards
  config.replay.batch_size = 32;
  config.replay.train_every = 4;
  config.replay.updates_per_train = 4;
  config.replay.gamma = kGamma;
  config.tau = 0.1;
  config.entropy_coef = 0.001;
  config.learn_entropy_coef = false;
  config.hidden_sizes = {32};
  return config;
}

/// The largest error of any Q(s, a) after training.
double train_and_compare(const Probe& probe, std::uint64_t seed,
                         const DiscreteSacEquations& equations = {}) {
  const auto envs = make_envs(probe.id, 4, seed);
  const auto agent = make_discrete_sac(probe_config(), envs->spec(), 4, seed, equations);
  Training training(4000);
  agent->train(*envs, training);
  double worst = 0;
  const auto policy = agent->snapshot();
  for (const Answer& answer : probe.answers) {
    Flags mask;
    for (const double q : answer.q) mask.push_back(std::isnan(q) ? 0 : 1);
    const Inspection seen = policy->inspect(ConstObsRow(Row<const float>(answer.obs)),
                                            Row<const std::uint8_t>(mask));
    for (std::size_t a = 0; a < answer.q.size(); ++a) {
      if (!mask[a]) continue;
      const double error = std::abs(seen.action_values[a] - answer.q[a]);
      worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
  }
  return worst;
}

TEST(DiscreteSacProbe, EverySeedFindsTheAnalyticValues) {
  for (const Probe& probe : {kObservationAction, kDiscount, kTruncation, kMask}) {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      EXPECT_LT(train_and_compare(probe, seed), kTolerance) << probe.id << ", seed " << seed;
    }
  }
}

TEST(SabotagedDiscreteSac, ATargetThatGoesOnAfterTheEndIsNoticed) {
  DiscreteSacEquations sabotage;
  sabotage.target = [](const DiscreteNextRows& rows, Row<float> targets) {
    const Flags never(rows.terminated.size(), 0);
    DiscreteNextRows blind = rows;
    blind.terminated = Row<const std::uint8_t>(never);
    discrete_soft_target_closed_form(blind, targets);
  };
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    EXPECT_GT(train_and_compare(kDiscount, seed, sabotage), kTolerance) << seed;
  }
}

TEST(SabotagedDiscreteSac, ATargetThatCountsForbiddenActionsIsNoticed) {
  DiscreteSacEquations sabotage;
  sabotage.target = [](const DiscreteNextRows& rows, Row<float> targets) {
    const Flags all(targets.size() * rows.num_actions, 1);
    DiscreteNextRows blind = rows;
    blind.next_mask = all.data();
    discrete_soft_target_closed_form(blind, targets);
  };
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    EXPECT_GT(train_and_compare(kMask, seed, sabotage), kTolerance) << seed;
  }
}

TEST(SabotagedDiscreteSac, AnActorThatGoesDownIsNoticed) {
  DiscreteSacEquations sabotage;
  sabotage.actor = [](std::size_t critics, std::size_t num_actions, std::size_t rows,
                      Rows<const float> logits, const float* q, const std::uint8_t* mask, double alpha,
                      Rows<float> gradient) {
    const auto terms = discrete_actor_closed_form(critics, num_actions, rows, logits, q, mask, alpha,
                                                  gradient);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t a = 0; a < num_actions; ++a) gradient.data[r * gradient.stride + a] *= -1;
    }
    return terms;
  };
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    EXPECT_GT(train_and_compare(kMask, seed, sabotage), kTolerance) << seed;
  }
}

}  // namespace
}  // namespace tern
