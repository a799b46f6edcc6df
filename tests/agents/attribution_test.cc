// Proof: laws of attributions for the policies of all agents (integrated gradients add up, an input
// without weights gets exactly nothing, other weights give another map), gradients held to central
// differences, occlusion and outputs to what the policy gives by itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "agents/ppo/ppo.h"
#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "core/error.h"
#include "tests/agents/attribution_subjects.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/training.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

constexpr auto kGradient = AttributionMethod::kGradientTimesInput;
constexpr auto kIntegrated = AttributionMethod::kIntegratedGradients;
constexpr auto kOcclusion = AttributionMethod::kOcclusion;
constexpr AttributionMethod kMethods[] = {kGradient, kIntegrated, kOcclusion};

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

class AttributionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { set_up_platform(); }
};

TEST_F(AttributionTest, IntegratedGradientsOfEveryPolicySumToTheDifferenceOfOutputs) {
  for (const Subject& subject : all_subjects()) {
    Rng rng(3, "scenes");
    for (int i = 0; i < 4; ++i) {
      const Scene scene = random_scene(subject.spec, *subject.policy, rng);
      const std::vector<std::string> outputs = subject.policy->attributable_outputs();
      for (std::size_t output = 0; output < outputs.size(); ++output) {
        const Attribution found = subject.policy->attribute(scene.question(output, kIntegrated));
        const double difference = found.output - found.baseline_output;
        ASSERT_EQ(found.scores.size(), subject.spec.obs.size());
        EXPECT_NE(difference, 0) << subject.name;
        EXPECT_NEAR(sum_of(found.scores), difference, 0.01 * std::fabs(difference))
            << subject.name << ", " << outputs[output];
      }
    }
  }
}

