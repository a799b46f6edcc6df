// Oracle: every equation in closed form (agents/losses/*_rows) against its reference on LibTorch's
// tape, value and gradient, at random and at edge inputs, at every SIMD level. A poisoned gradient
// shows that the comparison sees errors.

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "agents/losses/advantage_closed_form.h"
#include "agents/losses/ppo_closed_form.h"
#include "agents/losses/q_learning_closed_form.h"
#include "agents/policy/distributions/likelihood.h"
#include "agents/policy/distributions/squashed_gaussian.h"
#include "agents/reference_losses/advantage.h"
#include "agents/reference_losses/likelihood.h"
#include "agents/reference_losses/ppo_loss.h"
#include "agents/reference_losses/q_learning.h"
#include "core/rng.h"
#include "tests/agents/tensors.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

class ClosedForm : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, ClosedForm, every_simd_level(), simd_level_name);

Floats normals(std::size_t size, double scale, std::uint64_t seed) {
  Rng rng(seed, "closed form");
  Floats values(size);
  for (float& value : values) value = static_cast<float>(scale * rng.normal());
  return values;
}

/// Float values are exact in double, so the reference is computed there and has no error to speak
/// of.
at::Tensor in_double(const Floats& values, std::vector<std::int64_t> shape = {}) {
  return doubles({values.begin(), values.end()}, std::move(shape));
}

void expect_near(const Floats& actual, const at::Tensor& expected, double tolerance) {
  const std::vector<double> values = values_of(expected);
  ASSERT_EQ(actual.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(actual[i], values[i], tolerance * (1 + std::abs(values[i]))) << "entry " << i;
  }
}

// ---- PPO's losses -------------------------------------------------------------------------------

struct SurrogateCase {
  Floats log_prob, old_log_prob, advantages;
};

/// Ratios all over the place, then at and around both ends of a clip of 1/4 (whose logarithm is no
/// float: the edges are approached as near as floats can), then log-probabilities so large that
/// only their difference counts, advantage 0, ratios that underflow.
SurrogateCase surrogate_case() {
  SurrogateCase c{normals(200, 0.5, 1), normals(200, 0.5, 2), normals(200, 1, 3)};
  for (const float edge : {std::log(1.25f), std::log(0.75f), 0.0f}) {
    for (const float log_ratio : {std::nextafterf(edge, -1), edge, std::nextafterf(edge, 1)}) {
      for (const float advantage : {1.5f, -1.5f, 0.0f}) {
        for (const float base : {0.0f, -0.7f, -64.0f}) {
          c.old_log_prob.push_back(base);
          c.log_prob.push_back(base + log_ratio);
          c.advantages.push_back(advantage);
        }
      }
    }
  }
  for (const float advantage : {1.0f, -1.0f}) {  // exp(-120) is 0 in float
    c.old_log_prob.push_back(-1);
    c.log_prob.push_back(-121);
    c.advantages.push_back(advantage);
  }
  return c;
}

/// Rounding may put a ratio on the other side of the clip; where it is within 1e-6 of an end both
/// gradients, that of the clipped and of the plain term, are right.
bool is_at_the_edge(float log_prob, float old_log_prob, double clip_range) {
  const double ratio = std::exp(static_cast<double>(log_prob) - old_log_prob);
  return std::abs(std::abs(ratio - 1) - clip_range) < 1e-6;
}

/// The sum of all terms with a clip of 1/4, and their derivatives.
double surrogate_of(const SurrogateCase& c, Floats& gradient) {
  Floats ratio(c.log_prob.size());
  probability_ratios(c.log_prob, c.old_log_prob, ratio);
  double sum = 0;
  for (std::size_t i = 0; i < ratio.size(); ++i) {
    const LossTerm term = clipped_surrogate(ratio[i], c.advantages[i], 0.25);
    sum += term.loss;
    gradient[i] = term.gradient;
  }
  return sum;
}

