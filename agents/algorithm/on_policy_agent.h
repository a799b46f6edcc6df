#pragma once
// The loop of agents that learn from rollouts of their present policy: schedules, rollout, learn.
// Each agent says how it learns, and its loss sample by sample. Std only.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/algorithm/on_policy_rollout.h"
#include "agents/config/on_policy_config.h"
#include "agents/kernels/optimizer.h"
#include "agents/policy/actor_critic_policy.h"
#include "core/threads/task_pool.h"

namespace tern {

/// What the loss of some rows of a batch is made of. Row r is sample index[r] of the rollout, and
/// row begin + r of the batch.
struct OnPolicyChunk {
  std::size_t number = 0;  // of the chunk, below kMaxChunks: chunks are computed at the same time
  std::size_t begin = 0;
  double share = 0;  // 1 / size of the batch
  Minibatch index;
  Row<const float> log_prob, entropy;  // log pi(a | s) and H(pi(. | s)) of the present policy
  Rows<const float> values;            // V(s)
  // To be written: the derivatives of the batch's loss.
  Row<float> log_prob_gradient;
  Rows<float> value_gradient;
};

class OnPolicyAgent : public Agent {
 public:
  void train(VecEnv& envs, TrainContext& context) final;
  std::int64_t step() const final { return step_; }
  std::int64_t iteration_steps() const final { return static_cast<std::int64_t>(num_samples()); }
  std::unique_ptr<Policy> snapshot() const final;
  void restart_episodes(VecEnv& envs, const std::vector<std::size_t>& which) final {
    for (const std::size_t i : which) rollout_.restart(envs, i);
  }

 protected:
  /// Parameters are drawn from the stream "<agent> initial parameters" and actions from "<agent>
  /// actions", agent being options.agent.
  OnPolicyAgent(const ActorCriticOptions& options, const EnvSpec& spec, std::size_t rollout_steps,
                std::size_t num_envs, std::uint64_t seed, const OptimizerOptions& optimizer = {},
                NetworkMaker make = make_network);
  OnPolicyAgent(const ActorCriticOptions& options, const EnvSpec& spec,
                const OnPolicyConfig& config, std::size_t num_envs, std::uint64_t seed,
                NetworkMaker make = make_network);

  /// Learns from the rollout, which holds T steps of N envs. Schedules stand at step_ of
  /// total_steps, where the rollout began.
  virtual void learn(std::int64_t total_steps) = 0;
  /// Adds the agent's own numbers to those of every agent.
  virtual void report(std::vector<Metric>& metrics) const = 0;

  /// Writes the gradient of a batch's loss
  ///   L = mean( loss - entropy_coef H(pi(. | s)) )
  /// The first term is the agent's: `loss` is called for chunks of the batch, on several threads at
  /// once, and writes its derivatives.
  using LossOfChunk = std::function<void(const OnPolicyChunk&)>;
  void compute_gradient(const Minibatch& batch, double entropy_coef, const LossOfChunk& loss);
  /// Takes the optimiser's step, with one norm over all parameters, actor and critic together.
  /// Returns the norm before scaling.
  double optimizer_step(double learning_rate, double max_grad_norm);
  /// The value; throws NonFiniteError if it is not finite, which keeps the batch that led to it.
  double checked(const char* name, double value, const Minibatch& batch);

  /// For load(): throws Error::failure unless what was read can be gone on with.
  void check_loaded();

  std::size_t num_samples() const { return rollout_.samples.count(); }  // K = T N

  EnvSpec spec_;
  ActorCriticPolicy policy_;
  Optimizer optimizer_;
  OnPolicyRollout rollout_;
  std::int64_t step_ = 0;  // environment steps done before the rollout
  bool has_started_ = false;

 private:
  /// What the likelihoods of a chunk are computed in.
  struct ChunkScratch {
    explicit ChunkScratch(const ActionSpace& space) : likelihood(space) {}
    LikelihoodRows likelihood;
    std::vector<float> log_prob, entropy, log_prob_gradient;  // [rows]
    std::vector<double> log_std_gradient;                     // [A], Box only
  };

  Network& network() { return *policy_.net.network; }
  void use_threads(std::size_t threads);
  void add_log_std_gradient();

  std::vector<ChunkScratch> chunks_;  // kMaxChunks
  std::unique_ptr<TaskPool> pool_;    // null: one thread
};

}  // namespace tern