TEST_F(AttributionTest, GradientsAreThoseOfTheOutput) {
  for (const Subject& subject : smooth_subjects()) {
    Rng rng(4, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    const std::size_t outputs = subject.policy->attributable_outputs().size();
    const std::size_t reals = subject.spec.obs.size() - 1;  // the last one is a category
    for (std::size_t output = 0; output < outputs; ++output) {
      const auto f = [&](const std::vector<double>& x) {
        Scene moved = scene;
        std::copy(x.begin(), x.end(), moved.floats.begin());
        moved.pack();
        return subject.policy->attribute(moved.question(output, kGradient)).output;
      };
      // In float32 a difference has an error of 1e-7 / 1e-2.
      const std::vector<double> here(scene.floats.begin(),
                                     scene.floats.begin() + static_cast<std::ptrdiff_t>(reals));
      const std::vector<double> slopes = central_differences(f, here, 1e-2);
      const Attribution found = subject.policy->attribute(scene.question(output, kGradient));
      double largest = 0;
      for (std::size_t i = 0; i < reals; ++i) {
        largest = std::max(largest, std::fabs(slopes[i] * here[i]));
      }
      EXPECT_GT(largest, 1e-3) << subject.name;
      for (std::size_t i = 0; i < reals; ++i) {
        EXPECT_NEAR(found.scores[i], slopes[i] * here[i], 0.01 * largest + 2e-4)
            << subject.name << " " << output << " " << i;
      }
    }
  }
}

TEST_F(AttributionTest, OcclusionIsWhatIsLostWithoutTheNumber) {
  for (const Subject& subject : smooth_subjects()) {
    Rng rng(5, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    for (std::size_t i = 0; i < 5; ++i) {
      Scene without = scene;
      without.floats[i] = 0;
      without.pack();
      const Attribution found = subject.policy->attribute(scene.question(0, kOcclusion));
      const double left = subject.policy->attribute(without.question(0, kGradient)).output;
      EXPECT_EQ(found.scores[i], found.output - left) << subject.name;
    }
  }
}

TEST_F(AttributionTest, OcclusionOfALargePictureGoesByPatches) {
  const ObsSpace space = ObsSpace(DType::kUint8).image("screen", 40, 20, 2, 0, 255);
  const Subject subject = ppo("ppo", small<PpoConfig>("relu", "cnn"), env(space, choices()));
  Rng rng(6, "scenes");
  const Scene scene = random_scene(subject.spec, *subject.policy, rng);
  const Attribution found = subject.policy->attribute(scene.question(0, kOcclusion));
  const auto at = [&](std::size_t y, std::size_t x, std::size_t c) {
    return found.scores[(y * 20 + x) * 2 + c];
  };
  EXPECT_EQ(at(3, 3, 0), at(5, 5, 1));  // 14 patches of 3 pixels along the longer side
  EXPECT_NE(at(3, 3, 0), at(3, 2, 0));
  EXPECT_NE(at(3, 3, 0), at(6, 3, 0));
  Scene without = scene;
  for (std::size_t y = 39; y < 40; ++y) {
    for (std::size_t x = 18; x < 20; ++x) {
      for (std::size_t c = 0; c < 2; ++c) without.bytes[(y * 20 + x) * 2 + c] = 0;
    }
  }
  without.pack();
  const double left = subject.policy->attribute(without.question(0, kGradient)).output;
  EXPECT_EQ(at(39, 19, 1), found.output - left);  // what is left of the last patch
}

TEST_F(AttributionTest, OutputsAreWhatThePolicySaysOfItself) {
  for (const Subject& subject : all_subjects()) {
    Rng rng(7, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    const Inspection said = subject.policy->inspect(scene.obs(), scene.mask, scene.state);
    const std::vector<std::string> outputs = subject.policy->attributable_outputs();
    ASSERT_FALSE(outputs.empty());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const double output = subject.policy->attribute(scene.question(i, kGradient)).output;
      const std::size_t taken =
          scene.choices.empty() ? 0 : static_cast<std::size_t>(scene.choices[0]);
      if (outputs[i] == "V(s)" || outputs[i] == "best Q(s, a)") {
        EXPECT_NEAR(output, *said.value, 1e-5) << subject.name;
      } else if (outputs[i] == "log pi(a | s)" && !said.probabilities.empty()) {
        EXPECT_NEAR(output, std::log(said.probabilities[taken]), 1e-5) << subject.name;
      } else if (outputs[i] == "Q(s, a)" && !said.action_values.empty()) {
        EXPECT_NEAR(output, said.action_values[taken], 1e-5) << subject.name;
      } else if (outputs[i].starts_with("mean of ")) {
        EXPECT_NEAR(output, said.mean[i], 1e-5) << subject.name;
      }
    }
  }
}

TEST_F(AttributionTest, QOfRealActionsIsThatOfTheActionTaken) {
  const Subject subject = sac("sac", small<SacConfig>(), env(numbers(), reals()));
  Rng rng(8, "scenes");
  Scene scene = random_scene(subject.spec, *subject.policy, rng);
  const Inspection said = subject.policy->inspect(scene.obs(), {}, {});
  scene.reals.assign(said.mean.begin(), said.mean.end());
  EXPECT_NEAR(subject.policy->attribute(scene.question(2, kGradient)).output, *said.value, 1e-5);
  scene.reals[0] = scene.reals[0] > 0 ? -2.0f : 2.0f;
  EXPECT_GT(std::fabs(subject.policy->attribute(scene.question(2, kGradient)).output - *said.value),
            1e-3);
}

/// Sets what the first dense layers read from feature i to nothing.
void blind(const std::vector<Network*>& networks, std::size_t feature) {
  for (Network* network : networks) {
    const int inputs = network->spec().dense.inputs;
    for (const ParameterInfo& info : network->layout()) {
      const bool is_first = info.name.ends_with(".0.weight") && info.shape[0] == inputs;
      if (!is_first) continue;
      const std::size_t columns = static_cast<std::size_t>(info.shape[1]);
      const Row<float> row = network->parameter_row().subrow(
          static_cast<std::size_t>(info.offset) + feature * columns, columns);
      std::fill(row.begin(), row.end(), 0.0f);
    }
  }
}

TEST_F(AttributionTest, AnInputWithoutWeightsGetsExactlyNothing) {
  for (const Subject& subject : smooth_subjects()) {
    if (subject.policy->state_size() > 0) continue;  // their first layers are no dense ones
    blind(subject.networks, 5);
    Rng rng(9, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    const std::size_t outputs = subject.policy->attributable_outputs().size();
    for (std::size_t output = 0; output < outputs; ++output) {
      for (const AttributionMethod method : kMethods) {
        const Attribution found = subject.policy->attribute(scene.question(output, method));
        EXPECT_EQ(found.scores[5], 0) << subject.name << ", " << attribution_name(method);
        EXPECT_NE(found.scores[4], 0) << subject.name << ", " << attribution_name(method);
      }
    }
  }
}

TEST_F(AttributionTest, AChannelWithoutWeightsGetsExactlyNothing) {
  const Subject subject = dqn("dqn", small<DqnConfig>("relu", "cnn"), env(picture(), choices()));
  Network& network = *subject.networks[0];
  const auto info = std::find_if(
      network.layout().begin(), network.layout().end(),
      [](const ParameterInfo& each) { return each.shape.size() == 4; });  // of the first kernels
  ASSERT_NE(info, network.layout().end());
  for (std::int64_t i = info->offset + 1; i < info->offset + info->size; i += 3) {
    network.parameter_row()[static_cast<std::size_t>(i)] = 0;
  }
  Rng rng(10, "scenes");
  const Scene scene = random_scene(subject.spec, *subject.policy, rng);
  for (const AttributionMethod method : {kGradient, kIntegrated}) {
    const Attribution found = subject.policy->attribute(scene.question(0, method));
    double others = 0;
    for (std::size_t i = 0; i < found.scores.size(); ++i) {
      if (i % 3 == 1) {
        EXPECT_EQ(found.scores[i], 0) << attribution_name(method) << " " << i;
      } else {
        others += std::fabs(found.scores[i]);
      }
    }
    EXPECT_GT(others, 0);
  }
}

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = static_cast<double>(i);
  return ranks;
}

/// Spearman's.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double middle = (static_cast<double>(x.size()) - 1) / 2;
  double xy = 0, xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
  }
  return xy / xx;
}

