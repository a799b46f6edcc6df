// Worked examples (log-probabilities and entropies by hand) and laws: sampling, likelihood and
// inspection describe one distribution; masked choices have no part in it.

#include "agents/policy/distributions/action_distribution.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "agents/reference_losses/likelihood.h"
#include "core/error.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ActionSpace three_choices() { return ActionSpace::discrete({"left", "stay", "right"}); }

ActionSpace two_and_three_choices() {
  ActionComponent gear, lever;
  gear.options = {"low", "high"};
  lever.options = {"up", "middle", "down"};
  return ActionSpace::multi_discrete({gear, lever});
}

ActionSpace two_numbers() {
  return ActionSpace::box({ActionSpace::real("torque", -2, 2), ActionSpace::real("brake", 0, 1)});
}

struct Drawn {
  std::vector<std::int32_t> ints;
  std::vector<float> numbers;
  double log_prob = 0;
};

Drawn draw(const ActionSpace& space, std::vector<float> outputs, std::vector<float> log_std,
           std::vector<std::uint8_t> mask, Rng& rng) {
  Drawn drawn;
  drawn.ints.resize(space.is_box() ? 0 : space.size());
  drawn.numbers.resize(space.is_box() ? space.size() : 0);
  const MutableActionRow action = space.is_box() ? MutableActionRow(FloatRow(drawn.numbers))
                                                 : MutableActionRow(Row<std::int32_t>(drawn.ints));
  const ActionDistribution distribution(space);
  distribution.sample(FloatRow(outputs), FloatRow(log_std), MaskRow(mask), rng, action);
  drawn.log_prob = distribution.log_probability(FloatRow(outputs), FloatRow(log_std), MaskRow(mask),
                                                action);
  return drawn;
}

Inspection inspected(const ActionSpace& space, std::vector<float> outputs,
                     std::vector<float> log_std = {}, std::vector<std::uint8_t> mask = {}) {
  Inspection inspection;
  ActionDistribution(space).inspect(FloatRow(outputs), FloatRow(log_std), MaskRow(mask),
                                    inspection);
  return inspection;
}

std::vector<float> random_row(std::size_t size, double scale, Rng& rng) {
  std::vector<float> row(size);
  for (float& value : row) value = static_cast<float>(scale * rng.normal());
  return row;
}

// ---- By hand ------------------------------------------------------------------------------------

// Logits 0, ln 2, ln 3 are probabilities 1/6, 2/6, 3/6;
// H = ln 6 - (2 ln 2 + 3 ln 3) / 6 = 1.0114043.
TEST(DiscreteDistribution, IsTheSoftmaxOfTheLogits) {
  const at::Tensor logits = floats({0, std::log(2.0f), std::log(3.0f)}, {1, 3});
  for (const int choice : {0, 1, 2}) {
    const ActionLikelihood likelihood =
        action_likelihood(three_choices(), logits, {}, ints({choice}, {1, 1}), {});
    EXPECT_NEAR(likelihood.log_prob.item<double>(), std::log((choice + 1) / 6.0), 1e-6);
    EXPECT_NEAR(likelihood.entropy.item<double>(), 1.0114043, 1e-6);
  }
  const Inspection seen = inspected(three_choices(), {0, std::log(2.0f), std::log(3.0f)});
  for (const int i : {0, 1, 2}) EXPECT_NEAR(seen.probabilities[i], (i + 1) / 6.0, 1e-7);
  EXPECT_NEAR(*seen.entropy, 1.0114043, 1e-6);
}

// Two independent choices, (1/4, 3/4) and (1/6, 2/6, 3/6): log-probabilities and entropies add.
//   log p(1, 2) = ln(3/4 * 1/2) = ln(3/8);  H = 0.5623351 + 1.0114043.
TEST(MultiDiscreteDistribution, AddsOverItsComponents) {
  const std::vector<float> logits = {0, std::log(3.0f), 0, std::log(2.0f), std::log(3.0f)};
  const ActionLikelihood likelihood = action_likelihood(two_and_three_choices(), floats(logits, {1, 5}), {},
                                                      ints({1, 2}, {1, 2}), {});
  EXPECT_NEAR(likelihood.log_prob.item<double>(), std::log(3.0 / 8), 1e-6);
  EXPECT_NEAR(likelihood.entropy.item<double>(), 0.5623351 + 1.0114043, 1e-6);
  EXPECT_NEAR(*inspected(two_and_three_choices(), logits).entropy, 0.5623351 + 1.0114043, 1e-6);
}