TEST_P(ClosedForm, SurrogateIsTheReferences) {
  const SurrogateCase c = surrogate_case();
  const auto n = static_cast<double>(c.log_prob.size());
  const at::Tensor log_prob = in_double(c.log_prob).set_requires_grad(true);
  const at::Tensor loss =
      ppo_policy_loss(log_prob, in_double(c.old_log_prob), in_double(c.advantages), 0.25);
  loss.backward();
  const std::vector<double> expected = values_of(log_prob.grad() * n);
  Floats gradient(c.log_prob.size());
  const double sum = surrogate_of(c, gradient);
  EXPECT_NEAR(sum / n, loss.item<double>(), 1e-6);
  int edges = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (is_at_the_edge(c.log_prob[i], c.old_log_prob[i], 0.25)) {
      ++edges;
      const double plain =
          -c.advantages[i] * std::exp(static_cast<double>(c.log_prob[i]) - c.old_log_prob[i]);
      EXPECT_TRUE(gradient[i] == 0 || std::abs(gradient[i] - plain) < 2e-6) << "entry " << i;
    } else {
      EXPECT_NEAR(gradient[i], expected[i], 2e-6 * (1 + std::abs(expected[i]))) << "entry " << i;
    }
  }
  EXPECT_GT(edges, 20);
}

TEST_P(ClosedForm, APoisonedSurrogateIsSeen) {
  const SurrogateCase c = surrogate_case();
  const at::Tensor log_prob = in_double(c.log_prob).set_requires_grad(true);
  ppo_policy_loss(log_prob, in_double(c.old_log_prob), in_double(c.advantages), 0.25).backward();
  const std::vector<double> expected = values_of(log_prob.grad());
  std::size_t at = 0;
  while (std::abs(expected[at]) < 0.5 / static_cast<double>(expected.size())) ++at;  // no clip binds
  SurrogateCase poisoned = c;
  poisoned.advantages[at] *= 1.001f;
  Floats gradient(expected.size());
  surrogate_of(poisoned, gradient);
  const double right = expected[at] * static_cast<double>(expected.size());
  EXPECT_GT(std::abs(gradient[at] - right), 10 * 2e-6 * (1 + std::abs(right)));
}

/// Random values; then errors that are equal on both sides of the clip, and values at its ends.
struct ValueCase {
  Floats values = normals(300, 1, 4), old_values = normals(300, 1, 5), returns = normals(300, 2, 6);
  ValueCase() {
    for (const float value : {-0.5f, 0.0f, 0.5f, 0.75f, 2.0f}) {
      for (const float wanted : {-1.0f, 0.5f, 0.625f, 1.25f, 3.0f}) {
        values.push_back(value);
        old_values.push_back(0);
        returns.push_back(wanted);
      }
    }
  }
};

TEST_P(ClosedForm, ValueErrorIsTheReferences) {
  const ValueCase c;
  for (const double clip_range : {0.0, 0.5}) {
    const at::Tensor values = in_double(c.values).set_requires_grad(true);
    const at::Tensor loss =
        value_loss(values, in_double(c.old_values), in_double(c.returns), clip_range);
    loss.backward();
    Floats gradient(c.values.size());
    double sum = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const LossTerm term = value_error(c.values[i], c.old_values[i], c.returns[i], clip_range);
      sum += term.loss;
      gradient[i] = term.gradient;
    }
    const auto n = static_cast<double>(gradient.size());
    EXPECT_NEAR(sum / n, loss.item<double>(), 1e-6);
    expect_near(gradient, values.grad() * n, 2e-6);
  }
}

TEST(ClosedFormTerms, NanIsNotLost) {
  EXPECT_TRUE(std::isnan(clipped_surrogate(NAN, 1, 0.2).loss));
  EXPECT_TRUE(std::isnan(clipped_surrogate(1, NAN, 0.2).loss));
  for (const double clip_range : {0.0, 0.5}) {
    EXPECT_TRUE(std::isnan(value_error(NAN, 0.2f, 0.3f, clip_range).loss)) << clip_range;
    EXPECT_TRUE(std::isnan(value_error(0.1f, 0.2f, NAN, clip_range).loss)) << clip_range;
  }
  EXPECT_TRUE(std::isnan(value_error(0.1f, NAN, 0.3f, 0.5).loss));
}

// ---- Advantages ---------------------------------------------------------------------------------