// Of 62 and 300 numbers that have nothing to do with each other the deviation is 0.13 and 0.06.
TEST_F(AttributionTest, OtherWeightsGiveAnotherMap) {
  const EnvSpec flat = env(numbers(), choices()), images = env(picture(), choices());
  const std::vector<std::function<Subject(std::uint64_t)>> makers = {
      [&](std::uint64_t seed) { return ppo("ppo", small<PpoConfig>(), flat, seed); },
      [&](std::uint64_t seed) { return dqn("dqn", small<DqnConfig>(), flat, seed); },
      [&](std::uint64_t seed) { return ppo("ppo", small<PpoConfig>("relu", "cnn"), images, seed); },
      [&](std::uint64_t seed) {
        return dqn("dqn", small<DqnConfig>("relu", "cnn"), images, seed);
      }};
  for (const auto& make : makers) {
    const Subject subject = make(1), other = make(2);
    Rng rng(11, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    for (const AttributionMethod method : kMethods) {
      const auto map = [&](const Subject& of) {
        return of.policy->attribute(scene.question(0, method)).scores;
      };
      EXPECT_LT(rank_correlation(map(subject), map(other)), 0.3)
          << subject.name << ", " << attribution_name(method);
      EXPECT_EQ(map(subject), map(make(1))) << subject.name;
    }
  }
}

/// A policy that has learned to read both images of MixedEnv, and its env.
std::unique_ptr<Policy> trained_policy(EnvSpec& spec) {
  registry().add<MixedEnv>();
  auto config = one_layer<PpoConfig>();
  config.hidden_sizes = {64};
  config.learning_rate = Schedule::linear(5e-3);
  config.rollout_steps = 64;
  config.minibatch_size = 128;
  config.epochs = 4;
  const auto envs = make_envs("Mixed-v0", 8, /*seed=*/1, {{"shows", "both", "test"}});
  spec = envs->spec();
  const std::unique_ptr<Agent> agent = make_ppo(config, spec, 8, /*seed=*/1);
  Training training(16'384);
  agent->train(*envs, training);
  EvaluationPlan plan;
  plan.episodes = 100;
  std::unique_ptr<Policy> policy = agent->snapshot();
  EXPECT_GT(evaluate(*policy, registry().find("Mixed-v0"), {}, plan).mean, 0.8);
  return policy;
}

// The mean over 20 scenes of 55 numbers each: 0.03 if they had nothing to do with each other.
TEST_F(AttributionTest, RandomWeightsGiveAnotherMapThanLearnedOnes) {
  EnvSpec spec;
  const std::unique_ptr<Policy> policy = trained_policy(spec);
  const Subject other = ppo("ppo", one_layer<PpoConfig>(), spec, /*seed=*/2);
  for (const AttributionMethod method : kMethods) {
    Rng rng(16, "scenes");
    double sum = 0;
    for (int i = 0; i < 20; ++i) {
      Scene scene = random_scene(spec, *policy, rng);
      scene.mask = {1, 1};  // of two choices one alone has nothing to explain
      sum += rank_correlation(policy->attribute(scene.question(0, method)).scores,
                              other.policy->attribute(scene.question(0, method)).scores);
    }
    EXPECT_LT(std::fabs(sum / 20), 0.3) << attribution_name(method);
  }
}

TEST_F(AttributionTest, WhatIsRememberedIsHeldFixed) {
  for (const Subject& subject : smooth_subjects()) {
    if (subject.policy->state_size() == 0) continue;
    Rng rng(12, "scenes");
    Scene scene = random_scene(subject.spec, *subject.policy, rng);
    const Attribution before = subject.policy->attribute(scene.question(0, kIntegrated));
    for (float& each : scene.state) each = -each;
    const Attribution after = subject.policy->attribute(scene.question(0, kIntegrated));
    EXPECT_NE(before.scores, after.scores) << subject.name;
    EXPECT_NE(before.baseline_output, after.baseline_output) << subject.name;
    scene.state.clear();  // the start of an episode
    const Attribution at_start = subject.policy->attribute(scene.question(0, kIntegrated));
    scene.state.assign(subject.policy->state_size(), 0.0f);
    EXPECT_EQ(at_start.scores, subject.policy->attribute(scene.question(0, kIntegrated)).scores);
  }
}

TEST_F(AttributionTest, ChangesNothing) {
  for (const Subject& subject : all_subjects()) {
    Rng rng(13, "scenes");
    const Scene scene = random_scene(subject.spec, *subject.policy, rng);
    std::vector<std::vector<float>> parameters;
    for (Network* network : subject.networks) {
      network->zero_gradients();
      parameters.emplace_back(network->parameter_row().begin(), network->parameter_row().end());
    }
    const Inspection before = subject.policy->inspect(scene.obs(), scene.mask, scene.state);
    for (const AttributionMethod method : kMethods) {
      subject.policy->attribute(scene.question(0, method));
    }
    const Inspection after = subject.policy->inspect(scene.obs(), scene.mask, scene.state);
    EXPECT_EQ(before.value, after.value) << subject.name;
    EXPECT_EQ(before.probabilities, after.probabilities) << subject.name;
    EXPECT_EQ(before.recurrent_state, after.recurrent_state) << subject.name;
    for (std::size_t i = 0; i < subject.networks.size(); ++i) {
      const Row<const float> now = std::as_const(*subject.networks[i]).parameter_row();
      EXPECT_TRUE(std::equal(now.begin(), now.end(), parameters[i].begin())) << subject.name;
      const Row<float> gradients = subject.networks[i]->gradient_row();
      EXPECT_TRUE(std::all_of(gradients.begin(), gradients.end(), [](float each) {
        return each == 0;
      })) << subject.name;
    }
  }
}

TEST_F(AttributionTest, ASumOfNormalisedNumbersBeginsAtTheirMean) {
  auto config = small<PpoConfig>();
  config.normalize_obs = true;
  const Subject subject = ppo("ppo", config, env(numbers(), choices()));
  auto& policy = static_cast<ActorCriticPolicy&>(*subject.policy);
  Rng rng(14, "scenes");
  Scene mean = random_scene(subject.spec, policy, rng), other = mean;
  for (float& each : other.floats) each += 2;  // their mean is 1 above `mean`
  std::vector<float> rows = mean.floats;
  rows.insert(rows.end(), other.floats.begin(), other.floats.end());
  policy.net.encoder.update(ObsRows(rows.data(), subject.spec.obs, 2));
  for (float& each : mean.floats) each += 1;
  mean.pack();
  const Attribution found = policy.attribute(mean.question(0, kOcclusion));
  for (std::size_t i = 0; i + 1 < found.scores.size(); ++i) {
    EXPECT_NEAR(found.scores[i], 0, 1e-5) << i;
  }
}

TEST_F(AttributionTest, WhatCannotBeExplainedIsSaid) {
  const Subject subject = ppo("ppo", small<PpoConfig>(), env(numbers(), choices()));
  Rng rng(15, "scenes");
  Scene scene = random_scene(subject.spec, *subject.policy, rng);
  EXPECT_EQ(
      error_of([&] { subject.policy->attribute(scene.question(2, kGradient)); }, ExitCode::kUsage),
      "output 2 is not one of the 2 that this policy explains");
  for (const auto& choices : {std::vector<std::int32_t>{}, {3}, {-1}, {0, 0}}) {
    Scene wrong = scene;
    wrong.choices = choices;
    EXPECT_EQ(error_of([&] { subject.policy->attribute(wrong.question(0, kGradient)); },
                       ExitCode::kUsage),
              "not explained: the action is none of this env's");
    EXPECT_NO_THROW(subject.policy->attribute(wrong.question(1, kGradient)));  // V(s) needs none
  }
  Scene forbidden = scene;
  forbidden.choices[0] = static_cast<std::int32_t>(
      std::find(scene.mask.begin(), scene.mask.end(), 0) - scene.mask.begin());
  EXPECT_THAT(error_of([&] { subject.policy->attribute(forbidden.question(0, kGradient)); },
                       ExitCode::kUsage),
              HasSubstr("the output is not a finite number"));
  scene.floats[3] = std::numeric_limits<float>::quiet_NaN();
  scene.pack();
  for (const AttributionMethod method : kMethods) {
    EXPECT_THAT(
        error_of([&] { subject.policy->attribute(scene.question(0, method)); }, ExitCode::kUsage),
        HasSubstr("numbers that are not finite"));
  }
}

}  // namespace
}  // namespace tern