// mu = (0, 1), sigma = (2, 1/4), a = (1, 1):
//   log N = -(1/2)^2 / 2 - ln 2 - 0.9189385 = -1.7370857  and  -ln(1/4) - 0.9189385 = 0.4673558
//   H = (ln 2 + 1.4189385) + (ln(1/4) + 1.4189385) = 2.1447299
// What people see is in the env's units, where half the range is 2 and 1/2, the middles 0 and 1/2:
//   mu = (0, 1), sigma = (4, 1/8), H is larger by ln 2 + ln(1/2) = 0
TEST(BoxDistribution, IsADiagonalGaussian) {
  const std::vector<float> log_std = {std::log(2.0f), std::log(0.25f)};
  const ActionLikelihood likelihood = action_likelihood(two_numbers(), floats({0, 1}, {1, 2}), floats(log_std),
                                                      floats({1, 1}, {1, 2}), {});
  EXPECT_NEAR(likelihood.log_prob.item<double>(), -1.7370857 + 0.4673558, 1e-6);
  EXPECT_NEAR(likelihood.entropy.item<double>(), 2.1447299, 1e-6);
  const Inspection seen = inspected(two_numbers(), {0, 1}, log_std);
  EXPECT_NEAR(*seen.entropy, 2.1447299, 1e-6);
  EXPECT_THAT(seen.mean, ElementsAre(0, 1));
  EXPECT_NEAR(seen.standard_deviation[0], 4, 1e-6);
  EXPECT_NEAR(seen.standard_deviation[1], 0.125, 1e-6);
  EXPECT_TRUE(seen.probabilities.empty());
}

// H = ln 50 + ln sigma + 1.4189385 where half the range is 50.
TEST(BoxDistribution, IsShownInTheEnvsUnits) {
  const ActionSpace space = ActionSpace::box({ActionSpace::real("u", 100, 200)});
  const Inspection seen = inspected(space, {-0.5f}, {std::log(0.1f)});
  EXPECT_THAT(seen.mean, ElementsAre(125));
  EXPECT_NEAR(seen.standard_deviation[0], 5, 1e-6);
  EXPECT_NEAR(*seen.entropy, std::log(5.0) + 1.4189385, 1e-6);
}

TEST(ActionDistribution, SaysHowManyColumnsItReads) {
  EXPECT_EQ(ActionDistribution(three_choices()).num_outputs(), 3u);
  EXPECT_EQ(ActionDistribution(two_and_three_choices()).num_outputs(), 5u);
  EXPECT_EQ(ActionDistribution(two_numbers()).num_outputs(), 2u);
}

// ---- One distribution, seen three ways ----------------------------------------------------------

// What acting stores must be what the loss computes, or the first probability ratio is not 1.
// float32 log-probabilities of some units are rounded by up to 2.4e-7 each way.
TEST(ActionDistribution, SamplesKnowTheirLikelihood) {
  const std::vector<float> log_std = {-1.25f, 0.5f};
  for (const ActionSpace& space : {three_choices(), two_and_three_choices(), two_numbers()}) {
    Rng rng(3, "samples know their likelihood");
    const ActionDistribution distribution(space);
    for (int i = 0; i < 300; ++i) {
      const std::vector<float> outputs = random_row(distribution.num_outputs(), 1.5, rng);
      const Drawn drawn = draw(space, outputs, log_std, {}, rng);
      const auto columns = static_cast<std::int64_t>(outputs.size());
      const auto size = static_cast<std::int64_t>(space.size());
      const at::Tensor action =
          space.is_box() ? floats(drawn.numbers, {1, size}) : ints(drawn.ints, {1, size});
      const double expected =
          action_likelihood(space, floats(outputs, {1, columns}), floats(log_std), action, {})
              .log_prob.item<double>();
      EXPECT_NEAR(drawn.log_prob, expected, 1e-6 * std::max(1.0, std::abs(expected)));
    }
  }
}

TEST(ActionDistribution, MaskedSamplesKnowTheirLikelihood) {
  Rng rng(4, "masked samples");
  const ActionSpace space = two_and_three_choices();
  const std::vector<std::uint8_t> mask = {1, 1, 0, 1, 1};
  for (int i = 0; i < 300; ++i) {
    const std::vector<float> outputs = random_row(5, 1.5, rng);
    const Drawn drawn = draw(space, outputs, {}, mask, rng);
    const double expected = action_likelihood(space, floats(outputs, {1, 5}), {}, ints(drawn.ints, {1, 2}),
                                            bytes(mask, {1, 5}))
                                .log_prob.item<double>();
    EXPECT_NEAR(drawn.log_prob, expected, 1e-6 * std::max(1.0, std::abs(expected)));
  }
}

