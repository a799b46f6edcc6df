#pragma once
// Agents with Box actions on envs whose answer is known in closed form.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/losses/continuous_q_closed_form.h"
#include "core/policy.h"
#include "tests/agents/training.h"

namespace tern {

constexpr double kProbeGamma = 0.5;
constexpr std::uint64_t kSeeds[] = {1, 2, 3, 4, 5};

/// What all agents learn probes with.
template <class Config>
Config probe_config_of() {
  Config config;
  config.learning_rate = Schedule::linear(5e-3);
  config.replay.buffer_size = 20'000;
  config.replay.learning_starts = 200;
  config.replay.batch_size = 64;
  config.replay.train_every = 4;
  config.replay.updates_per_train = 2;
  config.replay.gamma = kProbeGamma;
  return config;
}
/// The same of an agent with entropy, whose weight is fixed, so that the answer is known.
constexpr double kAlpha = 0.02;
template <class Config>
Config entropic_probe_config_of() {
  Config config = probe_config_of<Config>();
  config.entropy_coef = kAlpha;
  config.learn_entropy_coef = false;
  config.hidden_sizes = {32};
  return config;
}

/// What the policy thinks of one observation.
inline Inspection thoughts(Policy& policy, std::vector<float> obs) {
  return policy.inspect(ConstObsRow(Row<const float>(obs)), {});
}

/// Probe-Continuous-v0: the largest error of the mean action, which should be o / 2.
inline double worst_miss(Policy& policy) {
  double worst = 0;
  for (const float o : {-0.8f, -0.3f, 0.0f, 0.5f, 0.9f}) {
    const double error = std::abs(thoughts(policy, {o}).mean[0] - o / 2);
    worst = std::isnan(error) ? INFINITY : std::max(worst, error);
  }
  return worst;
}

/// Probe-Continuous-v0 with entropy: pi(a | o) is proportional to exp(Q / alpha), a Gaussian around
/// o / 2 with variance alpha / 2, which the bounds hardly cut: deviation 0.1. The relative error of
/// the deviation.
inline double deviation_error(Policy& policy) {
  return std::abs(thoughts(policy, {0.2f}).standard_deviation[0] / std::sqrt(kAlpha / 2) - 1);
}

/// Probe-ContinuousTwoStep-v0: the larger error of the first action, which should be gamma, and of
/// its value, gamma^2 / 2.
inline double two_step_error(Policy& policy) {
  const Inspection first = thoughts(policy, {0, 0});
  const double action = std::abs(first.mean[0] - kProbeGamma);
  const double value = std::abs(*first.value - kProbeGamma * kProbeGamma / 2);
  const double worst = std::max(action, value);
  return std::isnan(action + value) ? INFINITY : worst;
}

/// Trains on the env and returns the policy. make(spec, num_envs, seed) makes the agent.
template <class Make>
std::unique_ptr<Policy> trained(const std::string& id, std::uint64_t seed, std::int64_t steps,
                                const Make& make) {
  constexpr std::size_t kEnvs = 4;
  const auto envs = make_envs(id, kEnvs, seed);
  const std::unique_ptr<Agent> agent = make(envs->spec(), kEnvs, seed);
  Training training(steps);
  agent->train(*envs, training);
  return agent->snapshot();
}

/// Every seed of train(env, seed) finds the best action, to `miss`, and the deviation, to a share.
template <class Train>
void expect_best_action_and_deviation(const Train& train, double miss, double deviation) {
  for (const std::uint64_t seed : kSeeds) {
    const std::unique_ptr<Policy> policy = train("Probe-Continuous-v0", seed);
    EXPECT_LT(worst_miss(*policy), miss) << seed;
    EXPECT_LT(deviation_error(*policy), deviation) << seed;
  }
}

/// Every seed of train(config, seed) on Probe-Continuous-v0 keeps the entropy at the target of -1
/// nat, wherever the weight starts.
template <class Config, class Train>
void expect_the_target_entropy(Config config, const Train& train) {
  config.learn_entropy_coef = true;
  config.entropy_coef = 0.1;
  config.target_entropy = -1;
  for (const std::uint64_t seed : kSeeds) {
    EXPECT_NEAR(*thoughts(*train(config, seed), {0.2f}).entropy, -1, 0.3) << seed;
  }
}

// ---- Broken equations ---------------------------------------------------------------------------

/// A target that goes on after the end.
inline void endless_target(const NextValueRows& rows, Row<float> targets) {
  const std::vector<std::uint8_t> never(rows.terminated.size(), 0);
  NextValueRows blind = rows;
  blind.terminated = Row<const std::uint8_t>(never);
  min_q_target_closed_form(blind, targets);
}

/// An actor that goes down where `ascent` climbs.
template <auto ascent>
double descent(const CriticShape& shape, std::size_t rows, HeadRows q, HeadRows gradient) {
  const double loss = ascent(shape, rows, q, gradient);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < shape.critics; ++c) gradient[c].data[r * gradient.stride] *= -1;
  }
  return loss;
}

/// Targets that never move.
inline void frozen_target(Row<float>, Row<const float>, double) {}

}  // namespace tern
