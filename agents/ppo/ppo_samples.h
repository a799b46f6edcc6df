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
  std::vector<float> features;      // [K, F] encoded observations, and states
  std::vector<float> old_log_prob;  // [K]
  std::vector<float> old_values;    // [K]
  std::vector<float> advantages;    // [K]
  std::vector<float> returns;       // [K]
  std::size_t num_features = 0;     // F, without the states of a memory
  std::size_t num_states = 0;       // numbers of such a state, which stand behind the features

  void resize(std::size_t count, std::size_t features_each, std::size_t states_each);
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

// What is known of some samples, for whoever looks into a NaN, in the order in which one thing is made
// of the others.

/// What the network read in some rows of `rows`: what the env showed, and with memory its states.
std::vector<NamedArray> rows_read(const std::string& name, const float* rows,
                                  const Samples& samples, const EnvSpec& spec,
                                  const Minibatch& which);
/// What was seen, done and paid.
std::vector<NamedArray> experience_of(const Samples& samples, RolloutBuffer& rollout,
                                      const EnvSpec& spec, const Minibatch& batch);
/// That, and what is computed of it before the first gradient step.
std::vector<NamedArray> arrays_of(const Samples& samples, RolloutBuffer& rollout,
                                  const EnvSpec& spec, const Minibatch& batch);

}  // namespace tern