// A count of n draws with probability p has deviation sqrt(n p (1 - p)); five of them are passed by
// chance once in 1.7 million times, and the seed is fixed.
TEST(DiscreteDistribution, FrequenciesFollowTheProbabilities) {
  Rng rng(5, "frequencies");
  const std::vector<float> logits = {0, std::log(2.0f), std::log(3.0f)};
  constexpr int kDraws = 20'000;
  std::vector<int> counts(3);
  for (int i = 0; i < kDraws; ++i) {
    ++counts[static_cast<std::size_t>(draw(three_choices(), logits, {}, {}, rng).ints[0])];
  }
  for (const int i : {0, 1, 2}) {
    const double p = (i + 1) / 6.0;
    EXPECT_NEAR(counts[static_cast<std::size_t>(i)], kDraws * p,
                5 * std::sqrt(kDraws * p * (1 - p)));
  }
}

TEST(MultiDiscreteDistribution, ComponentsAreDrawnIndependently) {
  Rng rng(6, "independence");
  const std::vector<float> logits = {0, std::log(3.0f), 0, std::log(2.0f), std::log(3.0f)};
  constexpr int kDraws = 20'000;
  std::vector<int> counts(6);
  for (int i = 0; i < kDraws; ++i) {
    const Drawn drawn = draw(two_and_three_choices(), logits, {}, {}, rng);
    ++counts[static_cast<std::size_t>(3 * drawn.ints[0] + drawn.ints[1])];
  }
  for (int i = 0; i < 6; ++i) {
    const double p = (i / 3 == 0 ? 0.25 : 0.75) * (i % 3 + 1) / 6.0;
    EXPECT_NEAR(counts[static_cast<std::size_t>(i)], kDraws * p,
                5 * std::sqrt(kDraws * p * (1 - p)));
  }
}

// The mean of n draws has deviation sigma / sqrt(n), their variance sigma^2 sqrt(2 / n).
TEST(BoxDistribution, SamplesHaveTheGivenMeanAndDeviation) {
  Rng rng(7, "gaussian");
  constexpr int kDraws = 20'000;
  const double mean = 3, sigma = 0.5;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = draw(two_numbers(), {3, 0}, {std::log(0.5f), 0}, {}, rng).numbers[0];
    sum += x - mean;
    squares += (x - mean) * (x - mean);
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 * sigma / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, sigma * sigma, 5 * sigma * sigma * std::sqrt(2.0 / kDraws));
}

// Streams are part of checkpoints: how many numbers an action takes must not depend on the data.
TEST(ActionDistribution, TakesOneDrawForEachComponent) {
  for (const ActionSpace& space : {three_choices(), two_and_three_choices(), two_numbers()}) {
    Rng used(8, "draws"), counted(8, "draws");
    const std::size_t columns = ActionDistribution(space).num_outputs();
    for (int i = 0; i < 20; ++i) {
      draw(space, std::vector<float>(columns, 1.0f), {0, 0}, {}, used);
      for (std::size_t k = 0; k < space.size(); ++k) counted.next();
    }
    EXPECT_EQ(used.next(), counted.next());
  }
}

TEST(DiscreteDistribution, HugeLogitsStayFinite) {
  Rng rng(9, "huge");
  const std::vector<float> logits = {-1e4f, 0, 1e4f};
  const Drawn drawn = draw(three_choices(), logits, {}, {}, rng);
  EXPECT_THAT(drawn.ints, ElementsAre(2));
  EXPECT_EQ(drawn.log_prob, 0);
  EXPECT_EQ(*inspected(three_choices(), logits).entropy, 0);
}

// ---- Masks --------------------------------------------------------------------------------------

TEST(Masks, ForbiddenChoicesHaveProbabilityZero) {
  Rng rng(10, "masks");
  const std::vector<float> logits = {0, 50, 0};  // the forbidden one would be nearly certain
  const std::vector<std::uint8_t> mask = {1, 0, 1};
  for (int i = 0; i < 5000; ++i) {
    ASSERT_NE(draw(three_choices(), logits, {}, mask, rng).ints[0], 1);
  }
  EXPECT_THAT(inspected(three_choices(), logits, {}, mask).probabilities,
              ElementsAre(0.5, 0, 0.5));
  EXPECT_NEAR(*inspected(three_choices(), logits, {}, mask).entropy, std::log(2.0), 1e-12);
  const ActionLikelihood likelihood =
      action_likelihood(three_choices(), floats(logits, {1, 3}), {}, ints({1}, {1, 1}), bytes(mask, {1, 3}));
  EXPECT_EQ(std::exp(likelihood.log_prob.item<double>()), 0);
  EXPECT_NEAR(likelihood.entropy.item<double>(), std::log(2.0), 1e-6);
}

