#pragma once
// The memory that PPO computes in: a rollout's samples, what threads act in, what losses are made in.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/algorithm/train_context.h"
#include "agents/losses/likelihood_closed_form.h"
#include "agents/losses/ppo_closed_form.h"
#include "agents/ppo/ppo_config.h"
#include "replay/rollout_buffer.h"

namespace tern {

/// What is computed of a rollout, one entry or row for each sample k = t N + n. Actions and masks are
/// in the rollout itself.
struct Samples {
  std::vector<float> features;      // [K, F] encoded observations
  std::vector<float> old_log_prob;  // [K]
  std::vector<float> old_values;    // [K]
  std::vector<float> advantages;    // [K]
  std::vector<float> returns;       // [K]
  std::size_t num_features = 0;     // F

  void resize(std::size_t count, std::size_t features_each);
};

/// Throws Error unless minibatches divide a rollout of `num_samples`, with memory into whole rollouts
/// of envs.
void check_minibatch(const PpoConfig& config, std::size_t num_samples);

/// Which samples.
using Minibatch = Row<const std::int32_t>;

/// What one thread acts in: the network's outputs for its envs and their distributions.
struct ActingRows {
  explicit ActingRows(const ActionSpace& space) : likelihood(space) {}
  void resize(std::size_t num_envs, std::size_t output_columns);

  LikelihoodRows likelihood;
  std::vector<float> outputs, entropy;
};

/// What the loss of one chunk of a minibatch is made in, and its terms summed over the rows.
struct ChunkLossTerms {
  explicit ChunkLossTerms(const ActionSpace& space) : likelihood(space) {}
  void resize(std::size_t rows, std::size_t gaussian_components);

  LikelihoodRows likelihood;
  std::vector<float> log_prob, entropy, old_log_prob, advantages;  // [rows]
  std::vector<float> values, old_values, returns;                  // [rows]
  std::vector<float> log_prob_gradient, value_gradient, ratio;     // [rows]
  std::vector<double> log_std_gradient;                            // [A], starts at 0
  double policy_loss = 0, value_loss = 0, total_entropy = 0;
  PolicyShift shift;
};

/// Sums over the gradient steps of an iteration.
struct UpdateStatistics {
  double policy_loss = 0, value_loss = 0, entropy = 0, gradient_norm = 0, clipped = 0;
  double kl = 0;  // of the last gradient step
  int gradient_steps = 0;
  bool stopped_early = false;
};

/// All that is known of some samples, for whoever looks into a NaN.
std::vector<NamedArray> arrays_of(const Samples& samples, RolloutBuffer& rollout,
                                  const EnvSpec& spec, const Minibatch& batch);
/// The features of `count` samples from `first` on, which is all there is while acting.
std::vector<NamedArray> features_of(const Samples& samples, std::size_t first, std::size_t count);

/// Throws NonFiniteError, which names the first of the arrays that is not finite, else `name`, which
/// was computed from them.
[[noreturn]] void throw_nonfinite(std::string name, double value, std::int64_t step,
                                  std::vector<NamedArray> arrays);

}  // namespace tern
