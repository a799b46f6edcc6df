// Proof: learning on envs whose answer is known in closed form; each of five fixed seeds must find
// every answer, and CrossQ with one of its equations broken must not. Worked example: what the
// critics' pass hands to the loss.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "agents/crossq/crossq.h"
#include "tests/agents/continuous_probes.h"

namespace tern {
namespace {

CrossqConfig probe_config() {
  auto config = entropic_probe_config_of<CrossqConfig>();
  config.critic_hidden_sizes = {64};
  config.renorm_warmup = 500;  // both kinds of normalisation
  return config;
}

std::unique_ptr<Policy> train_crossq(const std::string& id, std::uint64_t seed,
                                     const CrossqConfig& config,
                                     const CrossqEquations& equations = {},
                                     std::int64_t steps = 12'000) {
  return trained(id, seed, steps, [&](const EnvSpec& spec, std::size_t num_envs, std::uint64_t s) {
    return make_crossq(config, spec, num_envs, s, equations);
  });
}

constexpr double kMiss = 0.06;

TEST(CrossqProbe, EverySeedFindsTheBestActionAndTheRightDeviation) {
  expect_best_action_and_deviation(
      [](const std::string& id, std::uint64_t seed) {
        return train_crossq(id, seed, probe_config());
      },
      kMiss, 0.2);
}

// The entropy's worth is small beside the reward's: alpha 0.001.
CrossqConfig greedy_config() {
  CrossqConfig config = probe_config();
  config.entropy_coef = 0.001;
  return config;
}
constexpr double kTwoStepError = 0.06;
// Moments of 64 rows are noise that only renormalisation takes away: without it up to 0.09 is left,
// and 0.5 or more by separate batches.
constexpr double kTwoStepErrorByBatch = 0.25;

// Batches that are pulled to the running moments from the 500th update on, or never.
constexpr int kNever = 10'000'000;

TEST(CrossqProbe, EverySeedRatesAnActionByWhatFollows) {
  for (const int warmup : {500, kNever}) {
    for (const std::uint64_t seed : kSeeds) {
      CrossqConfig config = greedy_config();
      config.renorm_warmup = warmup;
      const auto policy = train_crossq("Probe-ContinuousTwoStep-v0", seed, config);
      EXPECT_LT(two_step_error(*policy), warmup == kNever ? kTwoStepErrorByBatch : kTwoStepError)
          << seed << ", warm-up " << warmup;
    }
  }
}

TEST(CrossqProbe, ALearnedWeightKeepsTheTargetEntropy) {
  expect_the_target_entropy(probe_config(), [](const CrossqConfig& config, std::uint64_t seed) {
    return train_crossq("Probe-Continuous-v0", seed, config);
  });
}

// ---- The critics' pass --------------------------------------------------------------------------

/// What the passes of an agent looked like.
struct Passes {
  std::size_t batch = 0;
  int critic = 0, actor = 0;
};
Passes seen;

// Q(s', a') of the loss is what one pass over both halves gives, and the gradient of that half is
// 0.
TEST(CrossqUpdate, HasBothHalvesInOnePassAndAConstantTarget) {
  CrossqConfig config = probe_config();
  config.replay.batch_size = 16;
  CrossqEquations equations;
  seen = {};
  equations.critic_pass = [](Network& critic, const BatchInputs& joint, ChunkLoss loss) {
    EXPECT_EQ(joint.rows, 32u);
    ++seen.critic;
    const auto before = critic.statistics_row();
    const std::vector<float> moments(before.begin(), before.end());
    critic.accumulate_gradient(joint, [&](const Chunk& chunk, HeadRows q, HeadRows dq) {
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t r = 0; r < chunk.rows(); ++r) dq[c].data[r * dq.stride] = NAN;
      }
      loss(chunk, q, dq);
      float largest = 0;
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t r = 0; r < 16; ++r) {
          largest = std::max(largest, std::abs(dq[c].data[r * dq.stride]));
          EXPECT_EQ(dq[c].data[(16 + r) * dq.stride], 0);
        }
      }
      EXPECT_GT(largest, 0);
    });
    EXPECT_NE(std::vector<float>(critic.statistics_row().begin(), critic.statistics_row().end()),
              moments);
  };
  equations.target = [](const NextValueRows& rows, Row<float> targets) {
    min_q_target_closed_form(rows, targets);
    seen.batch = targets.size();
  };
  train_crossq("Probe-ContinuousTwoStep-v0", 1, config, equations, 400);
  EXPECT_EQ(seen.batch, 16u);
  EXPECT_GT(seen.critic, 50);
}