TEST(Masks, EachRowHasItsOwn) {
  const ActionLikelihood likelihood =
      action_likelihood(three_choices(), floats({0, 0, 0, 0, 0, 0}, {2, 3}), {}, ints({0, 2}, {2, 1}),
                      bytes({1, 1, 0, 0, 0, 1}, {2, 3}));
  EXPECT_NEAR(likelihood.log_prob[0].item<double>(), std::log(0.5), 1e-6);
  EXPECT_NEAR(likelihood.log_prob[1].item<double>(), 0, 1e-6);
}

// The gradient of log p(a) is (a's one-hot - p) over the allowed logits; that of the entropy
// -p_j (log p_j + H). Logits 0, 5, ln 3 with the middle masked: p = 1/4, 0, 3/4, H = 0.5623351:
//   d log p(0) = 3/4, 0, -3/4;  dH = -1/4 (ln(1/4) + H) = 0.2059898, 0, -0.2059898.
TEST(Masks, GradientsAreFiniteAndZeroAtForbiddenChoices) {
  const at::Tensor logits = floats({0, 5, std::log(3.0f)}, {1, 3}).set_requires_grad(true);
  const auto likelihood = [&] {
    return action_likelihood(three_choices(), logits, {}, ints({0}, {1, 1}), bytes({1, 0, 1}, {1, 3}));
  };
  likelihood().log_prob.sum().backward();
  const std::vector<double> of_log_prob = values_of(logits.grad());
  EXPECT_NEAR(of_log_prob[0], 0.75, 1e-6);
  EXPECT_EQ(of_log_prob[1], 0);
  EXPECT_NEAR(of_log_prob[2], -0.75, 1e-6);
  logits.grad().zero_();
  likelihood().entropy.sum().backward();
  const std::vector<double> of_entropy = values_of(logits.grad());
  EXPECT_NEAR(of_entropy[0], 0.2059898, 1e-6);
  EXPECT_EQ(of_entropy[1], 0);
  EXPECT_NEAR(of_entropy[2], -0.2059898, 1e-6);
}

TEST(Masks, ASingleAllowedChoiceIsCertain) {
  const at::Tensor logits = floats({1, 2, 3}, {1, 3}).set_requires_grad(true);
  const ActionLikelihood likelihood =
      action_likelihood(three_choices(), logits, {}, ints({0}, {1, 1}), bytes({1, 0, 0}, {1, 3}));
  EXPECT_EQ(likelihood.log_prob.item<double>(), 0);
  EXPECT_EQ(likelihood.entropy.item<double>(), 0);
  (likelihood.log_prob + likelihood.entropy).sum().backward();
  EXPECT_THAT(values_of(logits.grad()), Each(0));
}

TEST(Masks, AMaskThatForbidsEverythingIsAnError) {
  Rng rng(11, "nothing allowed");
  try {
    draw(two_and_three_choices(), {0, 0, 0, 0, 0}, {}, {1, 1, 0, 0, 0}, rng);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("forbids every choice of action component 1"));
  }
}

// ---- The most likely action, and what the env is handed ---------------------------------------

std::vector<std::int32_t> mode(const ActionSpace& space, std::vector<float> outputs,
                               std::vector<std::uint8_t> mask = {}) {
  std::vector<std::int32_t> action(space.size(), -1);
  ActionDistribution(space).mode(FloatRow(outputs), MaskRow(mask),
                                 MutableActionRow(Row<std::int32_t>(action)));
  return action;
}

TEST(Mode, IsTheLargestAllowedLogitOfEachComponent) {
  EXPECT_THAT(mode(three_choices(), {1, 3, 2}), ElementsAre(1));
  EXPECT_THAT(mode(three_choices(), {1, 3, 2}, {1, 0, 1}), ElementsAre(2));
  EXPECT_THAT(mode(two_and_three_choices(), {2, 1, -3, -1, -2}), ElementsAre(0, 1));
  EXPECT_THAT(mode(two_and_three_choices(), {2, 1, -3, -1, -2}, {0, 1, 1, 0, 0}),
              ElementsAre(1, 0));
}

TEST(Mode, OfEqualChoicesIsTheFirst) {
  EXPECT_THAT(mode(three_choices(), {0, 0, 0}), ElementsAre(0));
  EXPECT_THAT(mode(three_choices(), {0, 0, 0}, {0, 1, 1}), ElementsAre(1));
}

TEST(Mode, OfAGaussianIsItsMean) {
  std::vector<float> outputs = {7, -3}, action = {0, 0};
  ActionDistribution(two_numbers()).mode(FloatRow(outputs), {}, MutableActionRow(FloatRow(action)));
  EXPECT_THAT(action, ElementsAre(7, -3));
}

}  // namespace
}  // namespace tern