// Every pattern of ends in six steps of one env, beside an env with random ones.
TEST(ClosedFormAdvantages, AreTheReferences) {
  constexpr std::int64_t kSteps = 6;
  for (int pattern = 0; pattern < 729; ++pattern) {
    std::vector<std::uint8_t> terminated, ended;
    Rng rng(static_cast<std::uint64_t>(pattern), "ends");
    for (int t = 0, rest = pattern; t < kSteps; ++t, rest /= 3) {
      for (const int kind : {rest % 3, static_cast<int>(rng.below(3))}) {  // goes on, ends, is cut
        terminated.push_back(kind == 1);
        ended.push_back(kind != 0);
      }
    }
    const std::size_t count = terminated.size();
    const auto seed = static_cast<std::uint64_t>(pattern);
    const Floats rewards = normals(count, 1, seed), values = normals(count, 2, seed + 1000),
                 next_values = normals(count, 2, seed + 2000);
    Floats advantages(count);
    generalized_advantage_closed_form(
        {rewards, values, next_values, terminated, ended, 2, 0.97, 0.8}, advantages);
    expect_near(advantages,
                generalized_advantages(in_double(rewards, {kSteps, 2}),
                                       in_double(values, {kSteps, 2}),
                                       in_double(next_values, {kSteps, 2}),
                                       bytes(terminated, {kSteps, 2}), bytes(ended, {kSteps, 2}),
                                       0.97, 0.8),
                1e-6);
  }
}

TEST(ClosedFormStatistics, ExplainedVarianceIsTheReferences) {
  const Floats values = normals(100, 1, 7), returns = normals(100, 2, 8);
  EXPECT_NEAR(explained_variance_closed_form(values, returns),
              explained_variance(in_double(values), in_double(returns)), 1e-12);
  EXPECT_TRUE(std::isnan(explained_variance_closed_form(values, Floats(100, 3.0f))));
}

// Of the entries 5, 1 and 1 of all: mean 7/3, deviation sqrt(((8/3)^2 + 2 (4/3)^2) / 2)
// = 2.3094011.
TEST(ClosedFormStatistics, MomentsAreOfTheChosenRows) {
  const Floats all = {1, 100, 5};
  const std::vector<std::int32_t> chosen = {2, 0, 0};
  const Moments moments = moments_of(all, chosen);
  EXPECT_NEAR(moments.mean, 7.0 / 3, 1e-12);
  EXPECT_NEAR(moments.deviation, 2.3094011, 1e-7);
}

// ---- Likelihoods --------------------------------------------------------------------------------

struct LikelihoodCase {
  std::string name;
  ActionSpace space;
  double scale;  // of the logits or means
  bool masked;
  void expect_reference(const std::string& level) const;
};

ActionSpace two_component_box() {
  return ActionSpace::box({ActionSpace::real("x", -1, 1), ActionSpace::real("y", -2, 2)});
}