TEST(CrossqUpdate, TheActorFollowsTheCriticsWithItsDelay) {
  for (const int delay : {1, 3}) {
    CrossqConfig config = probe_config();
    config.policy_delay = delay;
    CrossqEquations equations;
    seen = {};
    equations.critic_error = [](const CriticShape& shape, HeadRows q, Row<const float> targets,
                                Row<const float> weights, HeadRows gradient, Row<float> td_errors) {
      ++seen.critic;
      return critic_error_closed_form(shape, q, targets, weights, gradient, td_errors);
    };
    equations.policy_gradient = [](const SquashedGaussian& sample, const float* log_prob_gradient,
                                   const float* action_gradient, Rows<float> outputs_gradient) {
      ++seen.actor;
      squashed_backward(sample, log_prob_gradient, action_gradient, outputs_gradient);
    };
    train_crossq("Probe-Continuous-v0", 1, config, equations, 500);
    EXPECT_GT(seen.critic, 100);
    EXPECT_EQ(seen.actor, seen.critic / delay);
  }
}

// ---- Sabotage: the algorithm with one equation broken. No seed may pass what every seed passed
// above.

/// Calls `loss` with Q(s, a) of a pass over this half alone, and with a given Q(s', a').
void pass_over_first_half(Network& critic, const BatchInputs& joint, const ChunkLoss& loss,
                          const std::vector<float>& next_q) {
  const std::size_t size = joint.rows / 2;
  critic.accumulate_gradient({joint.data, size}, [&](const Chunk&, HeadRows q, HeadRows dq) {
    const std::size_t offsets[] = {0, 1};
    std::vector<float> both(4 * size), gradient(4 * size);
    for (std::size_t r = 0; r < size; ++r) {
      for (std::size_t c = 0; c < 2; ++c) {
        both[2 * r + c] = q[c].data[r * q.stride];
        both[2 * (size + r) + c] = next_q[2 * r + c];
      }
    }
    loss({0, 0, 2 * size}, {both.data(), 2, offsets}, {gradient.data(), 2, offsets});
    for (std::size_t r = 0; r < size; ++r) {
      for (std::size_t c = 0; c < 2; ++c) dq[c].data[r * dq.stride] = gradient[2 * r + c];
    }
  });
}

/// The best of the seeds.
double least_two_step_error(const CrossqEquations& sabotage, int renorm_warmup) {
  double least = INFINITY;
  for (const std::uint64_t seed : kSeeds) {
    CrossqConfig config = greedy_config();
    config.renorm_warmup = renorm_warmup;
    const double error =
        two_step_error(*train_crossq("Probe-ContinuousTwoStep-v0", seed, config, sabotage));
    least = std::min(least, error);
  }
  return least;
}

// (s', a') normalised by its own moments: another function than the one that is learned.
// Renormalisation mends that in part, by pulling both to the same running moments: with a warm-up
// of 500 some seeds find the answer.
TEST(SabotagedCrossq, SeparateBatchesAreNoticed) {
  CrossqEquations sabotage;
  sabotage.critic_pass = [](Network& critic, const BatchInputs& joint, ChunkLoss loss) {
    const std::size_t size = joint.rows / 2;
    std::vector<float> next_q(2 * size);
    critic.accumulate_gradient({joint.data + size * critic.row_size(), size},
                               [&](const Chunk&, HeadRows q, HeadRows dq) {
                                 for (std::size_t r = 0; r < size; ++r) {
                                   for (std::size_t c = 0; c < 2; ++c) {
                                     next_q[2 * r + c] = q[c].data[r * q.stride];
                                     dq[c].data[r * dq.stride] = 0;
                                   }
                                 }
                               });
    pass_over_first_half(critic, joint, loss, next_q);
  };
  EXPECT_GT(least_two_step_error(sabotage, kNever), kTwoStepErrorByBatch);
}

TEST(SabotagedCrossq, ATargetThatGoesOnAfterTheEndIsNoticed) {
  CrossqEquations sabotage;
  sabotage.target = endless_target;
  EXPECT_GT(least_two_step_error(sabotage, 500), kTwoStepError);
}

TEST(SabotagedCrossq, AnActorThatGoesDownIsNoticed) {
  CrossqEquations sabotage;
  sabotage.ascent = descent<min_q_ascent_closed_form>;
  for (const std::uint64_t seed : kSeeds) {
    const auto policy = train_crossq("Probe-Continuous-v0", seed, probe_config(), sabotage);
    EXPECT_GT(worst_miss(*policy), kMiss) << seed;
  }
}

}  // namespace
}  // namespace tern
