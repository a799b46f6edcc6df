// Terms of A2C's loss: derivatives by central differences, and the law that its step is PPO's first
// one (Huang et al. 2022). Laws of an update: every hyper-parameter reaches it, NaN stops it.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "agents/a2c/a2c.h"
#include "agents/training/platform.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/training.h"

namespace tern {
namespace {

TEST(A2cTerms, DerivativesMatchCentralDifferences) {
  for (const float at : {-2.5f, -0.5f, 1.25f}) {
    for (const float other : {-0.75f, 0.0f, 2.0f}) {
      const auto policy = [&](const std::vector<double>& x) { return -double{other} * x[0]; };
      const auto value = [&](const std::vector<double>& x) { return std::pow(x[0] - other, 2); };
      const LossTerm of_policy = policy_gradient_term(at, /*advantage=*/other);
      const LossTerm of_value = squared_error(at, /*target=*/other);
      EXPECT_FLOAT_EQ(of_policy.loss, static_cast<float>(policy({at})));
      EXPECT_FLOAT_EQ(of_value.loss, static_cast<float>(value({at})));
      EXPECT_LT(worst_gradient_error(policy, {at}, {of_policy.gradient}), 1e-6);
      EXPECT_LT(worst_gradient_error(value, {at}, {of_value.gradient}), 1e-6);
      EXPECT_GT(worst_gradient_error(policy, {at}, {of_policy.gradient + 1e-3}), 1e-4);
      EXPECT_GT(worst_gradient_error(value, {at}, {of_value.gradient + 1e-3}), 1e-4);
    }
  }
}

// Where pi is still pi_old, ratios are 1 and no clip binds.
TEST(A2cTerms, HaveTheDerivativesOfPposFirstStep) {
  for (const float advantage : {-3.0f, -0.1f, 0.0f, 0.7f}) {
    EXPECT_EQ(policy_gradient_term(-1.5f, advantage).gradient,
              clipped_surrogate(/*ratio=*/1, advantage, /*clip_range=*/0.2).gradient);
    EXPECT_EQ(squared_error(0.5f, advantage).gradient,
              value_error(0.5f, /*old_value=*/0.5f, advantage, /*clip_range=*/0).gradient);
  }
}

/// The policy after ten updates on CartPole.
std::vector<std::uint8_t> learned(const A2cConfig& config, const A2cEquations& equations = {}) {
  set_up_platform();
  constexpr std::size_t kEnvs = 4;
  const auto envs = make_envs("CartPole-v1", kEnvs, /*seed=*/1);
  const auto agent = make_a2c(config, envs->spec(), kEnvs, /*seed=*/1, equations);
  Training training(10 * std::int64_t{kEnvs} * 5);
  agent->train(*envs, training);
  return agent->save().policy;
}

TEST(A2cUpdate, EveryHyperParameterReachesIt) {
  const std::vector<std::uint8_t> usual = learned({});
  EXPECT_EQ(learned({}), usual);
  for (const auto& [key, text] :
       std::vector<std::pair<std::string, std::string>>{{"learning_rate", "1e-3"},
                                                        {"learning_rate", "lin_7e-4"},
                                                        {"rollout_steps", "4"},
                                                        {"gamma", "0.9"},
                                                        {"gae_lambda", "0.9"},
                                                        {"normalize_advantage", "true"},
                                                        {"entropy_coef", "0.01"},
                                                        {"value_coef", "1"},
                                                        {"max_grad_norm", "0.1"},
                                                        {"max_grad_norm", "0"},
                                                        {"optimizer", "adam"},
                                                        {"adam_epsilon", "1e-3"},
                                                        {"encoder", "fourier"},
                                                        {"hidden_sizes", "[64, 32]"},
                                                        {"activation", "relu"},
                                                        {"layer_norm", "true"},
                                                        {"share_trunk", "true"},
                                                        {"normalize_obs", "true"}}) {
    A2cConfig config;
    load_params(config, {{key, text, "test"}}, "agent", "");
    EXPECT_NE(learned(config), usual) << key;
  }
}

TEST(A2cUpdate, StopsBeforeTheStepWhereALossIsNoNumber) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  A2cEquations policy, value, gradient;
  policy.policy = [](float, float) { return LossTerm{kNan, 0}; };
  value.value = [](float, float) { return LossTerm{kNan, 0}; };
  gradient.value = [](float, float) { return LossTerm{0, kNan}; };
  EXPECT_THROW(learned({}, policy), NonFiniteError);
  EXPECT_THROW(learned({}, value), NonFiniteError);
  EXPECT_THROW(learned({}, gradient), NonFiniteError);
}

}  // namespace
}  // namespace tern