/// f = sum of weights_i log_prob_i + c sum of entropies: value of each part and gradient of f.
void LikelihoodCase::expect_reference(const std::string& level) const {
  SCOPED_TRACE(name + " " + level);
  constexpr std::int64_t kRows = 37;
  const auto columns = static_cast<std::int64_t>(space.is_box() ? space.size() : space.mask_size());
  const auto components = static_cast<std::int64_t>(space.size());
  const Floats outputs = normals(static_cast<std::size_t>(kRows * columns), scale, 11);
  const Floats log_std = space.is_box() ? Floats{-1.5f, 0.75f} : Floats();
  const Floats weights = normals(kRows, 1, 12);
  constexpr float kEntropyWeight = 0.3f;

  Rng rng(13, "actions");
  std::vector<std::uint8_t> masks(static_cast<std::size_t>(kRows * columns), 1);
  std::vector<std::int32_t> choices;
  Floats reals;
  for (std::int64_t r = 0; r < kRows; ++r) {
    std::size_t first = static_cast<std::size_t>(r * columns);
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (space.is_box()) {
        reals.push_back(static_cast<float>(3 * rng.normal()));
        continue;
      }
      const std::size_t n = space.options(i);
      const std::size_t choice = rng.below(static_cast<std::uint32_t>(n));
      for (std::size_t j = 0; masked && j < n; ++j) masks[first + j] = rng.chance(0.5);
      masks[first + choice] = 1;
      choices.push_back(static_cast<std::int32_t>(choice));
      first += n;
    }
  }

  const at::Tensor out = in_double(outputs, {kRows, columns}).set_requires_grad(true);
  at::Tensor sigma;
  if (space.is_box()) sigma = in_double(log_std).set_requires_grad(true);
  const at::Tensor actions =
      space.is_box() ? in_double(reals, {kRows, components}) : ints(choices, {kRows, components});
  const ActionLikelihood expected = action_likelihood(
      space, out, sigma, actions, masked ? bytes(masks, {kRows, columns}) : at::Tensor());
  ((expected.log_prob * in_double(weights)).sum() + kEntropyWeight * expected.entropy.sum())
      .backward();

  // Through an index that reverses the rows: what was taken in row r stands at kRows - 1 - r.
  std::vector<std::int32_t> index;
  std::vector<std::uint8_t> stored_masks(masks.size());
  std::vector<std::int32_t> stored_choices(choices.size());
  Floats stored_reals(reals.size());
  for (std::int64_t r = 0; r < kRows; ++r) {
    const std::int64_t at = kRows - 1 - r;
    index.push_back(static_cast<std::int32_t>(at));
    std::copy_n(masks.begin() + r * columns, columns, stored_masks.begin() + at * columns);
    if (space.is_box()) {
      std::copy_n(reals.begin() + r * components, components,
                  stored_reals.begin() + at * components);
    } else {
      std::copy_n(choices.begin() + r * components, components,
                  stored_choices.begin() + at * components);
    }
  }
  LikelihoodRows rows(space);
  LikelihoodRows::Taken taken;
  taken.actions = space.is_box() ? static_cast<const void*>(stored_reals.data())
                                 : static_cast<const void*>(stored_choices.data());
  taken.masks = masked ? stored_masks.data() : nullptr;
  taken.index = index.data();
  Floats log_prob(kRows), entropy(kRows), gradient(outputs.size());
  std::vector<double> log_std_gradient(log_std.size(), 0.0);
  const auto stride = static_cast<std::size_t>(columns);
  rows.forward(kRows, {outputs.data(), stride}, log_std, taken, log_prob.data(), entropy.data());
  rows.backward(weights.data(), kEntropyWeight, {gradient.data(), stride}, log_std_gradient.data());
  expect_near(log_prob, expected.log_prob, 2e-6);
  expect_near(entropy, expected.entropy, 2e-6);
  expect_near(gradient, out.grad(), 5e-6);
  if (space.is_box()) {
    const std::vector<double> expected_std = values_of(sigma.grad());
    for (std::size_t j = 0; j < expected_std.size(); ++j) {
      EXPECT_NEAR(log_std_gradient[j], expected_std[j], 2e-5 * (1 + std::abs(expected_std[j])));
    }
  }
}

TEST_P(ClosedForm, LikelihoodsAreTheReferences) {
  const ActionSpace five = ActionSpace::discrete({"a", "b", "c", "d", "e"});
  const ActionSpace several = ActionSpace::multi_discrete(
      {{"gear", {"a", "b"}, 0, 0, ""}, {"lever", {"a", "b", "c"}, 0, 0, ""},
       {"key", {"a", "b", "c", "d"}, 0, 0, ""}});
  for (const double scale : {0.01, 1.0, 30.0}) {  // 30: probabilities of 1 and of 1e-40
    for (const bool masked : {false, true}) {
      LikelihoodCase{"discrete", five, scale, masked}.expect_reference(GetParam());
      LikelihoodCase{"multi-discrete", several, scale, masked}.expect_reference(GetParam());
    }
    LikelihoodCase{"box", two_component_box(), scale, false}.expect_reference(GetParam());
  }
}

// ---- The squashed Gaussian ----------------------------------------------------------------------

TEST_P(ClosedForm, SquashedGaussiansAreTheReferences) {
  constexpr std::int64_t kRows = 41, kComponents = 3;
  const Floats noise = normals(kRows * kComponents, 1, 41);
  Floats outputs = normals(kRows * 2 * kComponents, 1, 42);
  outputs[3] = 2.5f;    // log deviations beyond their clamp
  outputs[10] = -21.0f;
  const Floats of_log_prob = normals(kRows, 1, 43), of_action = normals(kRows * kComponents, 1, 44);
  const at::Tensor out = in_double(outputs, {kRows, 2 * kComponents}).set_requires_grad(true);
  const SquashedSample expected = squashed_sample(out, in_double(noise, {kRows, kComponents}));
  ((expected.log_prob * in_double(of_log_prob)).sum() +
   (expected.actions * in_double(of_action, {kRows, kComponents})).sum())
      .backward();
  SquashedGaussian distribution(kComponents);
  Floats actions(noise.size()), log_prob(kRows), gradient(outputs.size());
  distribution.forward(kRows, {outputs.data(), 2 * kComponents}, noise.data(), actions.data(),
                       log_prob.data());
  distribution.backward(of_log_prob.data(), of_action.data(), {gradient.data(), 2 * kComponents});
  expect_near(actions, expected.actions, 1e-6);
  expect_near(log_prob, expected.log_prob, 5e-6);
  expect_near(gradient, out.grad(), 5e-6);
}

// ---- Deep Q-learning ----------------------------------------------------------------------------

TEST_P(ClosedForm, HuberLossIsTheReferences) {
  constexpr std::int64_t kRows = 60, kActions = 3;
  Floats q = normals(kRows * kActions, 2, 21), targets = normals(kRows, 2, 22);
  std::vector<std::int32_t> actions;
  for (std::int32_t i = 0; i < kRows; ++i) actions.push_back(i % kActions);
  q[0] = targets[0] + 0.5f;  // at the threshold, exactly where it is a float
  targets[0] = 0;
  q[0] = 0.5f;
  const at::Tensor taped = in_double(q, {kRows, kActions}).set_requires_grad(true);
  const at::Tensor loss =
      huber_td_loss(taped, ints(actions).to(at::kLong), in_double(targets), 0.5);
  loss.backward();
  Floats gradient(q.size(), 9.0f), td_errors(kRows), weights(kRows, 1.0f);
  TdRows rows = {kActions, {q.data(), kActions}, actions, targets, weights, 0.5};
  const double sum = huber_td_closed_form(rows, td_errors, {gradient.data(), kActions});
  EXPECT_NEAR(sum / kRows, loss.item<double>(), 1e-6);
  expect_near(gradient, taped.grad() * kRows, 2e-6);
  EXPECT_EQ(td_errors[0], 0.5f);

  // A row of weight 3 is a row that is there three times, one of weight 0 is none.
  weights[1] = 3;
  weights[2] = 0;
  Floats weighted(q.size(), 9.0f);
  const double weighted_sum = huber_td_closed_form(rows, td_errors, {weighted.data(), kActions});
  const auto term = [&](std::size_t i) {
    const float delta = std::abs(td_errors[i]);
    return delta > 0.5f ? 0.5f * (delta - 0.25f) : 0.5f * delta * delta;
  };
  EXPECT_NEAR(weighted_sum, sum + 2 * term(1) - term(2), 1e-5);
  for (std::size_t a = 0; a < kActions; ++a) {
    EXPECT_EQ(weighted[kActions + a], 3 * gradient[kActions + a]);
    EXPECT_EQ(weighted[2 * kActions + a], 0);
  }
}

TEST(ClosedFormTargets, AreTheReferences) {
  constexpr std::int64_t kRows = 40, kActions = 4;
  const Floats rewards = normals(kRows, 1, 31), next_q = normals(kRows * kActions, 1, 32),
               online = normals(kRows * kActions, 1, 33);
  std::vector<std::uint8_t> terminated, mask;
  for (int i = 0; i < kRows; ++i) {
    terminated.push_back(i % 3 == 0);
    for (int a = 0; a < kActions; ++a) mask.push_back(i % 7 == 5 ? 0 : (i + a) % 3 != 0);
  }
  const Floats discounts(kRows, 0.9f);
  const TargetRows rows = {rewards,       discounts,   terminated, next_q.data(),
                           online.data(), mask.data(), kActions};
  Floats plain(kRows), twice(kRows);
  q_learning_target_closed_form(rows, plain);
  double_q_target_closed_form(rows, twice);
  const at::Tensor m = bytes(mask, {kRows, kActions}), ended = bytes(terminated);
  const at::Tensor q = floats(next_q, {kRows, kActions}), o = floats(online, {kRows, kActions});
  const auto expect_same = [&](const Floats& actual, const at::Tensor& expected, bool any_allowed) {
    const std::vector<double> values = values_of(expected);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!any_allowed && i % 7 == 5 && !terminated[i]) continue;
      if (std::isinf(values[i])) {
        EXPECT_EQ(actual[i], values[i]) << i;
      } else {
        EXPECT_NEAR(actual[i], values[i], 1e-6) << i;
      }
    }
  };
  expect_same(plain, q_learning_target(floats(rewards), ended, q, m, 0.9), true);
  // With nothing allowed the reference takes some forbidden action; ours is -inf, as above.
  expect_same(twice, double_q_target(floats(rewards), ended, o, q, m, 0.9), false);
}

}  // namespace
}  // namespace tern
